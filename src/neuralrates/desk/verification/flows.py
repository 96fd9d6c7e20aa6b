"""The swaps that a right enters as bonds, worked out of QuantLib's coupons alone."""

from dataclasses import dataclass

import numpy as np
import QuantLib as ql  # noqa: N813

from neuralrates.desk.verification.curves import QuantLibCurves
from neuralrates.desk.verification.exercise import Exercise
from neuralrates.desk.verification.fixings import Fixings, is_stated
from neuralrates.desk.verification.swap import SIGNS, QuantLibSwap
from neuralrates.products.swap import Side
from neuralrates.products.swaption import Swaption

Bonds = dict[int, float]
"""Amounts by the number of days from the valuation date."""

_DAYS_PER_YEAR = 365.0


@dataclass(frozen=True)
class Flows:
    """Rights on swaps as bonds; times in years, one row per exercise, one column per flow.

    Args:
        expiries: exercise times
        starts: starts of the swaps entered
        times: of the flows
        factors: discount factors of the flow times
        annuity: what a unit of strike pays
        floating: bonds that replicate the floating leg
        strike: fixed rate, decimal
    """

    expiries: np.ndarray
    starts: np.ndarray
    times: np.ndarray
    factors: np.ndarray
    annuity: np.ndarray
    floating: np.ndarray
    strike: float

    @property
    def receiver_values(self) -> np.ndarray:
        """Value today of each flow of each swap, to the receiver of the fixed rate."""
        return (self.strike * self.annuity - self.floating) * self.factors

    def swaption(self, side: Side) -> Swaption:
        """The rights as a product: a payer's as those of a receiver of the opposite flows."""
        sign = SIGNS[side]
        return Swaption.from_weights(
            self.expiries,
            self.times,
            sign * self.annuity,
            sign * self.floating,
            self.strike,
            "receiver",
            self.starts,
        )


def flows(
    exercises: list[Exercise], curves: QuantLibCurves, strike: float, known: Fixings
) -> Flows:
    """Bonds of all rights.

    Args:
        exercises: with the swaps they enter, per unit notional
        curves: QuantLib's
        strike: fixed rate, decimal
        known: rates fixed already, by fixing date
    """
    today = curves.discount.referenceDate()
    fixed = [_fixed_bonds(one.swap, today) for one in exercises]
    floating = [_floating_bonds(one.swap, curves, known) for one in exercises]
    starts = [one.swap.starts()[0] - today for one in exercises]
    for one, bonds in zip(exercises, floating, strict=True):
        for coupon in one.swap.fixed:
            paid, over = coupon.date() - today, coupon.rate() - strike
            step = coupon.nominal() * coupon.accrualPeriod() * over
            bonds[paid] = bonds.get(paid, 0.0) - step
        if one.fee:
            paid = (one.fee_date or one.swap.starts()[0]) - today
            bonds[paid] = bonds.get(paid, 0.0) + one.fee
    days = sorted(set(starts).union(*fixed, *floating))
    return Flows(
        np.array([one.date - today for one in exercises]) / _DAYS_PER_YEAR,
        np.array(starts) / _DAYS_PER_YEAR,
        np.array(days) / _DAYS_PER_YEAR,
        np.array([curves.discount.discount(today + one) for one in days]),
        _table(fixed, days),
        _table(floating, days),
        strike,
    )


def _fixed_bonds(swap: QuantLibSwap, today: ql.Date) -> Bonds:
    return {
        coupon.date() - today: coupon.nominal() * coupon.accrualPeriod() for coupon in swap.fixed
    }


def _floating_bonds(swap: QuantLibSwap, curves: QuantLibCurves, known: Fixings) -> Bonds:
    """Bonds of the floating leg: the basis between the curves deterministic, a payment lag to first order, a known coupon cash.

    Source: Henrard (2014), Interest Rate Modelling in the Multi-Curve Framework, sections 2.3 and 7.1.
    """
    today = curves.discount.referenceDate()
    discount, projection = curves.discount.discount, curves.projection.discount
    bonds: Bonds = {}

    def add(date: ql.Date, amount: float) -> None:
        bonds[date - today] = bonds.get(date - today, 0.0) + amount

    for coupon in swap.floating:
        paid = coupon.date()
        accrued = coupon.nominal() * coupon.accrualPeriod()
        if is_stated(coupon, known):
            add(paid, accrued * (known[coupon.fixingDate()] + coupon.spread()))
            add(coupon.accrualStartDate(), 0.0)
            continue
        start, own, share = _span(coupon, swap)
        growth = projection(start) / projection(own)
        amount = coupon.nominal() * share * discount(paid) / discount(own) * growth
        add(start, amount * discount(own) / discount(start))
        add(own, -amount)
        add(paid, coupon.nominal() * share * (growth - 1.0) + accrued * coupon.spread())
    return bonds


def _span(coupon: ql.FloatingRateCoupon, swap: QuantLibSwap) -> tuple[ql.Date, ql.Date, float]:
    """Start and end of the interest that a coupon's rate is of, and the share of it that the coupon pays.

    A term rate has its value on a business day, and ends on one, or after the index's own period.
    """
    index, start, end = coupon.index(), coupon.accrualStartDate(), coupon.accrualEndDate()
    if not swap.terms.overnight:
        start, end = swap.terms.calendar.adjust(start), swap.terms.calendar.adjust(end)
        end = index.maturityDate(start) if swap.indexed else end
    return start, end, coupon.accrualPeriod() / index.dayCounter().yearFraction(start, end)


def _table(rights: list[Bonds], days: list[int]) -> np.ndarray:
    return np.array([[bonds.get(day, 0.0) for day in days] for bonds in rights])
