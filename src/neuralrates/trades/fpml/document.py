"""An FpML document as rows of a book: each trade as fields, or the field that stops it."""

import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from neuralrates.core.errors import InputError
from neuralrates.core.xml import Element
from neuralrates.trades.fields import shown
from neuralrates.trades.fpml.agreements import agreement_fields
from neuralrates.trades.fpml.context import Context
from neuralrates.trades.fpml.options import (
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
_MESSAGES = (
    "dataDocument", "requestConfirmation", "confirmationAgreed", "executionNotification", "requestClearing",
    "clearingConfirmed",
)  # fmt: skip
"""Whose trades are live as they stand; others take one back, change it or ask for something."""
_BESIDE = (
    "tradeHeader", "otherPartyPayment", "brokerPartyReference", "calculationAgent", "documentation", "governingLaw",
    "collateral", "allocations", "calculationAgentBusinessCenter", "determiningParty", "tradeSummary",
)  # fmt: skip
_ON_A_PRODUCT = (
    "primaryAssetClass", "secondaryAssetClass", "productType", "productId", "assetClass",
)  # fmt: skip


def rows_of_fpml(root: Element, path: Path) -> tuple[Row, ...]:
    """All trades of an FpML document, seen by the party that it is sent on behalf of, or else by its first.

    Args:
        root: of the document
        path: what messages call it

    Returns:
        Rows in the order of the file; a trade that is not priced here carries the field that stops it.

    Raises:
        InputError: where the file holds no trade, names no party, or is a message about trades that are not live

    Warns:
        UserWarning: by whom the trades are seen, where the document does not say so

    Source: FpML 5 recommendation, confirmation view, interest rate derivatives (`swap`, `swaption`, `capFloor`, `fra`).
    """
    root = _without_prefixes(root)
    if root.name not in _MESSAGES:
        expected = f"expected {' or '.join(_MESSAGES)}, found {shown(root.name)}"
        raise InputError(expected, file=path, line=root.line)
    context = Context.of(root, _ours(root, path))
    rows = tuple(_row(one, context, inside) for one, inside in _trades(root))
    if not rows:
        raise InputError("expected at least one trade, found none", file=path, line=root.line)
    return rows


def _ours(root: Element, path: Path) -> str:
    """Id of the party that the trades are seen by."""
    parties = [one.attributes.get("id", "") for one in root.children if one.name == "party"]
    if not parties or not parties[0]:
        raise InputError("expected a `party` with an id", file=path)
    stated = next((one for one in root.children if one.name == "onBehalfOf"), None)
    if stated is None:
        warnings.warn(
            f"{path}: trades are seen by party {shown(parties[0])}, the first of the document, which has no `onBehalfOf`",
            stacklevel=2,
        )
        return parties[0]
    found = next(
        (one.attributes.get("href", "") for one in _all(stated, "partyReference")), stated.text
    )
    if found not in parties:
        expected = f"expected a party of the document, found {shown(found)}"
        raise InputError(expected, file=path, line=stated.line, column="onBehalfOf")
    return found


def _without_prefixes(element: Element) -> Element:
    """The element and all in it by names without their namespace's prefix, and dates without a time zone."""
    return replace(
        element,
        name=element.name.rpartition(":")[2],
        text=_ZONE.sub(r"\1", element.text),
        children=[_without_prefixes(one) for one in element.children],
    )


def _trades(element: Element, inside: str = "") -> Iterator[tuple[Element, str]]:
    """Trades, each with the name of the element that it is in, where that is not the document itself."""
    for child in element.children:
        if child.name == "trade":
            yield child, inside
        else:
            yield from _trades(child, child.name)


def _row(element: Element, context: Context, inside: str) -> Row:
    place = Place(element.line)
    name = _name(element, context.ours)
    product = next((one.name for one in element.children if one.name not in _BESIDE), "")
    try:
        if inside:
            raise InputError("expected trades beside their parties, found one in it", column=inside)
        return Row({"trade_id": name, **_fields(element, product, context)}, place)
    except InputError as error:
        told = f"trade {name} ({product or 'trade'}): {error.expected}"
        fault = InputError(told, column=(error.column or "").lstrip("/") or "trade")
        return Row({"trade_id": name, "kind": product}, place, fault)


def _name(element: Element, ours: str) -> str:
    """What we call a trade; else the first name that it has."""
    for one in _all(element, "partyTradeIdentifier"):
        if any(by.attributes.get("href") == ours for by in _all(one, "partyReference")):
            for own in _all(one, "tradeId"):
                if own.text:
                    return own.text
    return next((one.text for one in _all(element, "tradeId") if one.text), "")


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
