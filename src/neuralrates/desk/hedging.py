"""Positions in named instruments that flatten a book's Greeks."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.optimize import lsq_linear

from neuralrates.core.doors import door
from neuralrates.core.errors import InputError

Limits = tuple[float | int, float | int]
_TOTALS = frozenset({"zero_delta", "par_delta", "vega"})


@door
def hedge(
    book: pd.DataFrame,
    instruments: pd.DataFrame,
    greeks: Sequence[str] = ("par_delta", "vega"),
    *,
    bounds: Mapping[str, Limits] | None = None,
) -> pd.DataFrame:
    """Multiples of instruments that leave the least squared Greeks, each in the unit of its column.

    Args:
        book: prices of a book of one currency, as `price` returned them with these Greeks
        instruments: prices of the instruments on the same market, with the same Greeks; multiples are of their notionals
        greeks: names of ladders, every column of which is flattened (their totals count through them), or of single columns
        bounds: least and largest multiple by instrument; without them any

    Returns:
        One row an instrument: `trade_id`, `multiple`, `notional` (currency, below zero where it is sold), `value` (currency). A
        table of every Greek before and after in `attrs["greeks"]`.

    Raises:
        InputError: where a table lacks a Greek, or holds other columns of it, a price failed, or a bound is of no instrument

    Example:
        >>> import pandas as pd
        >>> import neuralrates as nr
        >>> book = pd.DataFrame({"trade_id": ["B"], "currency": "USD", "status": "ok", "notional": 1e6, "value": 0.0,
        ...     "par_delta 2Y": 30.0, "par_delta 5Y": -100.0})
        >>> swaps = pd.DataFrame({"trade_id": ["2Y", "5Y"], "currency": "USD", "status": "ok", "notional": 1e6, "value": 0.0,
        ...     "par_delta 2Y": [150.0, 10.0], "par_delta 5Y": [0.0, 400.0]})
        >>> nr.desk.hedge(book, swaps, ["par_delta"]).multiple.round(4).tolist()
        [-0.2167, 0.25]
    """
    columns = _columns(book, greeks)
    missing = [name for name in columns if name not in instruments]
    if missing or columns != _columns(instruments, greeks):
        raise InputError(
            f"expected the same Greeks of book and instruments, found {missing or 'more'}"
        )
    for table, named in ((book, "book"), (instruments, "instruments")):
        if not (table["status"] == "ok").all() or table[columns].isna().to_numpy().any():
            raise InputError(f"expected prices and Greeks of all trades of the {named}")
        if table["currency"].nunique() != 1:
            raise InputError(f"expected one currency in the {named}")
    if book["currency"].iloc[0] != instruments["currency"].iloc[0]:
        raise InputError("expected instruments in the currency of the book")
    before = book[columns].sum().to_numpy()
    moves = instruments[columns].to_numpy().T
    low, high = _bounds(instruments["trade_id"].tolist(), bounds or {})
    multiples = lsq_linear(moves, -before, (low, high), tol=1e-14).x
    found = pd.DataFrame(
        {
            "trade_id": instruments["trade_id"].to_numpy(),
            "multiple": multiples,
            "notional": multiples * instruments["notional"].to_numpy(),
            "value": multiples * instruments["value"].to_numpy(),
        }
    )
    after = before + moves @ multiples
    found.attrs["greeks"] = pd.DataFrame({"before": before, "after": after}, index=columns)
    return found


def _columns(table: pd.DataFrame, greeks: Sequence[str]) -> list[str]:
    """Columns of the Greeks that are asked for: the parts of a ladder, or a column by itself."""
    found: list[str] = []
    for name in greeks:
        parts = [column for column in table if str(column).startswith(f"{name} ")]
        own = parts if name in _TOTALS else [column for column in table if column == name]
        if not own:
            raise InputError(f"expected the Greek {name} in both tables, found none")
        found += own
    return found


def _bounds(names: list[str], bounds: Mapping[str, Limits]) -> tuple[np.ndarray, np.ndarray]:
    if unknown := sorted(set(bounds) - set(names)):
        raise InputError(
            f"expected bounds of instruments among {', '.join(names)}, found {unknown[0]}"
        )
    pairs = [bounds.get(name, (-np.inf, np.inf)) for name in names]
    low, high = (np.array(side, dtype=float) for side in zip(*pairs, strict=True))
    if not np.all(low < high):
        worst = names[int(np.argmin(low < high))]
        raise InputError(
            f"expected a least multiple below the largest, found {bounds[worst]} of {worst}"
        )
    return low, high
