"""What the report shows, worked out of the table: totals, ladders, matrices."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from neuralrates.core.units import basis_point
from neuralrates.desk.writers import records

TOTALS = ("zero_delta", "par_delta", "vega", "gamma", "theta", "mean_reversion")
"""Greeks with one number a trade, in the order of the report's columns."""


@dataclass(frozen=True)
class Ladder:
    """A Greek by quote, summed over the trades of one currency.

    Args:
        currency: ISO code
        unit: of every number
        entries: name of the quote and total
        by_trade: trade, and its number per quote
    """

    currency: str
    unit: str
    entries: tuple[tuple[str, float], ...]
    by_trade: tuple[tuple[str, tuple[float, ...]], ...]

    @property
    def largest(self) -> float:
        """Largest total, by size."""
        return max((abs(value) for _, value in self.entries), default=0.0)

    @property
    def total(self) -> float:
        """Sum over the quotes."""
        return sum(value for _, value in self.entries)


@dataclass(frozen=True)
class Matrix:
    """Vegas of one currency by expiry (rows) and tenor (columns)."""

    currency: str
    unit: str
    expiries: tuple[str, ...]
    tenors: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]

    @property
    def largest(self) -> float:
        """Largest entry, by size."""
        return max(abs(value) for row in self.values for value in row)


def totals(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Number of trades, notional, value and error band by currency and kind."""
    names = {"trade_id": "count", "notional": "sum", "value": "sum", "error_band": "sum"}
    grouped = table.groupby(["currency", "kind"], sort=True, as_index=False).agg(names)
    return records(grouped.rename(columns={"trade_id": "trades"}))


def ladders(table: pd.DataFrame, greek: str) -> list[Ladder]:
    """A Greek by quote and currency; none where it was not asked for."""
    found = []
    for currency, trades in table.groupby("currency", sort=True):
        names = _columns(trades, greek)
        if names:
            numbers = trades[names].fillna(0.0)
            labels = [name.removeprefix(f"{greek} ") for name in names]
            sums = zip(labels, numbers.sum().tolist(), strict=True)
            rows = zip(trades["trade_id"], map(tuple, numbers.to_numpy().tolist()), strict=True)
            unit = table.attrs.get("units", {}).get(names[0], "")
            found.append(Ladder(str(currency), unit, tuple(sums), tuple(rows)))
    return found


def matrices(table: pd.DataFrame) -> list[Matrix]:
    """Vegas by currency, as the matrix that was quoted."""
    return [_matrix(ladder) for ladder in ladders(table, "vega")]


def error_band_in_basis_points(table: pd.DataFrame) -> float:
    """Largest error band of a trade, in basis points of its notional."""
    return float((table["error_band"] / table["notional"]).max() / basis_point)


def present_totals(table: pd.DataFrame) -> list[str]:
    """Greeks of which the table has a number per trade."""
    return [name for name in TOTALS if name in table.columns]


def _columns(trades: pd.DataFrame, greek: str) -> list[str]:
    """Columns of a Greek by quote that are of these trades' market."""
    names = [name for name in trades.columns if name.startswith(f"{greek} ")]
    return [name for name in names if trades[name].notna().any()]


def _matrix(ladder: Ladder) -> Matrix:
    cells = {tuple(label.split(" x ")): value for label, value in ladder.entries}
    expiries = tuple(dict.fromkeys(expiry for expiry, _ in cells))
    tenors = tuple(dict.fromkeys(tenor for _, tenor in cells))
    values = tuple(
        tuple(cells.get((expiry, tenor), 0.0) for tenor in tenors) for expiry in expiries
    )
    return Matrix(ladder.currency, ladder.unit, expiries, tenors, values)
