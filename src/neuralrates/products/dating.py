"""Dated legs of a swap, and their times seen from a valuation date."""

import datetime
from dataclasses import dataclass

import jax
import numpy as np

from neuralrates.conventions.dates import Dates, Stub, times_from, year_fractions
from neuralrates.conventions.quantlib import DayCount
from neuralrates.conventions.swap import SwapConvention
from neuralrates.core.errors import InputError
from neuralrates.core.types import Periods
from neuralrates.products.schedule import FixedPeriods, FloatingPeriods, SwapSchedule


@dataclass(frozen=True)
class DatedLeg:
    """Periods of one leg: dates, accruals, and notionals relative to the trade's."""

    starts: Dates
    ends: Dates
    payments: Dates
    accruals: np.ndarray
    notionals: np.ndarray

    def where(self, chosen: np.ndarray) -> "DatedLeg":
        """The periods chosen by a mask."""
        fields = (self.starts, self.ends, self.payments, self.accruals, self.notionals)
        return DatedLeg(*(field[chosen] for field in fields))

    def times(self, valuation_date: datetime.date) -> list[np.ndarray]:
        """Starts, ends and payments in years (Act/365F) from a valuation date."""
        dates = (self.starts, self.ends, self.payments)
        return [times_from(valuation_date, part) for part in dates]


@dataclass(frozen=True)
class DatedSwap:
    """Both legs of a swap on one index, whatever the valuation date.

    Args:
        convention: conventions of the index
        fixed: fixed leg
        floating: floating leg
        spread: decimal paid over the index
        current_fixing: rate of the floating period that has begun, decimal; none before it starts
    """

    convention: SwapConvention
    fixed: DatedLeg
    floating: DatedLeg
    spread: float
    current_fixing: float | None

    def entered_from(self, start: np.datetime64) -> "DatedSwap":
        """The swap without the periods that start before a date."""
        fixed = self.fixed.where(self.fixed.starts >= start)
        floating = self.floating.where(self.floating.starts >= start)
        return DatedSwap(self.convention, fixed, floating, self.spread, self.current_fixing)

    def schedule(self, valuation_date: datetime.date) -> SwapSchedule:
        """Periods not yet paid, in years from the valuation date.

        Raises:
            InputError: where everything is paid, or a floating rate is fixed but not given
        """
        today = np.datetime64(valuation_date, "D")
        fixed = self.fixed.where(self.fixed.payments > today)
        floating = self.floating.where(self.floating.payments > today)
        if floating.ends.size == 0 or floating.ends[-1] <= today:
            raise InputError(
                f"expected a date after the valuation date {valuation_date}, found {self.fixed.ends[-1]}",
                column="maturity_date",
            )
        return SwapSchedule(
            FixedPeriods(*_arrays(*fixed.times(valuation_date), fixed.accruals, fixed.notionals)),
            self._floating_periods(floating, valuation_date),
        )

    def _floating_periods(self, leg: DatedLeg, valuation_date: datetime.date) -> FloatingPeriods:
        starts, ends, payments = leg.times(valuation_date)
        weights, margins = np.ones(starts.size), np.full(starts.size, self.spread)
        if starts[0] < 0.0:
            weights[0], margin = self._fixed_period(leg, valuation_date)
            margins[0] += margin
        times = (np.maximum(starts, 0.0), ends, payments)
        return FloatingPeriods(*_arrays(*times, leg.accruals, leg.notionals, weights, margins))

    def _fixed_period(self, leg: DatedLeg, valuation_date: datetime.date) -> tuple[float, float]:
        """Multiple of the index still open in the period that has begun, and its rate so far."""
        if leg.ends[0] <= np.datetime64(valuation_date, "D"):
            raise InputError(
                f"expected no coupon between its end and its payment, found one that ended on {leg.ends[0]} and pays on "
                f"{leg.payments[0]}",
                column="start_date",
            )
        if self.current_fixing is None:
            raise InputError(
                f"expected a decimal like 0.0531, the rate of the floating period that began on {leg.starts[0]}, "
                "found nothing",
                column="current_fixing",
            )
        if not self.convention.overnight:
            return 0.0, self.current_fixing
        begun = leg.starts[0].astype(datetime.date)
        day_count = self.convention.floating_day_count
        elapsed = year_fractions([begun], [valuation_date], day_count)[0]
        growth = 1.0 + self.current_fixing * elapsed
        return growth, (growth - 1.0) / leg.accruals[0]


def dated_swap(
    convention: SwapConvention,
    start: datetime.date,
    maturity: datetime.date,
    stub: Stub,
    notionals: tuple[float, ...],
    spread: float,
    current_fixing: float | None,
) -> DatedSwap:
    """Both legs of a swap by the conventions of its index.

    Args:
        convention: conventions of the index
        start: start of the first period
        maturity: end of the last period
        stub: where an odd period goes
        notionals: notional of each fixed period relative to the trade's; all one when empty
        spread: decimal paid over the index
        current_fixing: rate of the floating period that has begun, decimal

    Returns:
        The dated swap.

    Raises:
        InputError: where the dates leave no period, or the notionals are not one per fixed period
    """
    fixed_dates = convention.period_dates(start, maturity, convention.fixed_months, stub)
    floating_dates = convention.period_dates(start, maturity, convention.floating_months, stub)
    periods = fixed_dates.size - 1
    weights = np.array(notionals or (1.0,) * periods)
    if weights.size != periods:
        raise InputError(
            f"expected one amount per fixed period, {periods} in all, found {weights.size}",
            column="notionals",
        )
    inside = np.searchsorted(fixed_dates, floating_dates[:-1], side="right") - 1
    fixed = _leg(convention, fixed_dates, convention.fixed_day_count, weights)
    if fixed.accruals.sum() <= 0.0:
        raise InputError(
            f"expected a fixed leg that accrues, found none from {start} to {maturity}",
            column="maturity_date",
        )
    floating = _leg(convention, floating_dates, convention.floating_day_count, weights[inside])
    return DatedSwap(convention, fixed, floating, spread, current_fixing)


def _leg(
    convention: SwapConvention, boundaries: Dates, day_count: DayCount, notionals: np.ndarray
) -> DatedLeg:
    dates = boundaries.astype(object)
    payments = np.array([convention.payment_date(end) for end in dates[1:]], dtype="datetime64[D]")
    accruals = year_fractions(dates[:-1], dates[1:], day_count)
    return DatedLeg(boundaries[:-1], boundaries[1:], payments, accruals, notionals)


def _arrays(*parts: np.ndarray) -> list[Periods]:
    """The parts as arrays of double precision, in one transfer."""
    return jax.device_put([np.asarray(part, dtype=np.float64) for part in parts])
