"""How a swaption of FpML is settled."""

from typing import Any

from neuralrates.trades.fields import shown
from neuralrates.trades.fpml.context import Context
from neuralrates.trades.xml_fields import Fields

_SETTLEMENTS = {
    "parYieldCurveAdjustedMethod": "cash par yield",
    "parYieldCurveUnadjustedMethod": "cash par yield",
    "collateralizedCashPriceMethod": "cash collateralised",
    "zeroCouponYieldAdjustedMethod": "cash zero coupon",
}
_NEAR = 7


def settlement_fields(data: Fields, currency: str, context: Context) -> dict[str, Any]:
    """Settlement by `cashSettlement` or `physicalSettlement`; physical where there is neither.

    Args:
        data: the swaption
        currency: of its swap
        context: of the document
    """
    cash, physical = data.optional("cashSettlement"), data.optional("physicalSettlement")
    if physical is not None:
        if cash is not None:
            raise data.fault("physicalSettlement", "expected this or a cashSettlement, found both")
        physical.ignored("clearedPhysicalSettlement")
        physical.done()
    if cash is None:
        return {"settlement": "physical"}
    methods = [one.name for one in cash.element.children if one.name.endswith("Method")]
    if len(methods) != 1 or methods[0] not in _SETTLEMENTS:
        raise cash.fault(methods[0] if methods else "", "this cash settlement is not priced here")
    _check_method(cash.inner(methods[0]), currency)
    cash.ignored("cashSettlementValuationTime")
    paid, valued = (cash.optional(f"cashSettlement{name}Date") for name in ("Payment", "Valuation"))
    later = 0 if paid is None else _paid_after(paid)
    if valued is not None:
        _check_valued(valued, later, context)
    cash.done()
    return {"settlement": _SETTLEMENTS[methods[0]]}


def _check_method(data: Fields, currency: str) -> None:
    """Refuse another currency than that of the swap, and rates other than the middle of the market."""
    data.ignored("settlementRateSource", "cashSettlementReferenceBanks")
    data.choice("quotationRateType", {"Mid": ""}, "Mid")
    found = data.text("cashSettlementCurrency", currency)
    data.done()
    if found != currency:
        raise data.fault("cashSettlementCurrency", f"expected {currency}, found {shown(found)}")


def _paid_after(data: Fields) -> int:
    """Days from exercise to cash; refused where it is paid at another time than about the start of the swap."""
    relative = data.inner("relativeDate")
    days, unit = _days_of(relative)
    data.done()
    if unit != "D" or not 0 <= days <= _NEAR:
        raise relative.fault(
            "periodMultiplier",
            f"expected cash paid when the swap would start, found {days}{shown(unit)} later",
        )
    return days


def _check_valued(data: Fields, later: int, context: Context) -> None:
    """Refuse a value of another day than that of the exercise, `later` days before it is paid."""
    relative = data.optional("dateRelativeTo")
    href = "" if relative is None else relative.element.attributes.get("href", "")
    target = context.by_id.get(href)
    from_payment = target is not None and target.name == "cashSettlementPaymentDate"
    days, unit = _days_of(data)
    own = -later if from_payment else 0
    if unit != "D" or days != own:
        raise data.fault(
            "periodMultiplier",
            f"expected {own}D, the day of the exercise, found {days}{shown(unit)}",
        )


def _days_of(data: Fields) -> tuple[int, str]:
    days, unit = data.whole("periodMultiplier"), data.text("period")
    data.ignored("dayType", "businessDayConvention", "businessCenters", "dateRelativeTo")
    data.ignored("businessCentersReference")
    data.done()
    return days, unit
