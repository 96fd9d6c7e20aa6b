"""Legs of an ORE trade, every field read or refused by its name."""

from typing import Any

import QuantLib as ql  # noqa: N813

from neuralrates.conventions.swap import SwapConvention, index_name, known_indices, swap_convention
from neuralrates.trades.fields import shown
from neuralrates.trades.ore.by_period import by_period, elements_by_period
from neuralrates.trades.ore.schedules import Schedule, roll, schedule
from neuralrates.trades.stated_legs import Leg
from neuralrates.trades.xml_fields import Fields

_DAY_COUNTS = {
    "A360": "Act/360", "ACT/360": "Act/360", "Actual/360": "Act/360",
    "A365": "Act/365F", "A365F": "Act/365F", "ACT/365": "Act/365F", "ACT/365.FIXED": "Act/365F",
    "Actual/365 (Fixed)": "Act/365F", "ACT/365F": "Act/365F",
    "30/360": "30/360", "30/360 (Bond Basis)": "30/360", "T360": "30/360",
    "30E/360": "30E/360", "30E/360 (Eurobond Basis)": "30E/360", "30/360E": "30E/360",
    "ACT/ACT": "Act/Act", "ACT/ACT.ISDA": "Act/Act", "ActActISDA": "Act/Act",
    "Actual/Actual (ISDA)": "Act/Act", "ActAct": "Act/Act",
}  # fmt: skip
_UNCHANGED = "false"


def read_leg(data: Fields) -> Leg:
    """A `LegData`, fixed or floating; every other field stops it."""
    kind = data.choice("LegType", {"Fixed": "fixed", "Floating": "floating"})
    dates = schedule(data.inner("ScheduleData"))
    shared: dict[str, Any] = {
        "pays": data.flag("Payer", default=False),
        "currency": data.text("Currency"),
        "dates": dates.dates,
        "notionals": _notionals(data, dates),
        "day_count": data.choice("DayCounter", _DAY_COUNTS),
        "payments": _payments(data, dates),
        "place": data,
    }
    starts = dates.dates[:-1]
    own: dict[str, Any] = _fixed(data, starts) if kind == "fixed" else _floating(data, starts)
    data.nothing_of("StrictNotionalDates", unless=(_UNCHANGED, "true"))
    data.done()
    return Leg(**shared, **own)


def _fixed(data: Fields, starts: tuple[ql.Date, ...]) -> dict[str, Any]:
    own = data.inner("FixedLegData")
    rates = by_period(own, "Rates", "Rate", starts)
    own.done()
    return {"rates": rates}


def _floating(data: Fields, starts: tuple[ql.Date, ...]) -> dict[str, Any]:
    own = data.inner("FloatingLegData")
    found = index_of(own, "Index")
    _fixing_days(own, swap_convention(found))
    spreads = by_period(own, "Spreads", "Spread", starts, 0.0)
    if set(by_period(own, "Gearings", "Gearing", starts, 1.0)) != {1.0}:
        raise own.fault("Gearings", "this is not priced here: expected 1, found another")
    overnight = swap_convention(found).overnight
    harmless = (_UNCHANGED, "true") if overnight else (_UNCHANGED,)
    own.nothing_of("IsInArrears", unless=harmless)
    own.nothing_of("IsAveraged", "NakedOption", "HasSubPeriods", unless=(_UNCHANGED,))
    own.nothing_of("IncludeSpread", "LocalCapFloor", unless=(_UNCHANGED,))
    own.nothing_of("Lookback", "RateCutoff", unless=("0", "0d"))
    own.done()
    return {"index": found, "spreads": spreads}


def index_of(data: Fields, name: str) -> str:
    """Floating rate of a field, by the name that it has here."""
    text = data.text(name)
    found = index_name(text)
    if found not in known_indices():
        raise data.fault(name, f"this floating rate is not known here: {shown(text)}")
    return found


def _fixing_days(own: Fields, convention: SwapConvention) -> None:
    """Refuse a fixing lag other than the index's, where the rate is fixed once."""
    days = own.text("FixingDays", str(convention.spot_lag))
    if not convention.overnight and own.as_number("FixingDays", days) != convention.spot_lag:
        expected = f"expected {convention.spot_lag}, as {convention.index} is fixed"
        raise own.fault("FixingDays", f"{expected}, found {shown(days)}")


def _notionals(data: Fields, dates: Schedule) -> tuple[float, ...]:
    """Notional of each period."""
    inner = data.inner("Notionals")
    _no_exchanges(inner)
    data.nothing_of("Amortizations")
    return elements_by_period(inner, "Notional", dates.dates[:-1])


def _no_exchanges(inner: Fields) -> None:
    exchanges = inner.optional("Exchanges")
    if exchanges is not None:
        names = ("NotionalInitialExchange", "NotionalFinalExchange", "NotionalAmortizingExchange")
        exchanges.nothing_of(*names, unless=(_UNCHANGED,))
        exchanges.done()


def _payments(data: Fields, dates: Schedule) -> tuple[ql.Date, ...]:
    """When the periods of a leg pay."""
    rule = roll(data, "PaymentConvention", "F")
    own = dates.calendar
    if data.text("PaymentCalendar", ""):
        raise data.fault("PaymentCalendar", "this is not priced here: expected nothing")
    lag = ql.Period(_days(data, data.text("PaymentLag", "0D")), ql.Days)
    data.nothing_of("PaymentDates")
    return tuple(own.advance(day, lag, rule) for day in dates.dates[1:])


def _days(data: Fields, text: str) -> int:
    found = text.upper().removesuffix("D")
    if not found.isdigit() or int(found) > 30:
        raise data.fault("PaymentLag", f"expected business days from 0 to 30, found {shown(text)}")
    return int(found)
