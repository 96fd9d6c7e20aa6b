"""Rights of an ORE trade as the fields of a dated trade."""

from typing import Any

import QuantLib as ql  # noqa: N813

from neuralrates.conventions.quantlib import quantlib_date
from neuralrates.trades.fields import shown
from neuralrates.trades.ore.schedules import calendar, roll, schedule
from neuralrates.trades.stated_legs import Leg, plain
from neuralrates.trades.stated_rights import NEAR, check_entered
from neuralrates.trades.xml_fields import Fields

_SETTLEMENTS = {"physical": "physical", "cash": "cash"}
_METHODS = {
    "PhysicalOTC": "physical",
    "PhysicalCleared": "physical",
    "CollateralizedCashPrice": "cash collateralised",
    "ParYieldCurve": "cash par yield",
    "ZeroCouponYield": "cash zero coupon",
    "": "",
}


def position(data: Fields) -> str:
    """Who holds the right."""
    return data.choice("LongShort", {"Long": "long", "Short": "short"}, "Long")


def option_fields(data: Fields, legs: list[Leg]) -> tuple[str, dict[str, Any]]:
    """Kind and fields of a right on the legs.

    Args:
        data: `OptionData`
        legs: of the swap

    Returns:
        `european` or `bermudan`, and exercises, settlement, premium.

    Raises:
        InputError: naming the field that cannot be honoured
    """
    styles = {"European": "european", "Bermudan": "bermudan"}
    style = data.choice("Style", styles, "Bermudan")
    exercises = _exercise_dates(data)
    notices = _notices(data, exercises)
    check_entered(data, "ExerciseDates", exercises, notices, legs, "NoticePeriod")
    fields: dict[str, Any] = {"exercise_dates": plain(tuple(notices))}
    fields["settlement"] = _settlement(data)
    fields |= premium_fields(data) | _fees(data, exercises, legs)
    data.ignored("OptionType", "PayoffType")
    data.nothing_of("PayOffAtExpiry", "MidCouponExercise", "AutomaticExercise", unless=("false",))
    data.done()
    return style, fields


def _exercise_dates(data: Fields) -> list[ql.Date]:
    dates, rules = data.optional("ExerciseDates"), data.optional("ExerciseSchedule")
    if (dates is None) == (rules is None):
        raise data.fault("ExerciseDates", "expected these or an ExerciseSchedule")
    if rules is not None:
        return list(schedule(rules).dates)
    assert dates is not None
    found = [
        quantlib_date(dates.as_date("ExerciseDate", one.text))
        for one in dates.elements("ExerciseDate")
    ]
    dates.done()
    if not found:
        raise data.fault("ExerciseDates", "expected a date, found nothing")
    return sorted(found)


def _notices(data: Fields, exercises: list[ql.Date]) -> list[ql.Date]:
    """When each exercise is decided: so long before it."""
    text = data.text("NoticePeriod", "0D")
    own = calendar(data, "NoticeCalendar", "NullCalendar")
    rule = roll(data, "NoticeConvention", "U")
    try:
        period = ql.Period(text)
    except RuntimeError:
        raise data.fault("NoticePeriod", f"expected a tenor like 5D, found {shown(text)}") from None
    back = ql.Period(-period.length(), period.units())
    return [own.advance(day, back, rule) for day in exercises]


def _fees(data: Fields, exercises: list[ql.Date], legs: list[Leg]) -> dict[str, Any]:
    """What the holder pays at each exercise: amounts, or shares of the notional from there on, each from a date on."""
    period = data.text("ExerciseFeeSettlementPeriod", "0D")
    own = calendar(data, "ExerciseFeeSettlementCalendar", "NullCalendar")
    rule = roll(data, "ExerciseFeeSettlementConvention", "U")
    inner = data.optional("ExerciseFees")
    stated = [] if inner is None else inner.elements("ExerciseFee")
    if inner is None or not stated:
        return {}
    inner.done()
    dates = [one.attributes.get("startDate", "") for one in stated]
    if not any(dates) and len(stated) > 1:
        since = [*exercises, *exercises[-1:] * len(stated)][: len(stated)]
    else:
        since = [
            quantlib_date(inner.as_date("ExerciseFee", day)) if day else exercises[0]
            for day in dates
        ]
    amounts = []
    for day in exercises:
        number = max(sum(start <= day for start in since) - 1, 0)
        amount = inner.as_number("ExerciseFee", stated[number].text)
        share = stated[number].attributes.get("type", "Absolute")
        if share not in ("Absolute", "Percentage"):
            raise inner.fault(
                "ExerciseFee", f"expected Absolute or Percentage, found {shown(share)}"
            )
        amounts.append(amount * _notional(legs, day) if share == "Percentage" else amount)
    try:
        paid = tuple(own.advance(day, ql.Period(period), rule) for day in exercises)
    except RuntimeError:
        found = f"expected a tenor like 5D, found {shown(period)}"
        raise data.fault("ExerciseFeeSettlementPeriod", found) from None
    return {"exercise_fees": amounts, "exercise_fee_dates": plain(paid)}


def _notional(legs: list[Leg], day: ql.Date) -> float:
    """Notional of the first fixed period that an exercise enters."""
    fixed = next(leg for leg in legs if leg.index is None)
    places = [n for n, start in enumerate(fixed.dates[:-1]) if start >= day - NEAR]
    return fixed.notionals[places[0] if places else -1]


def _settlement(data: Fields) -> str:
    kind = data.choice("Settlement", _SETTLEMENTS, "physical")
    method = data.choice("SettlementMethod", _METHODS, "")
    data.nothing_of("SettlementData", "PaymentData")
    if kind == "cash":
        return method if method.startswith("cash") else "cash par yield"
    return "physical"


def premium_fields(data: Fields) -> dict[str, Any]:
    """The premium of a trade, where it has one."""
    inner = data.optional("Premiums")
    several = (
        [] if inner is None else [Fields(one, inner.path) for one in inner.elements("Premium")]
    )
    if inner is not None:
        inner.done()
    amount = data.text("PremiumAmount", "")
    paid = data.text("PremiumPayDate", "")
    data.ignored("PremiumCurrency")
    if len(several) + bool(amount) > 1:
        raise data.fault("Premiums", f"expected one premium, found {len(several) + bool(amount)}")
    if several:
        (one,) = several
        found = (one.number("Amount"), one.date("PayDate"))
        one.ignored("Currency")
        one.done()
    elif amount:
        found = (data.as_number("PremiumAmount", amount), data.as_date("PremiumPayDate", paid))
    else:
        return {}
    return {} if found[0] == 0.0 else {"premium": found[0], "premium_date": found[1].isoformat()}
