"""Legs of an ORE trade as the fields of a dated trade."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import QuantLib as ql  # noqa: N813

from neuralrates.conventions.quantlib import quantlib_calendar, quantlib_date
from neuralrates.conventions.swap import SwapConvention, index_name, known_indices, swap_convention
from neuralrates.trades.fields import shown
from neuralrates.trades.ore.fields import Fields
from neuralrates.trades.ore.schedules import Schedule, plain, roll, schedule

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


@dataclass(frozen=True)
class Leg:
    """One leg of an ORE trade.

    Args:
        pays: whether the trade as written pays it
        currency: ISO code
        dates: boundaries of its periods
        notionals: of each period, currency
        day_count: of its accruals
        payments: when its periods pay
        place: fields that it was read from, for messages
        rate: fixed rate, decimal; none on a floating leg
        index: floating rate; none on a fixed leg
        spread: over the index, decimal
    """

    pays: bool
    currency: str
    dates: Schedule
    notionals: tuple[float, ...]
    day_count: str
    payments: tuple[ql.Date, ...]
    place: Fields
    rate: float | None = None
    index: str | None = None
    spread: float = 0.0


def read_leg(data: Fields) -> Leg:
    """A `LegData`, fixed or floating; every other field stops it."""
    kind = data.choice("LegType", {"Fixed": "fixed", "Floating": "floating"})
    dates = schedule(data.inner("ScheduleData"))
    shared: dict[str, Any] = {
        "pays": data.flag("Payer", default=False),
        "currency": data.text("Currency"),
        "dates": dates,
        "notionals": _notionals(data, dates),
        "day_count": data.choice("DayCounter", _DAY_COUNTS),
        "payments": _payments(data, dates),
        "place": data,
    }
    own: dict[str, Any] = _fixed(data) if kind == "fixed" else _floating(data)
    data.nothing_of("StrictNotionalDates", unless=(_UNCHANGED, "true"))
    data.done()
    return Leg(**shared, **own)


def _fixed(data: Fields) -> dict[str, Any]:
    own = data.inner("FixedLegData")
    rate = _one_number(own, "Rates", "Rate")
    own.done()
    return {"rate": rate}


def _floating(data: Fields) -> dict[str, Any]:
    own = data.inner("FloatingLegData")
    found = index_of(own, "Index")
    _fixing_days(own, swap_convention(found))
    spread = _one_number(own, "Spreads", "Spread", 0.0)
    if _one_number(own, "Gearings", "Gearing", 1.0) != 1.0:
        raise own.fault("Gearings", "this is not priced here: expected 1, found another")
    overnight = swap_convention(found).overnight
    harmless = (_UNCHANGED, "true") if overnight else (_UNCHANGED,)
    own.nothing_of("IsInArrears", unless=harmless)
    own.nothing_of("IsAveraged", "NakedOption", "HasSubPeriods", unless=(_UNCHANGED,))
    own.nothing_of("IncludeSpread", "LocalCapFloor", unless=(_UNCHANGED,))
    own.nothing_of("Lookback", "RateCutoff", unless=("0", "0d"))
    own.done()
    return {"index": found, "spread": spread}


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


def _one_number(data: Fields, several: str, one: str, default: float | None = None) -> float:
    """The number that a list of them holds, once or as often as it likes."""
    inner = data.optional(several)
    found = [] if inner is None else inner.elements(one)
    if inner is not None:
        inner.done()
    values = {data.as_number(several, element.text) for element in found}
    if len(values) > 1:
        raise data.fault(several, "expected the same for all periods, found several")
    if not values and default is None:
        raise data.fault(several, "expected a number, found nothing")
    return values.pop() if values else float(default or 0.0)


def _notionals(data: Fields, dates: Schedule) -> tuple[float, ...]:
    """Notional of each period: the list in step with the periods, or from the dates it states on."""
    inner = data.inner("Notionals")
    _no_exchanges(inner)
    found = inner.elements("Notional")
    inner.done()
    if not found:
        raise data.fault("Notionals", "expected a notional, found nothing")
    data.nothing_of("Amortizations")
    starts = dates.dates[:-1]
    values = [inner.as_number("Notional", one.text) for one in found]
    since = [one.attributes.get("startDate", "") for one in found]
    if not any(since):
        if len(values) > len(starts):
            raise data.fault("Notionals", f"expected {len(starts)} at most, found {len(values)}")
        return tuple(values + values[-1:] * (len(starts) - len(values)))
    begun = [quantlib_date(inner.as_date("Notional", day)) for day in since[1:]]
    return tuple(values[sum(day <= start for day in begun)] for start in starts)


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


def swap_fields(legs: list[Leg], data: Fields) -> dict[str, Any]:
    """Fields of a swap of one fixed against one floating leg.

    Raises:
        InputError: naming the field that no such swap has
    """
    fixed = [leg for leg in legs if leg.rate is not None]
    floating = [leg for leg in legs if leg.index is not None]
    if len(fixed) != 1 or len(floating) != 1:
        found = f"{len(fixed)} fixed and {len(floating)} floating"
        raise data.fault("LegData", f"expected a fixed and a floating leg, found {found}")
    fix, flt = fixed[0], floating[0]
    if fix.pays == flt.pays:
        raise flt.place.fault("Payer", "expected one leg paid and one received")
    if fix.currency != flt.currency:
        raise flt.place.fault("Currency", f"expected {fix.currency}, found {flt.currency}")
    assert flt.index is not None
    convention = swap_convention(flt.index)
    starts = plain(fix.dates.dates)[0], plain(fix.dates.dates)[-1]
    return {
        "currency": fix.currency,
        "index": flt.index,
        "side": "payer" if fix.pays else "receiver",
        "strike": fix.rate,
        "spread": flt.spread,
        "start_date": starts[0],
        "maturity_date": starts[1],
        "fixed_dates": plain(fix.dates.dates),
        "floating_dates": plain(flt.dates.dates),
        "fixed_day_count": fix.day_count,
        "floating_day_count": flt.day_count,
        "payment_lag": payment_lag([fix, flt], convention),
        "projection": projection(flt, convention),
        **notionals(fix, flt),
    }


def rate_fields(leg: Leg) -> dict[str, Any]:
    """Fields of a trade on the rates of one floating leg."""
    if leg.index is None:
        raise leg.place.fault("LegType", "expected a floating leg, found a fixed one")
    convention, days = swap_convention(leg.index), plain(leg.dates.dates)
    several = {"notionals": leg.notionals} if len(set(leg.notionals)) > 1 else {}
    return {
        "currency": leg.currency,
        "index": leg.index,
        "notional": max(leg.notionals),
        "spread": leg.spread,
        "start_date": days[0],
        "maturity_date": days[-1],
        "floating_dates": days,
        "floating_day_count": leg.day_count,
        "payment_lag": payment_lag([leg], convention),
        "projection": projection(leg, convention),
        **several,
    }


def payment_lag(legs: list[Leg], convention: SwapConvention) -> int:
    """Business days from the ends of all periods to their payments, the same on all legs."""
    own = quantlib_calendar(convention.calendar)
    for lag in range(31):
        if all(_paid_after(leg, own, lag) for leg in legs):
            return lag
    leg = next((leg for leg in legs if not _paid_after(leg, own, 0)), legs[0])
    expected = f"expected payments as many business days ({convention.calendar}) after the periods"
    raise leg.place.fault("PaymentConvention", f"{expected} on all legs, found others")


def _paid_after(leg: Leg, own: ql.Calendar, lag: int) -> bool:
    ends = leg.dates.dates[1:]
    if lag == 0:
        return leg.payments == ends
    return leg.payments == tuple(own.advance(day, lag, ql.Days) for day in ends)


def projection(leg: Leg, convention: SwapConvention) -> str:
    """Over the index's own period where the periods of the leg are of another length."""
    months = np.diff([day.serialNumber() for day in leg.dates.dates]) / (365.25 / 12.0)
    regular = np.median(months)
    apart = abs(regular - convention.floating_months) > 0.5
    return "index" if apart and not convention.overnight else "accrual"


def notionals(fix: Leg, flt: Leg) -> dict[str, Any]:
    """Notional, and that of each fixed period where it changes; a floating period has that of the fixed one it lies in."""
    largest = max(fix.notionals)
    found: dict[str, Any] = {"notional": largest}
    if len(set(fix.notionals)) > 1:
        found["notionals"] = fix.notionals
    starts = [day.serialNumber() for day in fix.dates.dates[:-1]]
    for day, amount in zip(flt.dates.dates[:-1], flt.notionals, strict=True):
        inside = max(int(np.searchsorted(starts, day.serialNumber() + 7, side="right")) - 1, 0)
        earlier = max(int(np.searchsorted(starts, day.serialNumber(), side="right")) - 1, 0)
        if amount not in (fix.notionals[inside], fix.notionals[earlier]):
            expected = f"expected {fix.notionals[earlier]:.12g}, that of the fixed period around it"
            raise flt.place.fault("Notionals", f"{expected}, found {amount:.12g} from {day.ISO()}")
    return found
