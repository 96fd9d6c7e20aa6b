"""Legs of a trade as another system states them, and the fields of a dated trade that they are."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import QuantLib as ql  # noqa: N813

from neuralrates.conventions.quantlib import python_date, quantlib_calendar
from neuralrates.conventions.swap import SwapConvention, swap_convention
from neuralrates.trades.xml_fields import Fields


class LegNames(NamedTuple):
    """What a file calls fields of a leg, for messages.

    Args:
        leg: itself
        payer: who pays it
        currency: of its payments
        kind: whether it floats
        payment: when it pays
    """

    leg: str = "LegData"
    payer: str = "Payer"
    currency: str = "Currency"
    kind: str = "LegType"
    payment: str = "PaymentConvention"


@dataclass(frozen=True)
class Leg:
    """One leg of a trade.

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
        names: what its file calls its fields
        compounding: how periods that are paid together make up a payment; none where each pays by itself
        payment_frequency: tenor from one such payment to the next, or `once`
    """

    pays: bool
    currency: str
    dates: tuple[ql.Date, ...]
    notionals: tuple[float, ...]
    day_count: str
    payments: tuple[ql.Date, ...]
    place: Fields
    rates: tuple[float, ...] = ()
    index: str | None = None
    spreads: tuple[float, ...] = ()
    names: LegNames = LegNames()
    compounding: str | None = None
    payment_frequency: str = ""


def swap_fields(legs: list[Leg], data: Fields) -> dict[str, Any]:
    """Fields of a swap of one fixed against one floating leg, its kind left out.

    Raises:
        InputError: naming the field that no such swap has
    """
    fixed, floating = fixed_and_floating(legs)
    if len(fixed) != 1 or len(floating) != 1:
        found = f"{len(fixed)} fixed and {len(floating)} floating"
        name = legs[0].names.leg if legs else ""
        raise data.fault(name, f"expected a fixed and a floating leg, found {found}")
    fix, flt = fixed[0], floating[0]
    _check_exchanged(fix, flt)
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


def held_swap_fields(legs: list[Leg], data: Fields) -> dict[str, Any]:
    """Fields of a swap that is held, with its kind: fixed against floating, plain or compounding, or two floating legs."""
    fixed, floating = fixed_and_floating(legs)
    if not fixed and len(floating) == 2:
        return {"kind": "basis_swap", **_basis_fields(*floating)}
    fields = swap_fields(legs, data)
    (leg,) = floating
    if leg.compounding is None:
        return {"kind": "swap", **fields}
    own = {"compounding": leg.compounding, "payment_frequency": leg.payment_frequency}
    return {"kind": "compounding_swap", **fields, **own}


def _check_exchanged(one: Leg, other: Leg) -> None:
    if one.pays == other.pays:
        raise other.place.fault(other.names.payer, "expected one leg paid and one received")
    if one.currency != other.currency:
        raise other.place.fault(
            other.names.currency, f"expected {one.currency}, found {other.currency}"
        )


def _basis_fields(first: Leg, second: Leg) -> dict[str, Any]:
    """Fields of a swap of two floating legs, the term rate first: its projection is stated for it alone."""
    _check_exchanged(first, second)
    for leg in (first, second):
        if leg.compounding is not None:
            raise leg.place.fault("", "expected payments of one reset each on both floating legs")
    if swap_convention(str(first.index)).overnight:
        first, second = second, first
    both = [swap_convention(str(leg.index)) for leg in (first, second)]
    lags = [payment_lag([leg], rule) for leg, rule in zip((first, second), both, strict=True)]
    if lags[0] != lags[1]:
        raise second.place.fault(
            second.names.payment,
            f"expected payments as many days after the periods on both legs, found {lags[0]} and {lags[1]}",
        )
    own, other = (
        floating_fields(leg, rule) for leg, rule in zip((first, second), both, strict=True)
    )
    names = {"floating_dates": "second_dates", "floating_day_count": "second_day_count"}
    names |= {"spread": "second_spread", "spreads": "second_spreads"}
    notional = max(*first.notionals, *second.notionals)
    shares = {"floating_notionals": first.notionals, "second_notionals": second.notionals}
    return {
        "currency": first.currency,
        "index": first.index,
        "second_index": second.index,
        "side": "payer" if first.pays else "receiver",
        "notional": notional,
        "start_date": own["floating_dates"][0],
        "maturity_date": own["floating_dates"][-1],
        "payment_lag": lags[0],
        **own,
        **{names[name]: value for name, value in other.items() if name in names},
        **{name: one for name, one in shares.items() if set(one) != {notional}},
    }


def fixed_and_floating(legs: list[Leg]) -> tuple[list[Leg], list[Leg]]:
    """The legs of either kind."""
    return [leg for leg in legs if leg.index is None], [leg for leg in legs if leg.index]


def fixed_fields(leg: Leg) -> dict[str, Any]:
    """Dates, day count and coupons of a fixed leg."""
    days = plain(leg.dates)
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
        "floating_dates": plain(leg.dates),
        "floating_day_count": leg.day_count,
        "projection": projection(leg, convention),
        **spreads,
    }


def rate_fields(leg: Leg) -> dict[str, Any]:
    """Fields of a trade on the rates of one floating leg."""
    if leg.index is None:
        raise leg.place.fault(leg.names.kind, "expected a floating leg, found a fixed one")
    convention, days = swap_convention(leg.index), plain(leg.dates)
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
    raise leg.place.fault(leg.names.payment, f"{expected} on all legs, found others")


def _paid_after(leg: Leg, own: ql.Calendar, lag: int) -> bool:
    """Whether each payment is so many business days after the end of the last period that is paid then."""
    last = dict(zip(leg.payments, leg.dates[1:], strict=True))
    if lag == 0:
        return all(paid == end for paid, end in last.items())
    return all(paid == own.advance(end, lag, ql.Days) for paid, end in last.items())


def projection(leg: Leg, convention: SwapConvention) -> str:
    """Over the index's own period where the periods of the leg are of another length."""
    months = np.diff([day.serialNumber() for day in leg.dates]) / (365.25 / 12.0)
    regular = np.median(months)
    apart = abs(regular - convention.floating_months) > 0.5
    return "index" if apart and not convention.overnight else "accrual"


def notionals(fix: Leg, flt: Leg) -> dict[str, Any]:
    """Notional, and that of each period where it changes; floating periods have their own unless it is the fixed one's."""
    found: dict[str, Any] = {"notional": max(*fix.notionals, *flt.notionals)}
    if changes(fix.notionals) or fix.notionals[0] != found["notional"]:
        found["notionals"] = fix.notionals
    starts = [day.serialNumber() for day in fix.dates[:-1]]
    for day, amount in zip(flt.dates[:-1], flt.notionals, strict=True):
        inside = max(int(np.searchsorted(starts, day.serialNumber() + 7, side="right")) - 1, 0)
        earlier = max(int(np.searchsorted(starts, day.serialNumber(), side="right")) - 1, 0)
        if amount not in (fix.notionals[inside], fix.notionals[earlier]):
            found["floating_notionals"] = flt.notionals
    return found


def changes(numbers: tuple[float, ...]) -> bool:
    """Whether numbers by period are not all the same."""
    return len(set(numbers)) > 1


def plain(days: tuple[ql.Date, ...]) -> list[str]:
    """Dates as a book has them."""
    return [python_date(day).isoformat() for day in days]


def opposite_position(fields: dict[str, Any]) -> dict[str, Any]:
    """A swap with a right that the counterparty holds: it holds the other side of the swap, and its right."""
    other = {"payer": "receiver", "receiver": "payer"}
    return fields | {"position": "short", "side": other[fields["side"]]}
