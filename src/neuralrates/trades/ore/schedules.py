"""Dates of an ORE leg: its rules by QuantLib, or its list of dates."""

from dataclasses import dataclass

import QuantLib as ql  # noqa: N813

from neuralrates.conventions.quantlib import quantlib_date
from neuralrates.trades.fields import shown
from neuralrates.trades.xml_fields import Fields

_NEW_YORK = ql.UnitedStates(ql.UnitedStates.Settlement)
_CALENDARS = {
    "TARGET": ql.TARGET(), "TGT": ql.TARGET(), "EUR": ql.TARGET(),
    "US": _NEW_YORK, "USD": _NEW_YORK, "NYB": _NEW_YORK, "US-SET": _NEW_YORK, "USA": _NEW_YORK,
    "NEW YORK": _NEW_YORK, "US SETTLEMENT": _NEW_YORK,
    "US-GOV": ql.UnitedStates(ql.UnitedStates.GovernmentBond),
    "US-NYSE": ql.UnitedStates(ql.UnitedStates.NYSE),
    "US-FED": ql.UnitedStates(ql.UnitedStates.FederalReserve),
    "US-SOFR": ql.UnitedStates(ql.UnitedStates.SOFR),
    "UK": ql.UnitedKingdom(), "GB": ql.UnitedKingdom(), "GBP": ql.UnitedKingdom(),
    "LNB": ql.UnitedKingdom(), "LONDON": ql.UnitedKingdom(),
    "CH": ql.Switzerland(), "CHF": ql.Switzerland(), "ZUB": ql.Switzerland(),
    "JP": ql.Japan(), "JPY": ql.Japan(), "TKB": ql.Japan(),
    "SE": ql.Sweden(), "SEK": ql.Sweden(), "NO": ql.Norway(), "NOK": ql.Norway(),
    "DK": ql.Denmark(), "DKK": ql.Denmark(), "CA": ql.Canada(), "CAD": ql.Canada(),
    "TRB": ql.Canada(), "AU": ql.Australia(), "AUD": ql.Australia(), "SYB": ql.Australia(),
    "WEEKENDSONLY": ql.WeekendsOnly(), "NULLCALENDAR": ql.NullCalendar(),
}  # fmt: skip
_RULES = {
    "f": "f", "following": "f", "mf": "mf", "modifiedfollowing": "mf", "modified following": "mf",
    "p": "p", "preceding": "p", "mp": "mp", "modifiedpreceding": "mp",
    "modified preceding": "mp", "u": "u", "unadjusted": "u",
}  # fmt: skip
_ROLLS = {
    "f": ql.Following,
    "mf": ql.ModifiedFollowing,
    "p": ql.Preceding,
    "mp": ql.ModifiedPreceding,
    "u": ql.Unadjusted,
}
_GENERATIONS = {
    "forward": ql.DateGeneration.Forward,
    "backward": ql.DateGeneration.Backward,
    "zero": ql.DateGeneration.Zero,
}


@dataclass(frozen=True)
class Schedule:
    """Boundaries of the periods of a leg, and the calendar that they roll by."""

    dates: tuple[ql.Date, ...]
    calendar: ql.Calendar


def schedule(data: Fields) -> Schedule:
    """Schedule of a leg's `ScheduleData`; one block of rules or of dates."""
    rules, lists = data.elements("Rules"), data.elements("Dates")
    data.done()
    if len(rules) + len(lists) != 1:
        raise data.fault(
            "", f"expected one block of Rules or Dates, found {len(rules) + len(lists)}"
        )
    if rules:
        return _by_rules(Fields(rules[0], data.path))
    return _by_dates(Fields(lists[0], data.path))


def calendar(data: Fields, name: str, default: str | None = None) -> ql.Calendar:
    """Calendar of a field; several names between commas are joined."""
    found = []
    for one in data.text(name, default).split(","):
        if one.strip().upper() not in _CALENDARS:
            raise data.fault(name, f"this calendar is not known here: {shown(one.strip())}")
        found.append(_CALENDARS[one.strip().upper()])
    joined = found[0]
    for other in found[1:]:
        joined = ql.JointCalendar(joined, other, ql.JoinHolidays)
    return joined


def roll(data: Fields, name: str, default: str | None = None) -> int:
    """Business-day convention of a field."""
    return _ROLLS[data.choice(name, _RULES, default)]


def _by_rules(data: Fields) -> Schedule:
    own = calendar(data, "Calendar")
    start, end = (quantlib_date(data.date(name)) for name in ("StartDate", "EndDate"))
    rule = data.text("Convention", "MF")
    data_convention = _roll_of(data, "Convention", rule)
    terminal = roll(data, "TermConvention", rule)
    generation = _GENERATIONS[data.choice("Rule", {name: name for name in _GENERATIONS}, "forward")]
    tenor = _tenor(data, generation)
    end_of_month = data.flag("EndOfMonth")
    edges = [
        quantlib_date(data.as_date(name, value)) if (value := data.text(name, "")) else ql.Date()
        for name in ("FirstDate", "LastDate")
    ]
    data.nothing_of("RemoveFirstDate", "RemoveLastDate", unless=("false",))
    data.nothing_of("AdjustEndDateToPreviousMonthEnd", unless=("false",))
    data.done()
    edges = [ql.Date() if date in (start, end) else date for date in edges]
    try:
        made = ql.Schedule(
            start, end, tenor, own, data_convention, terminal, generation, end_of_month, *edges
        )
    except RuntimeError as error:
        raise data.fault("", f"QuantLib: {' '.join(str(error).split())}") from None
    return Schedule(_apart(data, list(made)), own)


def _tenor(data: Fields, generation: int) -> ql.Period:
    text = data.text("Tenor", "0D" if generation == ql.DateGeneration.Zero else None)
    try:
        return ql.Period(text)
    except RuntimeError:
        raise data.fault("Tenor", f"expected a tenor like 6M, found {shown(text)}") from None


def _roll_of(data: Fields, name: str, value: str) -> int:
    if value.lower() not in _RULES:
        raise data.fault(name, f"expected a roll rule like MF, found {shown(value)}")
    return _ROLLS[_RULES[value.lower()]]


def _by_dates(data: Fields) -> Schedule:
    own = calendar(data, "Calendar", "NullCalendar")
    rule = roll(data, "Convention", "U")
    data.ignored("Tenor")
    data.nothing_of("EndOfMonth", "IncludeDuplicateDates", unless=("false",))
    listed = data.inner("Dates")
    days = [quantlib_date(listed.as_date("Date", one.text)) for one in listed.elements("Date")]
    listed.done()
    data.done()
    return Schedule(_apart(data, [own.adjust(day, rule) for day in days]), own)


def _apart(data: Fields, days: list[ql.Date]) -> tuple[ql.Date, ...]:
    """The days, each once."""
    apart = [ql.Date(one) for one in sorted({day.serialNumber() for day in days})]
    if len(apart) < 2:
        raise data.fault("", "expected two dates at least, found less")
    return tuple(apart)
