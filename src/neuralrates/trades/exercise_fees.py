"""Fees that the holder of a right pays when it is exercised."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from neuralrates.conventions.dates import Dates, times_from
from neuralrates.core.errors import InputError
from neuralrates.trades.exercise import DatedRight
from neuralrates.trades.schedule import SwapSchedule, SwaptionSchedule


@dataclass(frozen=True)
class DatedFees:
    """What the holder pays at each exercise, per unit notional, and in years from a valuation date.

    Args:
        amounts: below zero where the holder receives; none where there are no fees
        dates: when they are paid
        times: the same in years
    """

    amounts: np.ndarray
    dates: Dates
    times: np.ndarray

    @classmethod
    def of(
        cls, right: DatedRight, amounts: Sequence[float], dates: Sequence[datetime.date] | None
    ) -> "DatedFees":
        """Fees of a right, checked against its exercises.

        Raises:
            InputError: unless there are as many as exercises, none paid before its exercise
        """
        count = right.exercises.size
        several = np.array(tuple(amounts) * count if len(amounts) == 1 else tuple(amounts))
        if several.size not in (0, count):
            raise InputError(
                f"expected one amount, or {count}: one per exercise, found {several.size}",
                column="exercise_fees",
            )
        paid = right.starts if dates is None else np.array(dates, dtype="datetime64[D]")
        if paid.size != count:
            raise InputError(
                f"expected {count} dates, one per exercise, found {paid.size}",
                column="exercise_fee_dates",
            )
        early = np.flatnonzero(paid < right.exercises)
        if early.size:
            first = early[0]
            raise InputError(
                f"expected a date on or after the exercise on {right.exercises[first]}, found {paid[first]}",
                column="exercise_fee_dates",
            )
        return cls(several, paid, np.zeros(several.size))

    def last(self, count: int, valuation_date: datetime.date) -> "DatedFees":
        """Those of the last so many exercises, in years from a valuation date."""
        kept = slice(self.dates.size - count, None) if self.amounts.size else slice(0, 0)
        dates = self.dates[kept]
        return DatedFees(self.amounts[kept], dates, times_from(valuation_date, dates))

    def added(self, schedule: SwaptionSchedule, sign: float) -> SwaptionSchedule:
        """A schedule with these fees; `sign` is +1 where exercise enters a receiver swap, -1 a payer one."""
        if not np.any(self.amounts):
            return schedule
        return SwaptionSchedule(
            schedule.exercise_times,
            schedule.start_times,
            self.beside(schedule.swap),
            sign * self.amounts,
            self.times,
        )

    def beside(self, swap: SwapSchedule) -> SwapSchedule:
        """A swap whose flow times hold those of the fees."""
        if not np.any(self.amounts):
            return swap
        flow_times = np.union1d(np.asarray(swap.flow_times), _new(self.times, swap))
        return SwapSchedule(swap.fixed, swap.floating, flow_times)


def _new(times: np.ndarray, swap: SwapSchedule) -> np.ndarray:
    """Times that are no flow times of a swap yet."""
    known = np.asarray(swap.flow_times)
    return np.array([time for time in times if np.min(np.abs(known - time)) > 1e-9])
