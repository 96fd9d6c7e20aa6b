"""Points of a bundle's problem: a body in, prices out, in JSON or Arrow."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from neuralrates.bundles.bundle import Bundle
from neuralrates.bundles.limits import allowed_inputs, fault_of_input
from neuralrates.core.errors import InputError
from neuralrates.core.requests import EngineName, check_engine
from neuralrates.server.arrow import ARROW, read_arrow, write_arrow
from neuralrates.server.faults import FaultError, bad
from neuralrates.server.json_bodies import (
    JSON,
    check_known,
    numbers,
    read_json,
    text,
    write_json,
    written,
)
from neuralrates.server.point_prices import PointPrices, price_points

_FIELDS = ("points", "columns", "engine")
_UNIT = "per unit notional"
_MOST_BUNDLES = 64
Read = Callable[[bytes, Bundle, str], tuple[np.ndarray, str]]
Write = Callable[[Bundle, PointPrices, str], bytes]


def price(
    bundle: Bundle,
    body: bytes,
    *,
    sent: str,
    accepted: str,
    engine: str,
    largest: int,
    at_once: bool = False,
    demoted: str = "",
) -> tuple[bytes, PointPrices] | None:
    """The answer to a request for prices of points.

    Args:
        bundle: surrogate, problem and certificate
        body: of the request
        sent: its content type
        accepted: content type of the answer
        engine: which to ask, where the body does not say
        largest: points of one request
        at_once: whether there must be no waiting for a reference
        demoted: why the reference answers in any case; empty where it does not

    Returns:
        The body of the answer, and the prices in it; none where only a reference has them, and none is to be waited for.

    Raises:
        FaultError: naming the field, and the row where there is one
    """
    x, asked = _READERS[sent](body, bundle, engine)
    if not 1 <= len(x) <= largest:
        raise bad(f"expected from 1 to {largest:,} points, found {len(x):,}", "points")
    _check_units(bundle, x)
    checked = checked_engine(asked)
    prices = price_points(bundle, x, "reference" if demoted else checked, at_once=at_once)
    if prices is None:
        return None
    return _WRITERS[accepted](bundle, prices, demoted), prices


def checked_engine(engine: str) -> EngineName:
    """A known engine, or a refusal that lists them."""
    try:
        return check_engine(engine)
    except InputError as error:
        raise bad(error.expected, "engine") from None


def units(bundle: Bundle) -> dict[str, Any]:
    """Unit of every number of an answer."""
    slopes = {axis.name: f"{_UNIT} and {axis.unit}" for axis in bundle.domain.axes}
    return {"value": _UNIT, "error_band": _UNIT, "derivatives": slopes}


@functools.lru_cache(_MOST_BUNDLES)
def _written_units(bundle: Bundle) -> Any:
    return written(units(bundle))


def _from_json(body: bytes, bundle: Bundle, engine: str) -> tuple[np.ndarray, str]:
    document = read_json(body)
    check_known(document, _FIELDS)
    if ("points" in document) == ("columns" in document):
        raise bad(
            "expected either points, a list of rows, or columns, a list for each input", "points"
        )
    asked = text(document, "engine", engine)
    if "points" in document:
        x = numbers(document["points"], "points", 2)
        return _of_width(x, bundle), asked
    return _from_columns(document["columns"], bundle), asked


def _of_width(x: np.ndarray, bundle: Bundle) -> np.ndarray:
    names = bundle.domain.names
    if x.shape[1] != len(names):
        raise bad(f"expected {len(names)} numbers a row, found {x.shape[1]}", "points")
    return x


def _from_columns(columns: Any, bundle: Bundle) -> np.ndarray:
    if not isinstance(columns, dict):
        raise bad("expected a table with a list of numbers for each input", "columns")
    check_names(list(columns), bundle)
    found = [numbers(columns[name], f"columns.{name}", 1) for name in bundle.domain.names]
    return aligned(found, bundle)


def check_names(given: list[str], bundle: Bundle) -> None:
    """Raise unless columns are the inputs of a bundle, each once."""
    names = bundle.domain.names
    for name in given:
        if name not in names or given.count(name) > 1:
            raise bad(
                f"expected each input once, among {', '.join(names)}", f"columns.{name[:100]}"
            )
    for name in names:
        if name not in given:
            raise bad("expected a list of numbers, found nothing", f"columns.{name}")


def aligned(columns: list[np.ndarray], bundle: Bundle) -> np.ndarray:
    """Columns of one length, beside each other."""
    for name, column in zip(bundle.domain.names, columns, strict=True):
        if len(column) != len(columns[0]):
            expected = f"expected {len(columns[0])} numbers, as in the first, found {len(column)}"
            raise bad(expected, f"columns.{name}")
    return np.stack(columns, axis=1)


def _from_arrow(body: bytes, bundle: Bundle, engine: str) -> tuple[np.ndarray, str]:
    names, columns = read_arrow(body)
    check_names(names, bundle)
    return aligned([columns[name] for name in bundle.domain.names], bundle), engine


def _check_units(bundle: Bundle, x: np.ndarray) -> None:
    """Raise at the first number that its unit does not allow."""
    allowed = _allowed(bundle)(x)
    if allowed.all():
        return
    row, place = (int(found[0]) for found in np.nonzero(~allowed))
    axis = bundle.domain.axes[place]
    raise bad(fault_of_input(axis, float(x[row, place])), f"points.{axis.name}", row + 1)


@functools.lru_cache(_MOST_BUNDLES)
def _allowed(bundle: Bundle) -> Callable[[np.ndarray], np.ndarray]:
    return allowed_inputs(bundle.domain.axes)


def _to_json(bundle: Bundle, prices: PointPrices, demoted: str) -> bytes:
    names = bundle.domain.names
    return write_json(
        {
            "bundle": bundle.name,
            "units": _written_units(bundle),
            "value": prices.value,
            "error_band": prices.error_band,
            "engine": engine_names(prices),
            "in_domain": prices.in_domain,
            "derivatives": dict(zip(names, prices.derivatives, strict=True)),
            "status": prices.status,
        }
        | ({"demoted": demoted} if demoted else {})
    )


def _to_arrow(bundle: Bundle, prices: PointPrices, demoted: str) -> bytes:
    slopes = dict(zip(bundle.domain.names, prices.derivatives, strict=True))
    columns: dict[str, Any] = {
        "value": prices.value,
        "error_band": prices.error_band,
        "engine": engine_names(prices),
        "in_domain": prices.in_domain,
        **{f"d {name}": slope for name, slope in slopes.items()},
        "status": prices.status,
    }
    said = units(bundle)
    by_column = {"value": _UNIT, "error_band": _UNIT}
    by_column |= {f"d {name}": unit for name, unit in said["derivatives"].items()}
    return write_arrow(columns, by_column)


def engine_names(prices: PointPrices) -> list[str]:
    """Which engine answered, by point."""
    if prices.learned.all():
        return ["learned"] * len(prices.learned)
    return np.where(prices.learned, "learned", "reference").tolist()


_READERS: dict[str, Read] = {JSON: _from_json, ARROW: _from_arrow}
_WRITERS: dict[str, Write] = {JSON: _to_json, ARROW: _to_arrow}


def content_type(header: str) -> str:
    """The content type that the header of a body names; JSON where it names none."""
    kind = header.partition(";")[0].strip().lower() or JSON
    if kind not in _READERS:
        raise FaultError(415, f"expected {JSON} or {ARROW}", "content-type")
    return kind


def accepted_type(header: str) -> str:
    """The content type of an answer that the header `Accept` asks for; JSON where anything will do."""
    kinds = [part.partition(";")[0].strip().lower() for part in header.split(",")]
    for kind in kinds:
        if kind in _WRITERS:
            return kind
    if header and not {"", "*/*", "application/*"} & set(kinds):
        raise FaultError(406, f"expected {JSON} or {ARROW}", "accept")
    return JSON


def check_json(header: str) -> None:
    """Raise where the content type of a body is not JSON."""
    if content_type(header) != JSON:
        raise FaultError(415, f"expected {JSON}", "content-type")
