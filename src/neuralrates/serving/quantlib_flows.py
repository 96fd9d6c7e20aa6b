"""The rights of a dated trade as bonds, worked out of QuantLib's coupons alone."""

import datetime

import numpy as np
import QuantLib as ql  # noqa: N813

from neuralrates.conventions.dates import times_from
from neuralrates.conventions.quantlib import quantlib_date
from neuralrates.products.exercise import DatedRight
from neuralrates.products.swap import Side
from neuralrates.products.swaption import Swaption
from neuralrates.serving.quantlib_swap import QuantLibCurves, QuantLibSwap

Bonds = dict[int, float]
"""Amounts by the number of days from the valuation date."""


def swaption_of_coupons(
    swap: QuantLibSwap, right: DatedRight, curves: QuantLibCurves, strike: float, side: Side
) -> Swaption:
    """Right on a swap of QuantLib's, on bonds that replicate its coupons.

    Args:
        swap: the swap, per unit notional; the periods before each start are not entered
        right: exercises still to come
        curves: QuantLib's curves
        strike: fixed rate, decimal
        side: `payer` or `receiver` on exercise

    Returns:
        The swaption; it shares nothing with ours but the way a floating coupon is replicated.
    """
    today = curves.discount.referenceDate()
    entered = [swap.entered_from(_date(start)) for start in right.starts]
    fixed = [_fixed_bonds(one, today) for one in entered]
    floating = [_floating_bonds(one, curves) for one in entered]
    days = sorted(set().union(*fixed, *floating))
    valuation_date = datetime.date(today.year(), today.month(), today.dayOfMonth())
    return Swaption.from_weights(
        times_from(valuation_date, right.exercises),
        np.array(days) / 365.0,
        _table(fixed, days),
        _table(floating, days),
        strike,
        side,
        times_from(valuation_date, right.starts),
    )


def _fixed_bonds(swap: QuantLibSwap, today: ql.Date) -> Bonds:
    return {
        coupon.date() - today: coupon.nominal() * coupon.accrualPeriod() for coupon in swap.fixed
    }


def _floating_bonds(swap: QuantLibSwap, curves: QuantLibCurves) -> Bonds:
    """Bonds of the floating leg: the basis between the curves deterministic, a payment lag to first order.

    Source: Henrard (2014), Interest Rate Modelling in the Multi-Curve Framework, sections 2.3 and 7.1.
    """
    today = curves.discount.referenceDate()
    discount, projection = curves.discount.discount, curves.projection.discount
    bonds: Bonds = {}

    def add(date: ql.Date, amount: float) -> None:
        bonds[date - today] = bonds.get(date - today, 0.0) + amount

    for coupon in swap.floating:
        start, end, paid = coupon.accrualStartDate(), coupon.accrualEndDate(), coupon.date()
        growth = projection(start) / projection(end)
        lag = discount(paid) / discount(end)
        add(start, coupon.nominal() * lag * growth * discount(end) / discount(start))
        add(end, -coupon.nominal() * lag * growth)
        margin = coupon.spread() * coupon.accrualPeriod()
        add(paid, coupon.nominal() * (growth - 1.0 + margin))
    return bonds


def _table(rights: list[Bonds], days: list[int]) -> np.ndarray:
    return np.array([[bonds.get(day, 0.0) for day in days] for bonds in rights])


def _date(day: np.datetime64) -> ql.Date:
    return quantlib_date(day.astype(datetime.date))
