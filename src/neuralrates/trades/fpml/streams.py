"""Streams of an FpML trade as legs, every field read or refused by its name."""

from typing import Any

import QuantLib as ql  # noqa: N813

from neuralrates.conventions.quantlib import quantlib_date
from neuralrates.conventions.swap import SwapConvention, known_indices, swap_convention
from neuralrates.trades.fields import shown
from neuralrates.trades.fpml.context import Context
from neuralrates.trades.fpml.periods import Periods, read_payments, read_periods
from neuralrates.trades.stated_legs import Leg, LegNames
from neuralrates.trades.xml_fields import Fields

DAY_COUNTS = {
    "ACT/360": "Act/360",
    "ACT/365.FIXED": "Act/365F",
    "30/360": "30/360",
    "30E/360": "30E/360",
    "ACT/ACT.ISDA": "Act/Act",
}
_OVERNIGHT = {
    "USD-SOFR-COMPOUND": "USD-SOFR", "USD-SOFR-OIS COMPOUND": "USD-SOFR", "USD-SOFR": "USD-SOFR",
    "USD-FEDERAL FUNDS-H.15-OIS-COMPOUND": "USD-FEDFUNDS", "USD-FEDERAL FUNDS-OIS COMPOUND": "USD-FEDFUNDS",
    "EUR-EUROSTR-COMPOUND": "EUR-ESTR", "EUR-EUROSTR-OIS COMPOUND": "EUR-ESTR", "EUR-EUROSTR": "EUR-ESTR",
    "EUR-EONIA-OIS-COMPOUND": "EUR-EONIA", "GBP-SONIA-COMPOUND": "GBP-SONIA", "GBP-SONIA": "GBP-SONIA",
    "GBP-WMBA-SONIA-COMPOUND": "GBP-SONIA", "GBP-SONIA-OIS COMPOUND": "GBP-SONIA",
}  # fmt: skip
_TERM = {
    f"{before}{source}": before
    for before in ("EUR-EURIBOR", "USD-LIBOR", "GBP-LIBOR")
    for source in ("", "-REUTERS", "-TELERATE", "-BBA")
}
_COMPOUNDING = {
    "Flat": "flat",
    "Straight": "straight",
    "SpreadExclusive": "spread exclusive",
    "None": "none",
}
_NAMES = LegNames(
    "swapStream",
    "payerPartyReference",
    "calculationPeriodAmount/calculation/notionalSchedule/notionalStepSchedule/currency",
    "calculationPeriodAmount/calculation/floatingRateCalculation",
    "paymentDates",
)
_FALSE = "false"
_FINE_DIGITS = 7
"""Of a decimal rate, as 5 of a percentage; what is rounded is next to nothing of a price."""


def read_stream(data: Fields, context: Context, party: str, *, with_rights: bool = False) -> Leg:
    """A `swapStream` or `capFloorStream`, fixed or floating; every other field stops it.

    Args:
        data: the stream
        context: of the document
        party: who is meant by the payer of the leg
        with_rights: whether caps and floors may be in it, which somebody else reads
    """
    pays = context.pays(data, party)
    periods = read_periods(data.inner("calculationPeriodDates"), context)
    payments = read_payments(data.inner("paymentDates"), periods, context)
    amount = data.inner("calculationPeriodAmount")
    calculation = amount.inner("calculation")
    amount.done()
    notionals, currency = _notionals(calculation, periods)
    shared: dict[str, Any] = {
        "pays": pays,
        "currency": currency,
        "dates": periods.dates,
        "notionals": notionals,
        "day_count": DAY_COUNTS[
            calculation.choice("dayCountFraction", {name: name for name in DAY_COUNTS})
        ],
        "payments": payments.dates,
        "place": data,
        "names": _NAMES,
    }
    method = _COMPOUNDING[
        calculation.choice("compoundingMethod", {name: name for name in _COMPOUNDING}, "None")
    ]
    fixed = calculation.optional("fixedRateSchedule")
    if fixed is not None:
        if payments.frequency:
            raise data.fault(
                "paymentDates/paymentFrequency",
                "expected a fixed rate paid each calculation period",
            )
        rates = _stepped(fixed, periods)
        own: dict[str, Any] = {"rates": _with_stub_rates(data, rates, periods)}
    else:
        own = _floating(data, calculation, periods, context, with_rights)
        overnight = swap_convention(own["index"]).overnight
        if payments.frequency and overnight:
            raise data.fault(
                "paymentDates/paymentFrequency",
                "expected an overnight rate paid each calculation period",
            )
        if payments.frequency and method == "none":
            raise calculation.fault(
                "compoundingMethod", "expected one where a payment is of several periods"
            )
        if payments.frequency:
            own |= {"compounding": method, "payment_frequency": payments.frequency}
    calculation.nothing_of("discounting")
    calculation.done()
    _no_exchanges(data)
    data.done()
    return Leg(**shared, **own)


def _with_stub_rates(data: Fields, rates: tuple[float, ...], periods: Periods) -> tuple[float, ...]:
    """Fixed rates, of which an odd first or last one may be stated apart."""
    stubs = data.optional("stubCalculationPeriodAmount")
    found = list(rates)
    if stubs is not None:
        stubs.ignored("calculationPeriodDatesReference")
        for name, place in (("initialStub", 0), ("finalStub", -1)):
            one = stubs.optional(name)
            if one is not None:
                if not periods.stubs[place]:
                    raise one.fault("stubRate", "expected nothing where that period is regular")
                found[place] = one.number("stubRate")
                one.done()
        stubs.done()
    return tuple(found)


def _notionals(data: Fields, periods: Periods) -> tuple[tuple[float, ...], str]:
    """Notional of each period, and its currency."""
    inner = data.inner("notionalSchedule")
    steps = inner.inner("notionalStepSchedule")
    inner.done()
    currency = steps.text("currency")
    return _stepped(steps, periods), currency


def _stepped(data: Fields, periods: Periods) -> tuple[float, ...]:
    """Value of each period of a schedule: the first one, or that of the last step on or before the period's start.

    A step is refused on any other day than the start of a period, rolled or not, and on that of another step.
    """
    places = {
        day.serialNumber(): place
        for days in (periods.unadjusted, periods.dates)
        for place, day in enumerate(days[:-1])
    }
    found: list[float | None] = [None] * (len(periods.dates) - 1)
    first = data.number("initialValue")
    for one in data.elements("step"):
        step = Fields(one, data.path)
        day = quantlib_date(step.date("stepDate"))
        place = places.get(day.serialNumber())
        if place is None or found[place] is not None:
            raise step.fault(
                "stepDate", f"expected the start of a period, each once, found {day.ISO()}"
            )
        found[place] = step.number("stepValue")
        step.done()
    data.done()
    values = [first]
    for value in found:
        values.append(values[-1] if value is None else value)
    return tuple(values[1:])


def _floating(
    data: Fields, calculation: Fields, periods: Periods, context: Context, with_rights: bool
) -> dict[str, Any]:
    rate = calculation.inner("floatingRateCalculation")
    index = index_of(rate)
    convention = swap_convention(index)
    spreads = rate.optional("spreadSchedule")
    found = (0.0,) * (len(periods.dates) - 1)
    if spreads is not None:
        spreads.nothing_of("type", unless=("long",))
        found = _stepped(spreads, periods)
    multiplier = rate.optional("floatingRateMultiplierSchedule")
    if multiplier is not None and set(_stepped(multiplier, periods)) != {1.0}:
        raise rate.fault(
            "floatingRateMultiplierSchedule", "this is not priced here: expected 1, found another"
        )
    rate.nothing_of("initialRate", "averagingMethod", "rateTreatment")
    _check_rounding(rate)
    rate.nothing_of("negativeInterestRateTreatment", unless=("negativeinterestratemethod",))
    if with_rights:
        rate.ignored("capRateSchedule", "floorRateSchedule")
    rate.done()
    _check_resets(data.inner("resetDates"), convention, periods.frequency, context)
    return {"index": index, "spreads": found}


def _check_rounding(data: Fields) -> None:
    """Refuse a rounding that can be seen in a price."""
    rounding = data.optional("finalRateRounding")
    if rounding is None:
        return
    rounding.ignored("roundingDirection")
    digits = rounding.number("precision")
    rounding.done()
    if digits < _FINE_DIGITS:
        raise rounding.fault(
            "precision", f"expected {_FINE_DIGITS} digits at least, found {digits:g}"
        )


def index_of(data: Fields) -> str:
    """Floating rate of `floatingRateIndex` and `indexTenor`, by the name that it has here."""
    text = data.text("floatingRateIndex")
    tenor = data.optional("indexTenor")
    if text.upper() in _OVERNIGHT:
        if tenor is not None:
            tenor.ignored("periodMultiplier", "period")
        return _OVERNIGHT[text.upper()]
    if text.upper() in _TERM and tenor is not None:
        length, unit = tenor.whole("periodMultiplier"), tenor.text("period")
        tenor.done()
        months = length * (12 if unit == "Y" else 1) if unit in ("M", "Y") else 0
        found = f"{_TERM[text.upper()]}-{months}M"
        if found in known_indices():
            return found
    raise data.fault("floatingRateIndex", f"this floating rate is not known here: {shown(text)}")


def _check_resets(
    data: Fields, convention: SwapConvention, frequency: ql.Period | None, context: Context
) -> None:
    """Refuse resets other than the index's own: one a period, fixed before it, or compounded overnight."""
    data.ignored("calculationPeriodDatesReference", "resetDatesAdjustments")
    relative = {"CalculationPeriodStartDate": "start"}
    if convention.overnight:
        relative["CalculationPeriodEndDate"] = "end"
    data.choice("resetRelativeTo", relative, "CalculationPeriodStartDate")
    cut_off = data.optional("rateCutOffDaysOffset")
    if cut_off is not None and cut_off.text("periodMultiplier") != "0":
        raise data.fault(
            "rateCutOffDaysOffset", "this is not priced here: expected nothing, found it"
        )
    fixing = data.optional("fixingDates")
    if fixing is not None:
        check_fixing(fixing, convention)
    resets = data.inner("resetFrequency")
    length, unit = resets.whole("periodMultiplier"), resets.text("period")
    resets.ignored("weeklyRollConvention")
    resets.done()
    data.done()
    daily = unit == "D" and length == 1
    if convention.overnight and daily:
        return
    own = (
        unit == "T"
        if frequency is None
        else ql.Period(f"{length}{unit}") == frequency
        if unit in "MY"
        else False
    )
    if not own:
        raise data.fault(
            "resetFrequency",
            f"expected one reset a calculation period, found one every {length}{shown(unit)}",
        )


def check_fixing(data: Fields, convention: SwapConvention) -> None:
    """Refuse fixings so many days before a rate starts, other than its own; an overnight rate has no lookback."""
    days, unit = data.whole("periodMultiplier"), data.text("period")
    data.choice("dayType", {"Business": ""}, "Business")
    data.ignored("businessDayConvention", "dateRelativeTo")
    data.ignored("businessCenters", "businessCentersReference")
    data.done()
    own = 0 if convention.overnight else -convention.spot_lag
    if (days, unit) != (own, "D"):
        raise data.fault(
            "periodMultiplier",
            f"expected {own}D, as {convention.index} is fixed, found {days}{shown(unit)}",
        )


def _no_exchanges(data: Fields) -> None:
    exchanges = data.optional("principalExchanges")
    if exchanges is not None:
        names = ("initialExchange", "finalExchange", "intermediateExchange")
        exchanges.nothing_of(*names, unless=(_FALSE,))
        exchanges.done()
    flows = data.optional("cashflows")
    if flows is not None and not flows.flag("cashflowsMatchParameters"):
        raise data.fault(
            "cashflows", "expected cash flows that match the parameters, which are read"
        )
