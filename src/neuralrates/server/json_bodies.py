"""Bodies in JSON: read once, numbers in bulk; written with one call."""

import itertools
import math
from array import array as doubles
from typing import Any

import numpy as np

from neuralrates.core.errors import InputError
from neuralrates.core.extras import extra
from neuralrates.core.strict_json import parse_json
from neuralrates.server.faults import FaultError, bad

with extra("server"):
    import orjson

JSON = "application/json"
_DEPTH = 2
"""Tables in each other that requests of points and trades have."""


def read_json(body: bytes) -> dict[str, Any]:
    """The table that a body holds, each field in it once; fast for many numbers.

    Every text has two quotation marks. A body with more of them than its fields and texts need has a field twice, or texts
    where there are seldom any: it is read again by the strict parser.

    Args:
        body: JSON in UTF-8

    Raises:
        FaultError: where it is no JSON, or no table, or has a field twice
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise FaultError(400, f"expected JSON: {error.msg}", None, error.lineno) from None
    if not isinstance(document, dict):
        raise FaultError(400, "expected a table of fields")
    if body.count(b'"') != 2 * _texts(document, _DEPTH):
        read_strict_json(body)
    return document


def _texts(value: Any, depth: int) -> int:
    """Fields and texts, as far down as requests have any; of lists those that begin with one."""
    match value:
        case str():
            return 1
        case dict() if depth:
            return len(value) + sum(_texts(one, depth - 1) for one in value.values())
        case list() if value and isinstance(value[0], str):
            return sum(isinstance(one, str) for one in value)
    return 0


def read_strict_json(body: bytes) -> dict[str, Any]:
    """The table that a body holds, each field in it once; slower, for what is read as a file would be."""
    try:
        document = parse_json(body.decode(), "body")
    except UnicodeDecodeError as error:
        raise FaultError(400, f"expected UTF-8 text, found another byte at {error.start}") from None
    except InputError as error:
        raise FaultError(400, error.expected, error.column, error.line) from None
    if not isinstance(document, dict):
        raise FaultError(400, "expected a table of fields")
    return document


def write_json(content: Any) -> bytes:
    """JSON of plain values and arrays; what is no finite number is null."""
    return orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY)


def written(content: Any) -> Any:
    """JSON that has been written once, to be put into others as it is."""
    return orjson.Fragment(write_json(content))


def check_known(document: dict[str, Any], known: tuple[str, ...]) -> None:
    """Raise where a table has a field that nobody reads."""
    for name in document:
        if name not in known:
            raise bad(f"expected fields among {', '.join(known)}", name[:100])


def text(document: dict[str, Any], field: str, default: str) -> str:
    """A field that is a short text."""
    found = document.get(field, default)
    if not isinstance(found, str) or len(found) > 100:
        raise bad("expected a short text", field)
    return found


def flag(document: dict[str, Any], field: str) -> bool:
    """A field that is true or false."""
    found = document.get(field, False)
    if not isinstance(found, bool):
        raise bad("expected true or false", field)
    return found


def numbers(found: Any, field: str, axes: int) -> np.ndarray:
    """An array of finite numbers.

    Args:
        found: lists, as many in each other as there are axes
        field: where they stand
        axes: of the array, 1 or 2

    Raises:
        FaultError: naming the first entry that is none
    """
    try:
        flat = found if axes == 1 else list(itertools.chain.from_iterable(found))
        alike = axes == 1 or len(set(map(len, found))) == 1
        if isinstance(found, list) and alike and flat and set(map(type, flat)) <= {int, float}:
            array = np.frombuffer(doubles("d", flat))
            if np.isfinite(array).all():
                return array if axes == 1 else array.reshape(len(found), -1)
    except (TypeError, OverflowError):
        pass
    raise _first_fault(found, field, axes)


def _first_fault(found: Any, field: str, axes: int) -> FaultError:
    """Which entry is no finite number, or which row is none."""
    if not isinstance(found, list):
        return bad("expected a list", field)
    width = None
    for number, row in enumerate(found, 1):
        cells = [row] if axes == 1 else row
        if not isinstance(cells, list):
            return bad("expected a list of numbers", field, number)
        if width not in (None, len(cells)):
            return bad(
                f"expected {width} numbers, as in the first, found {len(cells)}", field, number
            )
        width = len(cells)
        for place, cell in enumerate(cells, 1):
            if type(cell) not in (int, float) or not math.isfinite(cell):
                which = "" if axes == 1 else f" in place {place}"
                return bad(f"expected a finite number{which}", field, number)
    shape = "numbers" if axes == 1 else "rows of numbers"
    return bad(f"expected at least one of a list of {shape}", field)
