"""Names of calendars, day counts and roll rules, and the QuantLib objects that do their work."""

import datetime
from functools import cache
from typing import Any, Literal

import QuantLib as ql  # noqa: N813

from neuralrates.core.errors import InputError

DayCount = Literal["Act/365F", "Act/360", "30/360", "30E/360", "Act/Act"]
Calendar = Literal["SOFR", "TARGET", "New York", "London", "London+New York", "Weekends"]
RollRule = Literal["modified following", "following", "preceding", "unadjusted"]

FIRST_DATE = datetime.date(1950, 1, 1)
LAST_DATE = datetime.date(2149, 12, 31)
_ORDINAL_OF_ZERO = datetime.date(1901, 1, 1).toordinal() - 367  # QuantLib's serial of that day

_DAY_COUNTS = {
    "Act/365F": ql.Actual365Fixed,
    "Act/360": ql.Actual360,
    "30/360": lambda: ql.Thirty360(ql.Thirty360.BondBasis),
    "30E/360": lambda: ql.Thirty360(ql.Thirty360.European),
    "Act/Act": lambda: ql.ActualActual(ql.ActualActual.ISDA),
}
_CALENDARS = {
    "SOFR": lambda: ql.UnitedStates(ql.UnitedStates.SOFR),
    "TARGET": ql.TARGET,
    "New York": lambda: ql.UnitedStates(ql.UnitedStates.Settlement),
    "London": lambda: ql.UnitedKingdom(ql.UnitedKingdom.Exchange),
    "London+New York": lambda: ql.JointCalendar(
        ql.UnitedKingdom(ql.UnitedKingdom.Exchange),
        ql.UnitedStates(ql.UnitedStates.Settlement),
        ql.JoinHolidays,
    ),
    "Weekends": ql.WeekendsOnly,
}
_ROLL_RULES = {
    "modified following": ql.ModifiedFollowing,
    "following": ql.Following,
    "preceding": ql.Preceding,
    "unadjusted": ql.Unadjusted,
}


@cache
def quantlib_day_count(name: str) -> ql.DayCounter:
    """QuantLib's day counter of this name."""
    return _look_up("day count", name, _DAY_COUNTS)()


@cache
def quantlib_calendar(name: str) -> ql.Calendar:
    """QuantLib's calendar of this name."""
    return _look_up("calendar", name, _CALENDARS)()


def quantlib_roll_rule(name: str) -> int:
    """QuantLib's business-day convention of this name."""
    return _look_up("roll rule", name, _ROLL_RULES)


def quantlib_date(date: datetime.date) -> ql.Date:
    """QuantLib's date for a Python date between the first and the last that calendars know."""
    if not FIRST_DATE.toordinal() <= date.toordinal() <= LAST_DATE.toordinal():
        raise InputError(f"expected a date between {FIRST_DATE} and {LAST_DATE}, found {date}")
    return ql.Date(date.toordinal() - _ORDINAL_OF_ZERO)


def python_date(date: ql.Date) -> datetime.date:
    """Python's date for a QuantLib date."""
    return datetime.date.fromordinal(date.serialNumber() + _ORDINAL_OF_ZERO)


def _look_up(kind: str, name: str, table: dict[str, Any]) -> Any:
    if name not in table:
        raise InputError(f"expected a {kind} among {', '.join(table)}, found {name!r}")
    return table[name]
