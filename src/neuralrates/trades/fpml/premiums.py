"""Premiums and fees that are paid once."""

from typing import Any

from neuralrates.conventions.quantlib import python_date
from neuralrates.trades.fields import shown
from neuralrates.trades.fpml.context import Context
from neuralrates.trades.stated_legs import opposite_position
from neuralrates.trades.xml_fields import Fields


def with_upfront(
    fields: dict[str, Any], payments: list[Fields], context: Context
) -> dict[str, Any]:
    """A swap with what is paid up front: where we are paid, the counterparty holds the other side of the swap, and pays."""
    paid = bool(payments) and not context.pays(Fields(payments[0].element), context.ours)
    return with_premium(opposite_position(fields) if paid else fields, payments, context)


def with_premium(
    fields: dict[str, Any], payments: list[Fields], context: Context
) -> dict[str, Any]:
    """A trade with the one premium that its holder pays.

    Args:
        fields: of the trade
        payments: elements that say what is paid once
        context: of the document

    Raises:
        InputError: where there are several, the holder is paid, or in another currency
    """
    if not payments:
        return fields
    if len(payments) > 1:
        raise payments[1].fault("", "expected one premium, found several")
    (data,) = payments
    if context.pays(data, context.ours) != (fields.get("position", "long") == "long"):
        raise data.fault(
            "payerPartyReference", "expected a premium that the holder of the trade pays"
        )
    amount = data.inner("paymentAmount")
    currency, value = amount.text("currency"), amount.number("amount")
    amount.done()
    if currency != fields["currency"]:
        raise amount.fault("currency", f"expected {fields['currency']}, found {shown(currency)}")
    data.ignored("premiumType", "paymentType", "settlementInformation")
    adjusted = data.text("adjustedPaymentDate", "")
    day = data.optional("paymentDate")
    if day is not None:
        paid = python_date(context.adjustable(_inside(day))[1])
    elif adjusted:
        paid = data.as_date("adjustedPaymentDate", adjusted)
    else:
        raise data.fault("paymentDate", "expected a date, found nothing")
    if adjusted and data.as_date("adjustedPaymentDate", adjusted) != paid:
        raise data.fault("adjustedPaymentDate", f"expected {paid}, found {adjusted}")
    data.done()
    premium = {"premium": value, "premium_date": paid.isoformat()}
    return fields if value == 0.0 else fields | premium


def _inside(data: Fields) -> Fields:
    """The day itself, or an `adjustableDate` around it."""
    return data.optional("adjustableDate") or data
