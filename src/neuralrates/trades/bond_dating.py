"""Bonds as swaps: what a bond pays is a fixed leg, less a floating one on the curve that discounts it, and its notional.

A note that floats on its own discount curve is worth its notional, so that a coupon bond is the receiver swap against it and
that notional, whatever is redeemed early; a right to call it is then a right to cancel that swap.
"""

import datetime
from dataclasses import replace
from typing import TypeVar

import equinox as eqx
import jax
import numpy as np

from neuralrates.conventions.dates import Dates, add_business_days
from neuralrates.conventions.swap import SwapConvention
from neuralrates.trades.dating import DatedSwap
from neuralrates.trades.fixings import Fixings
from neuralrates.trades.own_legs import OwnLegs
from neuralrates.trades.periods import FixedPeriods, FloatingPeriods
from neuralrates.trades.schedule import SwapSchedule

Some = TypeVar("Some", FixedPeriods, FloatingPeriods)
NOTHING_GROWN = Fixings(current_fixing=0.0)
"""A note on the discount curve is worth its notional at any date: nothing has compounded on it."""


def bond_legs(convention: SwapConvention, boundaries: Dates, lag: int) -> OwnLegs:
    """Fixed leg between dates that do not roll; the floating one from payment to payment.

    Args:
        convention: of the rate whose curve discounts the bond
        boundaries: of the coupon periods
        lag: business days from the end of a period to its payment
    """
    days = tuple(boundaries.astype(object))
    paid = tuple(add_business_days(day, lag, convention.calendar) for day in days)
    return OwnLegs(days, paid, None, None, 0)


def paid_on_business_days(swap: DatedSwap, calendar: str, lag: int) -> DatedSwap:
    """The swap whose fixed periods, which do not roll, pay on the business days after their ends."""
    ends = swap.fixed.ends.astype(object)
    paid = np.array([add_business_days(day, lag, calendar) for day in ends], dtype="datetime64[D]")
    return replace(swap, fixed=replace(swap.fixed, payments=paid))


def grown_by_nothing(swap: DatedSwap, valuation_date: datetime.date) -> DatedSwap:
    """The swap seen on a date within its floating periods, none of which has a fixing."""
    today = np.datetime64(valuation_date, "D")
    begun = (swap.floating.starts < today) & (swap.floating.payments > today)
    return replace(swap, fixings=NOTHING_GROWN) if begun.any() else swap


def with_notional(schedule: SwapSchedule) -> SwapSchedule:
    """The receiver swap and its notional: the bond, held."""
    floating = schedule.floating
    first = float(floating.start_times[0])
    cash = _cash(
        np.zeros(1),
        floating.end_times[:1],
        np.array([first]),
        -floating.notionals[:1] * floating.index_weights[:1],
    )
    return SwapSchedule(schedule.fixed, _joined(cash, floating), schedule.flow_times)


def with_redemptions(schedule: SwapSchedule) -> SwapSchedule:
    """The payer of a floating leg alone, and the notional as it is repaid: the note, held."""
    floating = schedule.floating
    repaid = -np.diff(np.append(np.asarray(floating.notionals), 0.0))
    some = np.abs(repaid) > 0.0
    starts, ends, payments = (np.asarray(times)[some] for times in floating.times())
    cash = _cash(starts, ends, payments, repaid[some])
    return SwapSchedule(schedule.fixed, _joined(cash, floating), schedule.flow_times)


def spread_over(schedule: SwapSchedule, spread: float) -> SwapSchedule:
    """A bond's swap with everything discounted by a spread more, continuous: a payment at t is worth $e^{-st}$ of itself.

    The notes that float from one payment to the next are worth what they are repaid by, $e^{-s t_{i-1}}$ at the start and
    $e^{-s t_i}$ at the end; the difference is a margin of about the spread over the curve's own rate.
    """
    if spread == 0.0:
        return schedule
    fixed, floating = schedule.fixed, schedule.floating
    start, end = (np.exp(-spread * np.asarray(times)) for times in floating.times()[:2])
    margins = (start - end) / np.asarray(floating.accruals)
    return SwapSchedule(
        _discounted(fixed, spread),
        eqx.tree_at(
            lambda one: (one.index_weights, one.margins),
            floating,
            (floating.index_weights * start, margins),
        ),
        schedule.flow_times,
    )


def note_spread_over(schedule: SwapSchedule, spread: float) -> SwapSchedule:
    """As `spread_over`, of a note whose floating rate is one that it pays: each payment is discounted."""
    if spread == 0.0:
        return schedule
    floating = _discounted(schedule.floating, spread)
    return SwapSchedule(schedule.fixed, floating, schedule.flow_times)


def _discounted(periods: Some, spread: float) -> Some:
    factors = np.exp(-spread * np.asarray(periods.payment_times))
    found: Some = eqx.tree_at(lambda one: one.notionals, periods, periods.notionals * factors)
    return found


def _cash(
    starts: np.ndarray, ends: np.ndarray, payments: np.ndarray, amounts: np.ndarray
) -> FloatingPeriods:
    """Amounts that are known, in the form of periods whose rates are."""
    one = np.ones(np.size(amounts))
    return FloatingPeriods(starts, ends, payments, one, one, 0.0 * one, np.asarray(amounts))


def _joined(first: FloatingPeriods, second: FloatingPeriods) -> FloatingPeriods:
    """Periods of both in order of their starts."""
    order = np.argsort(np.concatenate([first.start_times, second.start_times]), kind="stable")
    pairs = zip(jax.tree.leaves(first), jax.tree.leaves(second), strict=True)
    return FloatingPeriods(*(np.concatenate(pair)[order] for pair in pairs))
