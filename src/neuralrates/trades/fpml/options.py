"""Rights of an FpML trade: swaptions, cancellable swaps, caps, floors and forward rate agreements."""

from collections.abc import Callable
from typing import Any

import QuantLib as ql  # noqa: N813

from neuralrates.conventions.quantlib import quantlib_date
from neuralrates.trades.fpml.context import Context
from neuralrates.trades.fpml.premiums import with_premium
from neuralrates.trades.fpml.settlement import settlement_fields
from neuralrates.trades.fpml.streams import read_stream
from neuralrates.trades.stated_legs import Leg, opposite_position, plain, rate_fields, swap_fields
from neuralrates.trades.stated_rights import check_entered
from neuralrates.trades.xml_fields import Fields

_HARMLESS = (
    "earliestExerciseTime", "latestExerciseTime", "expirationTime", "expirationTimeType", "commencementDate",
)  # fmt: skip
_RATE = "calculationPeriodAmount/calculation/floatingRateCalculation"
_NEAR = 7


def swaption_fields(data: Fields, context: Context) -> dict[str, Any]:
    """Fields of a `swaption`, from the side of its buyer."""
    holder = context.buyer(data)
    position = "long" if holder == context.ours else "short"
    payments = [Fields(one, data.path) for one in data.elements("premium")]
    data.nothing_of("swaptionStraddle", unless=("false",))
    data.ignored(
        "calculationAgent",
        "calculationAgentPartyReference",
        "exerciseProcedure",
        "swaptionAdjustedDates",
    )
    swap = data.inner("swap")
    legs = [
        read_stream(Fields(one, swap.path), context, holder) for one in swap.elements("swapStream")
    ]
    swap.ignored("productType", "primaryAssetClass", "productId")
    swap.done()
    fields = swap_fields(legs, swap)
    kind, right = _right(data, legs, context)
    fields |= {
        "kind": kind,
        "position": position,
        **right,
        **settlement_fields(data, fields["currency"], context),
    }
    return with_premium(fields, payments, context)


def cancellable_fields(
    data: Fields, legs: list[Leg], swap: Fields, context: Context
) -> dict[str, Any]:
    """Fields of a swap with a `cancelableProvision`, legs as we hold them."""
    bought = context.buyer(data) == context.ours
    fields = swap_fields(legs, swap)
    _, right = _right(data, legs, context)
    data.ignored("exerciseNotice", "followUpConfirmation", "cancelableProvisionAdjustedDates")
    data.nothing_of("initialFee", "finalCalculationPeriodDateAdjustment")
    data.done()
    fields |= {"kind": "cancellable", **right}
    return fields if bought else opposite_position(fields)


def _right(data: Fields, legs: list[Leg], context: Context) -> tuple[str, dict[str, Any]]:
    """Kind of a right and its exercise dates, checked to enter both legs together."""
    several, one = data.optional("bermudaExercise"), data.optional("europeanExercise")
    data.nothing_of("americanExercise")
    if (several is None) == (one is None):
        raise data.fault("europeanExercise", "expected this or a bermudaExercise")
    exercise = one if several is None else several
    assert exercise is not None
    name = "expirationDate" if several is None else "bermudaExerciseDates"
    days = _days(exercise.inner(name), context)
    underlying = exercise.optional("relevantUnderlyingDate")
    exercise.ignored(*_HARMLESS)
    exercise.nothing_of("partialExercise", "multipleExercise", "exerciseFee", "exerciseFeeSchedule")
    exercise.done()
    enters = check_entered(exercise, name, days, days, legs)
    if underlying is not None:
        _check_underlying(underlying, days, enters, context)
    kind = "european" if several is None else "bermudan"
    return kind, {"exercise_dates": plain(tuple(days))}


def _days(data: Fields, context: Context) -> list[ql.Date]:
    """Days of `adjustableDate` or `adjustableDates`."""
    one, several = data.optional("adjustableDate"), data.optional("adjustableDates")
    data.nothing_of("relativeDate", "relativeDates", "relativeDateSequence", "businessDateRange")
    data.done()
    if one is not None:
        return [context.adjustable(one)[1]]
    if several is None:
        raise data.fault("adjustableDates", "expected dates, found nothing")
    stated = several.elements("unadjustedDate")
    rolled = context.adjustment(several.optional("dateAdjustments"))
    adjusted = [
        quantlib_date(Fields(one, several.path).own_date())
        for one in several.elements("adjustedDate")
    ]
    several.done()
    days = sorted(rolled(quantlib_date(Fields(one, several.path).own_date())) for one in stated)
    if adjusted and sorted(adjusted) != days:
        raise several.fault("adjustedDate", "expected each date as it rolls, found others")
    return days


def _check_underlying(
    data: Fields, days: list[ql.Date], enters: list[ql.Date], context: Context
) -> None:
    """Refuse swaps that start on other days than those that the exercises enter."""
    relative = data.optional("relativeDates") or data.optional("relativeDate")
    if relative is not None:
        relative.nothing_of("periodSkip", "scheduleBounds")
        move: Callable[[ql.Date], ql.Date] = context.offset(relative)
        found = [move(day) for day in days]
        data.done()
    else:
        found = _days(data, context)
    if len(found) != len(enters) or any(
        abs(day - start) > _NEAR for day, start in zip(found, enters, strict=True)
    ):
        raise data.fault(
            "",
            f"expected the periods that start next after each exercise, from {enters[0].ISO()} on, found {found[0].ISO()}",
        )


def cap_fields(data: Fields, context: Context) -> dict[str, Any]:
    """Fields of a `capFloor`."""
    stream = data.inner("capFloorStream")
    rates = _rates(stream)
    receives = not context.pays(Fields(stream.element, data.path), context.ours)
    leg = read_stream(stream, context, context.ours, with_rights=True)
    if leg.compounding is not None:
        raise stream.fault("paymentDates", "expected options on single resets")
    if any(leg.spreads):
        raise stream.fault(
            f"{_RATE}/spreadSchedule",
            "this is not priced here: expected nothing beside strikes, which leave a spread out, found one",
        )
    held = {
        name: bought == ("Receiver" if receives else "Payer") for name, (_, bought) in rates.items()
    }
    position = "long" if held.get("cap", held.get("floor")) else "short"
    if len(held) == 2 and held["cap"] == held["floor"]:
        raise stream.fault(
            _RATE,
            "expected a cap and a floor on opposite sides",
        )
    payments = [
        Fields(one, data.path)
        for name in ("premium", "additionalPayment")
        for one in data.elements(name)
    ]
    data.nothing_of("earlyTerminationProvision")
    fields = with_premium({"position": position, **rate_fields(leg)}, payments, context)
    values = {name: value for name, (value, _) in rates.items()}
    match values:
        case {"cap": cap, "floor": floor}:
            return {"kind": "collar", "strike": cap, "floor_strike": floor, **fields}
        case {"cap": cap}:
            return {"kind": "cap", "strike": cap, **fields}
        case {"floor": floor}:
            return {"kind": "floor", "strike": floor, **fields}
    raise stream.fault(
        _RATE,
        "expected caps or floors, found nothing",
    )


def _rates(stream: Fields) -> dict[str, tuple[float, str]]:
    """Strike of the caps and of the floors, and which side of the stream bought them."""
    element = stream.element
    for name in _RATE.split("/"):
        inside = [one for one in element.children if one.name == name]
        if len(inside) != 1:
            raise stream.fault(name, "expected it once")
        element = inside[0]
    found: dict[str, tuple[float, str]] = {}
    for name, field in (("cap", "capRateSchedule"), ("floor", "floorRateSchedule")):
        several = [Fields(one, stream.path) for one in element.children if one.name == field]
        if len(several) > 1:
            raise stream.fault(field, "expected it once")
        for one in several:
            found[name] = (one.number("initialValue"), _bought(one))
            one.done()
    return found


def _bought(data: Fields) -> str:
    """Which side of the stream bought a strike: its receiver, where neither `buyer` nor `seller` says so."""
    other = {"Payer": "Receiver", "Receiver": "Payer"}
    buyer, seller = (
        data.choice(name, {side: side for side in other}) if data.has(name) else ""
        for name in ("buyer", "seller")
    )
    if buyer and buyer == seller:
        raise data.fault("seller", f"expected {other[buyer]}, found {seller}, who buys")
    return buyer or other.get(seller, "Receiver")
