"""An ORE portfolio as rows of a book: each trade as fields, or the field that stops it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from neuralrates.core.errors import InputError
from neuralrates.core.xml import Element
from neuralrates.trades.ore.legs import index_of, read_leg
from neuralrates.trades.ore.options import option_fields, position, premium_fields
from neuralrates.trades.rows import Place, Row
from neuralrates.trades.stated_legs import (
    held_swap_fields,
    opposite_position,
    rate_fields,
    swap_fields,
)
from neuralrates.trades.stated_single_legs import single_leg_fields
from neuralrates.trades.xml_fields import Fields

Read = Callable[[Fields], dict[str, Any]]


def rows_of_portfolio(root: Element, path: Path) -> tuple[Row, ...]:
    """All trades of an ORE portfolio.

    Args:
        root: of the file
        path: what messages call it

    Returns:
        Rows in the order of the file; a trade that is not priced here carries the field that stops it.

    Raises:
        InputError: where the file holds no trade
    """
    rows = tuple(_rows(root))
    if not rows:
        raise InputError("expected at least one trade, found none", file=path)
    return rows


def _rows(root: Element) -> Iterator[Row]:
    for element in root.children:
        place = Place(element.line)
        trade_id = element.attributes.get("id", "")
        data = Fields(element)
        data.path = ""
        kind = ""
        try:
            kind = data.text("TradeType")
            yield Row({"trade_id": trade_id, **_fields(data, kind)}, place)
        except InputError as error:
            column = (error.column or "").lstrip("/") or "Trade"
            told = f"trade {trade_id} ({kind or element.name}): {error.expected}"
            named = {"trade_id": trade_id, "kind": kind or element.name}
            yield Row(named, place, InputError(told, column=column))


def _fields(data: Fields, kind: str) -> dict[str, Any]:
    """Fields of a trade, every one of its own read."""
    data.ignored("Envelope")
    data.nothing_of("TradeActions")
    if kind not in _KINDS:
        raise data.fault("TradeType", "trades of this type are not priced here")
    name, read = _KINDS[kind]
    inner = data.inner(name)
    data.done()
    return read(inner)


def _swap(data: Fields) -> dict[str, Any]:
    legs = [read_leg(Fields(one, data.path)) for one in data.elements("LegData")]
    data.nothing_of("Settlement", unless=("physical",))
    data.done()
    if len(legs) == 1:
        return {"kind": "swap", **single_leg_fields(legs[0])}
    return held_swap_fields(legs, data)


def _swaption(data: Fields) -> dict[str, Any]:
    option = data.inner("OptionData")
    legs = [read_leg(Fields(one, data.path)) for one in data.elements("LegData")]
    data.done()
    fields = swap_fields(legs, data)
    holder = position(option)
    kind, right = option_fields(option, legs)
    return {"kind": kind, "position": holder, **fields, **right}


def _callable(data: Fields) -> dict[str, Any]:
    option = data.inner("OptionData")
    legs = [read_leg(Fields(one, data.path)) for one in data.elements("LegData")]
    data.done()
    fields = swap_fields(legs, data)
    holder = position(option)
    _, right = option_fields(option, legs)
    fields |= {"kind": "cancellable", **right}
    return fields if holder == "long" else opposite_position(fields)


def _cap(data: Fields) -> dict[str, Any]:
    holder = position(data)
    leg = read_leg(data.inner("LegData"))
    rates = {name: _rates(data, several, one) for name, several, one in _OPTIONS}
    premium = premium_fields(data)
    data.nothing_of("PayFloatingLeg")
    data.done()
    fields = {"position": holder, **rate_fields(leg), **premium}
    match rates["cap"], rates["floor"]:
        case None, None:
            raise data.fault("Caps", "expected caps or floors, found nothing")
        case strike, None:
            return {"kind": "cap", "strike": strike, **fields}
        case None, strike:
            return {"kind": "floor", "strike": strike, **fields}
        case strike, floor:
            return {"kind": "collar", "strike": strike, "floor_strike": floor, **fields}
    raise AssertionError


def _rates(data: Fields, several: str, one: str) -> float | None:
    """Strike of all periods; None where there is none."""
    inner = data.optional(several)
    found = [] if inner is None else inner.elements(one)
    if inner is not None:
        inner.done()
    if not found:
        return None
    values = {data.as_number(several, element.text) for element in found}
    if len(values) > 1:
        raise data.fault(several, "expected the same for all periods, found several")
    return values.pop()


def _agreement(data: Fields) -> dict[str, Any]:
    bought = position(data) == "long"
    fields = {
        "kind": "fra",
        "currency": data.text("Currency"),
        "index": index_of(data, "Index"),
        "side": "payer" if bought else "receiver",
        "notional": data.number("Notional"),
        "strike": data.number("Strike"),
        "start_date": data.date("StartDate").isoformat(),
        "maturity_date": data.date("EndDate").isoformat(),
        "projection": "index",
    }
    data.done()
    return fields


_OPTIONS = (("cap", "Caps", "Cap"), ("floor", "Floors", "Floor"))
_KINDS: dict[str, tuple[str, Read]] = {
    "Swap": ("SwapData", _swap),
    "Swaption": ("SwaptionData", _swaption),
    "CallableSwap": ("CallableSwapData", _callable),
    "CapFloor": ("CapFloorData", _cap),
    "ForwardRateAgreement": ("ForwardRateAgreementData", _agreement),
}
