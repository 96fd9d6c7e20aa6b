"""Exercise dates of a dated right, and the start of the swap that each one enters."""

import datetime
from dataclasses import dataclass

import numpy as np

from neuralrates.conventions.dates import Dates, add_business_days, times_from
from neuralrates.core.checks import as_host_array
from neuralrates.core.errors import InputError
from neuralrates.trades.dating import DatedSwap
from neuralrates.trades.fixings import is_fixed
from neuralrates.trades.schedule import SwaptionSchedule


@dataclass(frozen=True)
class DatedRight:
    """When a right can be exercised, and from when the swap then runs; whatever the valuation date.

    An exercise enters every period, fixed and floating, that starts on or after `starts`; nothing of a period that has begun.

    Args:
        exercises: exercise dates, business days, increasing
        starts: start of the first period entered at each exercise
        given: exercise dates as the trade states them, before they roll; the exercises themselves where it states none
    """

    exercises: Dates
    starts: Dates
    given: Dates

    def after(self, valuation_date: datetime.date) -> "DatedRight":
        """The exercises still to come; those before the valuation date have lapsed.

        Raises:
            InputError: where none is left, or one falls on the valuation date itself
        """
        today = np.datetime64(valuation_date, "D")
        if (self.exercises == today).any():
            raise InputError(
                f"expected no exercise on the valuation date, found {valuation_date}: where it was exercised, enter the "
                "swap that it leaves; where not, give only the exercise_dates after it",
                column="exercise_dates",
            )
        alive = self.exercises > today
        if not alive.any():
            raise InputError(
                f"expected an exercise date after the valuation date {valuation_date}, "
                f"found {self.exercises[-1]} as the last",
                column="exercise_dates",
            )
        return DatedRight(self.exercises[alive], self.starts[alive], self.given[alive])

    def schedule(self, swap: DatedSwap, valuation_date: datetime.date) -> SwaptionSchedule:
        """Exercises and the periods they enter, in years from the valuation date."""
        return SwaptionSchedule(
            as_host_array(times_from(valuation_date, self.exercises)),
            as_host_array(times_from(valuation_date, self.starts)),
            swap.schedule(valuation_date, self.starts[0]),
        )

    def on_open_rates(self, swap: DatedSwap, valuation_date: datetime.date) -> SwaptionSchedule:
        """As `schedule`, for a right on a swap that nobody holds yet, so that no floating rate of it is stated.

        Raises:
            InputError: where the first rate that it enters is fixed already
        """
        first = self.starts[:1]
        if is_fixed(swap.convention, first, valuation_date)[0]:
            raise InputError(
                f"expected exercises into periods whose floating rate is still open, found {self.exercises[0]} into the "
                f"one that starts on {first[0]}: its rate was fixed before the valuation date {valuation_date}",
                column="exercise_dates",
            )
        return self.schedule(swap, valuation_date)


def right_on_dates(swap: DatedSwap, exercise_dates: tuple[datetime.date, ...]) -> DatedRight:
    """Right with explicit exercise dates.

    A date that is no business day rolls to the one before it, as a notice does. Each exercise enters the first fixed period
    whose start, rolled, is on or after it; several exercises may enter the same period.

    Args:
        swap: the swap entered
        exercise_dates: increasing

    Returns:
        The right.

    Raises:
        InputError: where an exercise leaves no whole period, or two of them roll to the same day
    """
    given = np.array(exercise_dates, dtype="datetime64[D]")
    rolled = [swap.convention.notice_date(date) for date in exercise_dates]
    exercises = np.array(rolled, dtype="datetime64[D]")
    last = swap.entries[-1]
    if exercises[-1] > last:
        raise InputError(
            f"expected exercise dates no later than {last}, where the last period starts, "
            f"found {_named(given[-1], exercises[-1])}",
            column="exercise_dates",
        )
    same = np.flatnonzero(exercises[1:] == exercises[:-1])
    if same.size:
        earlier, later = given[same[0]], given[same[0] + 1]
        raise InputError(
            f"expected one exercise a business day, found {earlier} and {later}, which both roll to {exercises[same[0]]}",
            column="exercise_dates",
        )
    starts = swap.entries[np.searchsorted(swap.entries, exercises)]
    return DatedRight(exercises, starts, given)


def right_on_whole(swap: DatedSwap, exercise_date: datetime.date) -> DatedRight:
    """Right to enter the whole swap on one date, rolled to the business day before it.

    Raises:
        InputError: where the exercise comes after the start of the swap
    """
    right = right_on_dates(swap, (exercise_date,))
    start = swap.entries[0]
    if right.exercises[0] > start:
        raise InputError(
            f"expected an exercise no later than {start}, where the swap starts, "
            f"found {_named(right.given[0], right.exercises[0])}",
            column="exercise_dates",
        )
    return right


def right_on_periods(
    swap: DatedSwap, first: datetime.date, months: int, notice_days: int
) -> DatedRight:
    """Right to enter at the starts of fixed periods, exercised so many business days before.

    Args:
        swap: the swap entered
        first: the first period entered starts on or after this date, rolled as the starts of periods are
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
    starts = swap.entries
    earliest = np.datetime64(min(first, swap.convention.rolled(first)), "D")
    entered = starts[starts >= earliest][:: months // length]
    if entered.size == 0:
        raise InputError(
            f"expected a date no later than {starts[-1]}, where the last period starts, found {first}",
            column="first_exercise_date",
        )
    calendar = swap.convention.calendar
    dates = [add_business_days(day, -notice_days, calendar) for day in entered.astype(object)]
    exercises = np.array(dates, dtype="datetime64[D]")
    return DatedRight(exercises, entered, exercises)


def _named(given: np.datetime64, rolled: np.datetime64) -> str:
    """A date, and what it rolls to where that is another one."""
    return str(given) if given == rolled else f"{given}, which rolls to {rolled}"
