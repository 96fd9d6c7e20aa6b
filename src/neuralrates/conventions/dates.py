"""Business days, schedules and year fractions; QuantLib does the work, without its global date."""

import datetime
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal, TypeAlias

import numpy as np
import QuantLib as ql  # noqa: N813
from numpy.typing import NDArray

from neuralrates.conventions.quantlib import (
    Calendar,
    DayCount,
    RollRule,
    python_date,
    quantlib_calendar,
    quantlib_date,
    quantlib_day_count,
    quantlib_roll_rule,
)
from neuralrates.core.errors import InputError

Dates: TypeAlias = np.ndarray
"""Dates as a numpy array of datetime64[D]."""

Stub = Literal["short front", "short back"]
_REMEMBERED = 1 << 16
"""Days of each kind that are worked out once: the trades of a book share most of theirs."""
_GENERATION = {
    "short front": ql.DateGeneration.Backward,
    "short back": ql.DateGeneration.Forward,
}


@lru_cache(_REMEMBERED)
def year_fraction(
    start: datetime.date, end: datetime.date, day_count: DayCount = "Act/365F"
) -> float:
    """Years from one date to another; by default the house's measure of time, Act/365F.

    Args:
        start: first date
        end: last date, before the first for a negative fraction
        day_count: name of the day count

    Returns:
        The year fraction.

    Source: ISDA Definitions (2006), section 4.16.

    Example:
        >>> import datetime
        >>> from neuralrates.conventions import year_fraction
        >>> year_fraction(datetime.date(2024, 3, 19), datetime.date(2025, 3, 19))
        1.0
    """
    return quantlib_day_count(day_count).yearFraction(quantlib_date(start), quantlib_date(end))


def year_fractions(
    starts: Iterable[datetime.date], ends: Iterable[datetime.date], day_count: DayCount
) -> NDArray[np.float64]:
    """Year fractions of the periods between two equally long sequences of dates."""
    pairs = zip(starts, ends, strict=True)
    return np.array([year_fraction(start, end, day_count) for start, end in pairs], dtype=float)


def times_from(
    valuation_date: datetime.date, dates: Dates | list[datetime.date]
) -> NDArray[np.float64]:
    """Times in years (Act/365F) from the valuation date; negative before it."""
    days = np.asarray(dates, dtype="datetime64[D]") - np.datetime64(valuation_date, "D")
    return days.astype(np.float64) / 365.0


@lru_cache(_REMEMBERED)
def adjust(date: datetime.date, calendar: Calendar, rule: RollRule) -> datetime.date:
    """The date itself if a business day, otherwise the one its roll rule gives."""
    roll = quantlib_roll_rule(rule)
    return python_date(quantlib_calendar(calendar).adjust(quantlib_date(date), roll))


@lru_cache(_REMEMBERED)
def add_business_days(date: datetime.date, days: int, calendar: Calendar) -> datetime.date:
    """The date so many business days later, or earlier where negative."""
    moved = quantlib_calendar(calendar).advance(quantlib_date(date), days, ql.Days)
    return python_date(moved)


@lru_cache(_REMEMBERED)
def add_months(
    date: datetime.date,
    months: int,
    calendar: Calendar,
    rule: RollRule = "modified following",
    *,
    end_of_month: bool = False,
) -> datetime.date:
    """The date so many months later, rolled to a business day; by choice from a last one of a month to a last one."""
    roll, day = quantlib_roll_rule(rule), quantlib_date(date)
    moved = quantlib_calendar(calendar).advance(day, months, ql.Months, roll, end_of_month)
    return python_date(moved)


def schedule_dates(
    start: datetime.date,
    end: datetime.date,
    months: int,
    calendar: Calendar,
    rule: RollRule = "modified following",
    stub: Stub = "short front",
) -> Dates:
    """Period boundaries from start to end, rolled to business days.

    An end that is a whole number of months after the start, once rolled, is read as its unrolled
    date: a swap from 2024-03-21 to 2054-03-23, a Monday, has no odd period of two days.

    Args:
        start: start of the first period
        end: end of the last period
        months: length of a regular period
        calendar: name of the calendar
        rule: name of the roll rule, of all dates including the last
        stub: where the odd period goes: `short front` counts back from the end

    Returns:
        Boundaries in increasing order, one more than periods.

    Raises:
        InputError: where start and end leave no period between business days

    Example:
        >>> import datetime
        >>> from neuralrates.conventions import schedule_dates
        >>> start, end = datetime.date(2024, 3, 21), datetime.date(2026, 3, 21)
        >>> [str(date) for date in schedule_dates(start, end, 12, "SOFR")]
        ['2024-03-21', '2025-03-21', '2026-03-23']
    """
    first, last = adjust(start, calendar, rule), adjust(end, calendar, rule)
    if first >= last:
        raise InputError(f"expected at least one business day from {start} to {end}, found none")
    roll = quantlib_roll_rule(rule)
    schedule = ql.Schedule(
        quantlib_date(start),
        quantlib_date(_unrolled(start, end, calendar, rule)),
        ql.Period(months, ql.Months),
        quantlib_calendar(calendar),
        roll,
        roll,
        _GENERATION[stub],
        False,
    )
    return np.unique(np.array([python_date(date) for date in schedule], dtype="datetime64[D]"))


def _unrolled(
    start: datetime.date, end: datetime.date, calendar: Calendar, rule: RollRule
) -> datetime.date:
    """The date whole months after the start that rolls to the same day as the end; else the end."""
    months = 12 * (end.year - start.year) + end.month - start.month
    regular = python_date(quantlib_date(start) + ql.Period(months, ql.Months))
    return regular if adjust(regular, calendar, rule) == adjust(end, calendar, rule) else end
