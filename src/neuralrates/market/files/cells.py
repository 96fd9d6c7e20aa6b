"""Cells of the volatility tables of a market file, by the names of their rows and columns."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from neuralrates.market.volatility.swaption_volatility import QuoteType, check_volatility

_TABLE = "volatilities"
_AXES = {
    "swaption_volatility": ("expiries", "tenors"),
    "smile": ("offsets", "expiries", "tenors"),
    "cap_volatility": ("terms", "strikes"),
}


def check_cells(
    name: str, table: np.ndarray, axes: Sequence[Sequence[object]], quote_type: QuoteType = "normal"
) -> None:
    """Raise for the first volatility that cannot be meant, naming its cell.

    Args:
        name: of the field
        table: volatilities
        axes: labels of its rows, columns and so on
        quote_type: what is quoted

    Raises:
        ValueError: as `check_volatility`

    Example:
        >>> import numpy as np
        >>> from neuralrates.market.files.cells import check_cells
        >>> check_cells("volatilities", np.array([[0.01, -0.01]]), [["1Y"], ["5Y", "10Y"]])
        Traceback (most recent call last):
        ValueError: at 1Y x 10Y: Argument `volatilities` must be at least 0.0, but is -0.01.
    """
    try:
        check_volatility(name, table, quote_type)
    except ValueError:
        for place in np.ndindex(*table.shape):
            _check_cell(name, float(table[place]), axes, place, quote_type)
        raise


def _check_cell(
    name: str,
    volatility: float,
    axes: Sequence[Sequence[object]],
    place: Sequence[int],
    quote_type: QuoteType,
) -> None:
    try:
        check_volatility(name, volatility, quote_type)
    except ValueError as error:
        labels = [axis[at] for axis, at in zip(axes, place, strict=True)]
        raise ValueError(f"at {_named(labels)}: {error}") from None


def cell(content: Any, location: Sequence[int | str]) -> str:
    """Name of the cell at a location in a market file, such as `5Y x 10Y`; empty where it is no cell.

    Args:
        content: of the file, of any shape
        location: keys and numbers that lead there
    """
    where = list(location)
    while where and isinstance(where[-1], int):
        where.pop()
    places, entry = location[len(where) :], content
    if len(where) < 2 or where[-1] != _TABLE or where[-2] not in _AXES:
        return ""
    try:
        for key in where[:-1]:
            entry = entry[key]
        axes = [entry[name] for name in _AXES[str(where[-2])]]
        return _named([axis[at] for axis, at in zip(axes, places, strict=False)])
    except (KeyError, IndexError, TypeError):
        return ""


def _named(labels: Sequence[object]) -> str:
    return " x ".join(map(str, labels))
