"""Exercise dates of a dated right, and the start of the swap that each one enters."""

import datetime
from dataclasses import dataclass

import numpy as np

from neuralrates.conventions.dates import Dates, add_business_days, times_from
from neuralrates.core.checks import as_array
from neuralrates.core.errors import InputError
from neuralrates.products.dating import DatedSwap
from neuralrates.products.schedule import SwaptionSchedule


@dataclass(frozen=True)
class DatedRight:
    """When a right can be exercised, and from when the swap then runs; whatever the valuation date.

    Args:
        exercises: exercise dates, increasing
        starts: start of the first period entered at each exercise
    """

    exercises: Dates
    starts: Dates

    def after(self, valuation_date: datetime.date) -> "DatedRight":
        """The exercises still to come.

        Raises:
            InputError: where none is left
        """
        alive = self.exercises > np.datetime64(valuation_date, "D")
        if not alive.any():
            raise InputError(
                f"expected an exercise date after the valuation date {valuation_date}, "
                f"found {self.exercises[-1]} as the last",
                column="exercise_dates",
            )
        return DatedRight(self.exercises[alive], self.starts[alive])

    def schedule(self, swap: DatedSwap, valuation_date: datetime.date) -> SwaptionSchedule:
        """Exercises and the periods they enter, in years from the valuation date."""
        return SwaptionSchedule(
            as_array(times_from(valuation_date, self.exercises)),
            as_array(times_from(valuation_date, self.starts)),
            swap.entered_from(self.starts[0]).schedule(valuation_date),
        )


def right_on_dates(swap: DatedSwap, exercise_dates: tuple[datetime.date, ...]) -> DatedRight:
    """Right with explicit exercise dates; each enters the first fixed period that starts no earlier.

    Raises:
        InputError: where an exercise date leaves no whole period
    """
    exercises = np.array(exercise_dates, dtype="datetime64[D]")
    last = swap.fixed.starts[-1]
    if exercises[-1] > last:
        raise InputError(
            f"expected exercise dates no later than {last}, where the last period starts, found {exercises[-1]}",
            column="exercise_dates",
        )
    return DatedRight(exercises, swap.fixed.starts[np.searchsorted(swap.fixed.starts, exercises)])


def right_on_periods(
    swap: DatedSwap, first: datetime.date, months: int, notice_days: int
) -> DatedRight:
    """Right to enter at the starts of fixed periods, exercised so many business days before.

    Args:
        swap: the swap entered
        first: the first period entered starts on or after this date
        months: months between exercises, a multiple of the fixed period
        notice_days: business days from exercise to the start of the period

    Returns:
        The right.

    Raises:
        InputError: where no period starts on or after the first date, or the months fit no period
    """
    length = swap.convention.fixed_months
    if months % length:
        raise InputError(
            f"expected a multiple of the fixed period of {length} months (use exercise_dates for others), "
            f"found {months} months",
            column="exercise_frequency",
        )
    starts = swap.fixed.starts
    entered = starts[starts >= np.datetime64(first, "D")][:: months // length]
    if entered.size == 0:
        raise InputError(
            f"expected a date no later than {starts[-1]}, where the last period starts, found {first}",
            column="first_exercise_date",
        )
    calendar = swap.convention.calendar
    exercises = [add_business_days(day, -notice_days, calendar) for day in entered.astype(object)]
    return DatedRight(np.array(exercises, dtype="datetime64[D]"), entered)
