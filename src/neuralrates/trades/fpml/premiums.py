"""Premiums and fees that are paid once."""

from typing import Any

from neuralrates.conventions.quantlib import python_date
from neuralrates.trades.fpml.context import Context
from neuralrates.trades.xml_fields import Fields


def premium_fields(
    payments: list[Fields], context: Context, position: str = "long"
) -> dict[str, Any]:
    """The one premium that the holder of a trade pays; nothing where there is none.

    Args:
        payments: elements that say what is paid once
        context: of the document
        position: whether we hold the trade, or the counterparty

    Raises:
        InputError: where there are several, or the holder is paid
    """
    if not payments:
        return {}
    if len(payments) > 1:
        raise payments[1].fault("", "expected one premium, found several")
    (data,) = payments
    if context.pays(data, context.ours) != (position == "long"):
        raise data.fault(
            "payerPartyReference", "expected a premium that the holder of the trade pays"
        )
    amount = data.inner("paymentAmount")
    amount.ignored("currency")
    value = amount.number("amount")
    amount.done()
    data.ignored(
        "premiumType",
        "paymentType",
        "settlementInformation",
        "pricePerOption",
        "percentageOfNotional",
    )
    adjusted = data.text("adjustedPaymentDate", "")
    day = data.optional("paymentDate")
    if adjusted:
        paid = data.as_date("adjustedPaymentDate", adjusted)
    elif day is not None:
        paid = python_date(context.adjustable(_inside(day))[1])
    else:
        raise data.fault("paymentDate", "expected a date, found nothing")
    data.done()
    return {} if value == 0.0 else {"premium": value, "premium_date": paid.isoformat()}


def _inside(data: Fields) -> Fields:
    """The day itself, or an `adjustableDate` around it."""
    return data.optional("adjustableDate") or data
