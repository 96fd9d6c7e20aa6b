"""An FpML document as rows of a book: each trade as fields, or the field that stops it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from neuralrates.core.errors import InputError
from neuralrates.core.xml import Element
from neuralrates.trades.fpml.context import Context
from neuralrates.trades.fpml.options import (
    agreement_fields,
    cancellable_fields,
    cap_fields,
    swaption_fields,
)
from neuralrates.trades.fpml.premiums import with_premium, with_upfront
from neuralrates.trades.fpml.streams import read_stream
from neuralrates.trades.rows import Place, Row
from neuralrates.trades.stated_legs import held_swap_fields
from neuralrates.trades.stated_single_legs import single_leg_fields
from neuralrates.trades.xml_fields import Fields

Read = Callable[[Fields, Context], dict[str, Any]]
_ZONE = re.compile(r"^([0-9]{4}-[0-9]{2}-[0-9]{2})(Z|[+-][0-9]{2}:[0-9]{2})$")
_BESIDE = (
    "tradeHeader", "otherPartyPayment", "brokerPartyReference", "calculationAgent", "documentation", "governingLaw",
    "collateral", "allocations", "calculationAgentBusinessCenter", "determiningParty", "tradeSummary",
)  # fmt: skip
_ON_A_PRODUCT = (
    "primaryAssetClass", "secondaryAssetClass", "productType", "productId", "assetClass",
)  # fmt: skip


def rows_of_fpml(root: Element, path: Path) -> tuple[Row, ...]:
    """All trades of an FpML document, seen by its first party.

    Args:
        root: of the document
        path: what messages call it

    Returns:
        Rows in the order of the file; a trade that is not priced here carries the field that stops it.

    Raises:
        InputError: where the file holds no trade, or names no party

    Source: FpML 5 recommendation, confirmation view, interest rate derivatives (`swap`, `swaption`, `capFloor`, `fra`).
    """
    root = _without_prefixes(root)
    parties = [one for one in root.children if one.name == "party"]
    if not parties or not parties[0].attributes.get("id"):
        raise InputError(
            "expected a `party` with an id: the first of the document is taken for ours", file=path
        )
    context = Context.of(root, parties[0].attributes["id"])
    rows = tuple(_row(one, context) for one in _trades(root))
    if not rows:
        raise InputError("expected at least one trade, found none", file=path, line=root.line)
    return rows


def _without_prefixes(element: Element) -> Element:
    """The element and all in it by names without their namespace's prefix, and dates without a time zone."""
    return replace(
        element,
        name=element.name.rpartition(":")[2],
        text=_ZONE.sub(r"\1", element.text),
        children=[_without_prefixes(one) for one in element.children],
    )


def _trades(element: Element) -> Iterator[Element]:
    for child in element.children:
        if child.name == "trade":
            yield child
        else:
            yield from _trades(child)


def _row(element: Element, context: Context) -> Row:
    place = Place(element.line)
    name = next((one.text for one in _all(element, "tradeId") if one.text), "")
    product = next((one.name for one in element.children if one.name not in _BESIDE), "")
    try:
        return Row({"trade_id": name, **_fields(element, product, context)}, place)
    except InputError as error:
        told = f"trade {name} ({product or 'trade'}): {error.expected}"
        fault = InputError(told, column=(error.column or "").lstrip("/") or "trade")
        return Row({"trade_id": name, "kind": product}, place, fault)


def _all(element: Element, name: str) -> Iterator[Element]:
    for child in element.children:
        if child.name == name:
            yield child
        yield from _all(child, name)


def _fields(element: Element, product: str, context: Context) -> dict[str, Any]:
    data = Fields(element)
    data.path = ""
    data.ignored(*(name for name in _BESIDE if name != "otherPartyPayment"))
    if product not in _PRODUCTS:
        raise data.fault(product or "trade", "trades of this type are not priced here")
    inner = data.inner(product)
    data.nothing_of("otherPartyPayment")
    data.done()
    inner.ignored(*_ON_A_PRODUCT)
    fields = _PRODUCTS[product](inner, context)
    inner.done()
    return fields


def _swap(data: Fields, context: Context) -> dict[str, Any]:
    legs = [
        read_stream(Fields(one, data.path), context, context.ours)
        for one in data.elements("swapStream")
    ]
    data.nothing_of("earlyTerminationProvision", "extendibleProvision", "additionalTerms")
    payments = [Fields(one, data.path) for one in data.elements("additionalPayment")]
    right = data.optional("cancelableProvision")
    if right is not None:
        fields = cancellable_fields(right, legs, data, context)
        return with_premium(fields, payments, context)
    alone = len(legs) == 1
    fields = (
        {"kind": "swap", **single_leg_fields(legs[0])} if alone else held_swap_fields(legs, data)
    )
    return with_upfront(fields, payments, context)


_PRODUCTS: dict[str, Read] = {
    "swap": _swap,
    "swaption": swaption_fields,
    "capFloor": cap_fields,
    "fra": agreement_fields,
}


def is_fpml(root: Element) -> bool:
    """Whether a root element is that of an FpML document, by its namespace or its version."""
    declared = " ".join(root.attributes.values()).lower()
    return "fpml" in declared or "fpmlVersion" in root.attributes
