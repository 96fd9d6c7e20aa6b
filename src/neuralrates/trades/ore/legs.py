"""Legs of an ORE trade as the fields of a dated trade."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import QuantLib as ql  # noqa: N813

from neuralrates.conventions.quantlib import quantlib_calendar
from neuralrates.conventions.swap import SwapConvention, index_name, known_indices, swap_convention
from neuralrates.trades.fields import shown
from neuralrates.trades.ore.by_period import by_period, changes, elements_by_period
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
        rates: fixed rate of each period, decimals; none on a floating leg
        index: floating rate; none on a fixed leg
        spreads: over the index in each period, decimals; none on a fixed leg
    """

    pays: bool
    currency: str
    dates: Schedule
    notionals: tuple[float, ...]
    day_count: str
    payments: tuple[ql.Date, ...]
    place: Fields
    rates: tuple[float, ...] = ()
    index: str | None = None
    spreads: tuple[float, ...] = ()


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


def swap_fields(legs: list[Leg], data: Fields) -> dict[str, Any]:
    """Fields of a swap of one fixed against one floating leg.

    Raises:
        InputError: naming the field that no such swap has
    """
    fixed, floating = fixed_and_floating(legs)
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
    return {
        "currency": fix.currency,
        "index": flt.index,
        "side": "payer" if fix.pays else "receiver",
        **fixed_fields(fix),
        **floating_fields(flt, convention),
        "payment_lag": payment_lag([fix, flt], convention),
        **notionals(fix, flt),
    }


def fixed_and_floating(legs: list[Leg]) -> tuple[list[Leg], list[Leg]]:
    """The legs of either kind."""
    return [leg for leg in legs if leg.index is None], [leg for leg in legs if leg.index]


def fixed_fields(leg: Leg) -> dict[str, Any]:
    """Dates, day count and coupons of a fixed leg."""
    days = plain(leg.dates.dates)
    several = {"coupons": leg.rates} if changes(leg.rates) else {}
    return {
        "strike": leg.rates[0],
        "start_date": days[0],
        "maturity_date": days[-1],
        "fixed_dates": days,
        "fixed_day_count": leg.day_count,
        **several,
    }


def floating_fields(leg: Leg, convention: SwapConvention) -> dict[str, Any]:
    """Dates, day count, spreads and projection of a floating leg."""
    spreads = {"spreads": leg.spreads} if changes(leg.spreads) else {"spread": leg.spreads[0]}
    return {
        "floating_dates": plain(leg.dates.dates),
        "floating_day_count": leg.day_count,
        "projection": projection(leg, convention),
        **spreads,
    }


def rate_fields(leg: Leg) -> dict[str, Any]:
    """Fields of a trade on the rates of one floating leg."""
    if leg.index is None:
        raise leg.place.fault("LegType", "expected a floating leg, found a fixed one")
    convention, days = swap_convention(leg.index), plain(leg.dates.dates)
    several = {"notionals": leg.notionals} if changes(leg.notionals) else {}
    return {
        "currency": leg.currency,
        "index": leg.index,
        "notional": max(leg.notionals),
        "start_date": days[0],
        "maturity_date": days[-1],
        **floating_fields(leg, convention),
        "payment_lag": payment_lag([leg], convention),
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
    """Notional, and that of each period where it changes; floating periods have their own unless it is the fixed one's."""
    found: dict[str, Any] = {"notional": max(*fix.notionals, *flt.notionals)}
    if changes(fix.notionals) or fix.notionals[0] != found["notional"]:
        found["notionals"] = fix.notionals
    starts = [day.serialNumber() for day in fix.dates.dates[:-1]]
    for day, amount in zip(flt.dates.dates[:-1], flt.notionals, strict=True):
        inside = max(int(np.searchsorted(starts, day.serialNumber() + 7, side="right")) - 1, 0)
        earlier = max(int(np.searchsorted(starts, day.serialNumber(), side="right")) - 1, 0)
        if amount not in (fix.notionals[inside], fix.notionals[earlier]):
            found["floating_notionals"] = flt.notionals
    return found
