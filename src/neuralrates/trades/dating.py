"""Dated legs of a swap, and their times seen from a valuation date."""

import datetime
import functools
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from neuralrates.conventions.dates import Dates, Stub, add_business_days, times_from, year_fractions
from neuralrates.conventions.quantlib import DayCount
from neuralrates.conventions.swap import SwapConvention
from neuralrates.core.errors import InputError
from neuralrates.trades.by_period import ByPeriod
from neuralrates.trades.fixings import Fixings, known_rates
from neuralrates.trades.own_legs import BY_CONVENTION, ROLLED_DAYS, OwnLegs
from neuralrates.trades.schedule import FixedPeriods, FloatingPeriods, SwapSchedule

Projection = Literal["accrual", "index"]
_ROLLED = np.timedelta64(ROLLED_DAYS, "D")
_REMEMBERED = 4096
"""Swaps whose dates are kept: a trade is read, resolved and looked at for slips, each time from its dates."""


@dataclass(frozen=True)
class DatedLeg:
    """Periods of one leg: dates, accruals, notionals relative to the trade's, and rates paid over the strike or the index."""

    starts: Dates
    ends: Dates
    payments: Dates
    accruals: np.ndarray
    notionals: np.ndarray
    margins: np.ndarray

    def where(self, chosen: np.ndarray) -> "DatedLeg":
        """The periods chosen by a mask."""
        dates = (self.starts, self.ends, self.payments)
        fields = (*dates, self.accruals, self.notionals, self.margins)
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
        fixings: floating rates that are stated
        projection: period over which a term rate is projected, that of the coupon or the index's own
    """

    convention: SwapConvention
    fixed: DatedLeg
    floating: DatedLeg
    fixings: Fixings
    projection: Projection = "accrual"

    @functools.cached_property
    def entries(self) -> Dates:
        """From when each fixed period and the floating ones beside it run: the legs may roll apart by some days."""
        return _entries(self.fixed.starts, self.floating.starts)

    def schedule(
        self, valuation_date: datetime.date, entered: np.datetime64 | None = None
    ) -> SwapSchedule:
        """Periods not yet paid, in years from the valuation date.

        Args:
            valuation_date: date of time zero
            entered: leave out the periods that start before this date

        Returns:
            The schedule.

        Raises:
            InputError: where everything is paid, or a floating rate is fixed but not given, or given but not fixed
        """
        today = np.datetime64(valuation_date, "D")
        first = min(self.fixed.starts[0], self.floating.starts[0]) if entered is None else entered
        if self.floating.payments[-1] <= today:
            raise InputError(
                f"expected a last payment after the valuation date {valuation_date}, found {self.floating.payments[-1]}",
                column="maturity_date",
            )
        starts, unpaid = self.floating.starts, self.floating.payments > today
        entered_rates = (starts >= first) & (self.floating.notionals > 0.0)
        rates = known_rates(
            self.fixings, self.convention, starts, unpaid, entered_rates, valuation_date
        )
        left = unpaid & (starts >= first)
        return SwapSchedule(
            self.fixed_periods(valuation_date, first),
            self._floating_periods(self.floating.where(left), rates[left], valuation_date),
        )

    def fixed_periods(self, valuation_date: datetime.date, first: np.datetime64) -> FixedPeriods:
        """Fixed periods from a date on that are not yet paid, in years from the valuation date."""
        unpaid = self.fixed.payments > np.datetime64(valuation_date, "D")
        fixed = self.fixed.where(unpaid & (self.fixed.starts >= first))
        start, end, paid = fixed.times(valuation_date)
        return FixedPeriods(start, end, paid, fixed.accruals, fixed.notionals, fixed.margins)

    def _floating_periods(
        self, leg: DatedLeg, rates: np.ndarray, valuation_date: datetime.date
    ) -> FloatingPeriods:
        span = self.spans(leg)
        starts, ends, payments = span.times(valuation_date)
        known, over = ~np.isnan(rates), ends <= 0.0
        index_accruals = self.index_accruals(span)
        weights = np.where(known, 0.0, leg.accruals / index_accruals)
        margins = np.where(known, rates, 0.0)
        for running in np.flatnonzero(known & ~over & self.convention.overnight):
            growth = self._growth(leg.starts[running], rates[running], valuation_date)
            weights[running] = growth * leg.accruals[running] / index_accruals[running]
            margins[running] = (growth - 1.0) / index_accruals[running]
        if self.projection == "index" and not self.convention.overnight:
            ends, weights = self._index_periods(span, known, ends, weights, valuation_date)
        times = (np.maximum(starts, 0.0), np.where(over, payments, ends), payments)
        return FloatingPeriods(*times, leg.accruals, leg.notionals, weights, margins + leg.margins)

    def spans(self, leg: DatedLeg) -> DatedLeg:
        """The periods that the rates run over: a term rate has its value, and ends, on business days."""
        if self.convention.overnight:
            return leg
        roll = self.convention.following_date
        starts, ends = (
            np.array([roll(day) for day in days.astype(object)], dtype="datetime64[D]")
            for days in (leg.starts, leg.ends)
        )
        return replace(leg, starts=starts, ends=ends)

    def index_accruals(self, leg: DatedLeg) -> np.ndarray:
        """Accruals of the periods by the day count of the index, which the leg's own may differ from."""
        day_count = self.convention.floating_day_count
        return year_fractions(leg.starts.astype(object), leg.ends.astype(object), day_count)

    def _index_periods(
        self,
        leg: DatedLeg,
        known: np.ndarray,
        ends: np.ndarray,
        weights: np.ndarray,
        valuation_date: datetime.date,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Ends of the index's own periods, and how much of its interest over them a coupon pays, where it is open."""
        starts = leg.starts.astype(object)
        maturities = [self.convention.index_maturity(start) for start in starts]
        own = year_fractions(starts, maturities, self.convention.floating_day_count)
        times = times_from(valuation_date, maturities)
        return np.where(known, ends, times), np.where(known, weights, leg.accruals / own)

    def _growth(self, begun: np.datetime64, rate: float, valuation_date: datetime.date) -> float:
        """What one unit has grown to by an overnight rate compounded so far."""
        day_count = self.convention.floating_day_count
        start = begun.astype(datetime.date)
        return 1.0 + rate * float(year_fractions([start], [valuation_date], day_count)[0])


def _entries(fixed: Dates, floating: Dates) -> Dates:
    """Start of each fixed period, or that of the floating period that starts some days before it."""
    before = floating[np.maximum(np.searchsorted(floating, fixed, side="right") - 1, 0)]
    near = (before < fixed) & (fixed - before <= _ROLLED)
    return np.where(near, before, fixed)


@functools.lru_cache(_REMEMBERED)
def dated_swap(
    convention: SwapConvention,
    start: datetime.date,
    maturity: datetime.date,
    stub: Stub,
    by_period: ByPeriod,
    fixings: Fixings,
    projection: Projection,
    own: OwnLegs = BY_CONVENTION,
) -> DatedSwap:
    """Both legs of a swap by the conventions of its index.

    Args:
        convention: conventions of the index
        start: start of the first period
        maturity: end of the last period
        stub: where an odd period goes
        by_period: notionals, coupons and spreads
        fixings: floating rates that are stated
        projection: period over which a term rate is projected
        own: what differs from the conventions

    Returns:
        The dated swap.

    Raises:
        InputError: where the dates leave no period, or what changes by period is not one per period
    """
    fixed_dates = _boundaries(
        own.fixed_dates, convention, start, maturity, convention.fixed_months, stub
    )
    floating_dates = _boundaries(
        own.floating_dates, convention, start, maturity, convention.floating_months, stub
    )
    weights, coupons = by_period.of_fixed(fixed_dates.size - 1)
    entries = _entries(fixed_dates[:-1], floating_dates[:-1])
    inside = np.maximum(np.searchsorted(entries, floating_dates[:-1], side="right") - 1, 0)
    fixed = _leg(
        fixed_dates,
        own.fixed_day_count or convention.fixed_day_count,
        (weights, coupons),
        _payments(convention, fixed_dates, own.payment_lag, own.fixed_dates is not None),
    )
    if fixed.accruals.sum() <= 0.0:
        raise InputError(
            f"expected a fixed leg that accrues, found none from {start} to {maturity}",
            column="maturity_date",
        )
    floating = _leg(
        floating_dates,
        own.floating_day_count or convention.floating_day_count,
        by_period.of_floating(weights[inside]),
        _payments(convention, floating_dates, own.payment_lag, own.floating_dates is not None),
    )
    return DatedSwap(convention, fixed, floating, fixings, projection)


def _boundaries(
    own: tuple[datetime.date, ...] | None,
    convention: SwapConvention,
    start: datetime.date,
    maturity: datetime.date,
    months: int,
    stub: Stub,
) -> Dates:
    """Starts of the periods and the last end: those stated, else those of the convention."""
    if own is None:
        return convention.period_dates(start, maturity, months, stub)
    return np.array(own, dtype="datetime64[D]")


def _payments(
    convention: SwapConvention, boundaries: Dates, own_lag: int | None, as_stated: bool
) -> Dates:
    """When the periods pay: some business days after their ends, or on the very ends where these are stated."""
    lag = convention.payment_lag if own_lag is None else own_lag
    if as_stated and lag == 0:
        return boundaries[1:]
    ends = boundaries[1:].astype(object)
    paid = [add_business_days(end, lag, convention.calendar) for end in ends]
    return np.array(paid, dtype="datetime64[D]")


def _leg(
    boundaries: Dates,
    day_count: DayCount,
    by_period: tuple[np.ndarray, np.ndarray],
    payments: Dates,
) -> DatedLeg:
    dates = boundaries.astype(object)
    accruals = year_fractions(dates[:-1], dates[1:], day_count)
    leg = DatedLeg(boundaries[:-1], boundaries[1:], payments, accruals, *by_period)
    for field in (leg.starts, leg.ends, leg.payments, leg.accruals, leg.notionals, leg.margins):
        field.setflags(write=False)  # a swap that is remembered is shared
    return leg
