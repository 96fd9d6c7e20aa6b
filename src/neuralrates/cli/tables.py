"""Tables for people: on a terminal as wide as it is, elsewhere wide enough."""

from typing import Any, final

import pandas as pd
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from neuralrates.cli.comparison import COMPARED
from neuralrates.core.errors import printable
from neuralrates.core.units import basis_point
from neuralrates.desk.report.numerals import amount, signed
from neuralrates.desk.writers import records

_WIDTH_ELSEWHERE = 140


def show_prices(table: pd.DataFrame, comparison: pd.DataFrame | None = None) -> None:
    """Print a priced book, a line a trade, and the totals by currency."""
    greeks = [name for name in ("par_delta", "vega") if name in table.columns]
    names = ["trade", "kind", "side", "notional", "ccy", "value", "band, bp", "engine"]
    names += [greek.replace("_", " ") for greek in greeks]
    shown = new_table(*names, *(["vs QuantLib"] if comparison is not None else []))
    second = None if comparison is None else comparison.set_index("trade_id")
    for row in records(table):
        cells = [row["trade_id"], row["kind"], _side(row), amount(row["notional"])]
        cells += [row["currency"], amount(row["value"])]
        cells += [_band(row["error_band"] / row["notional"]), row["engine"]]
        cells += [amount(row[greek]) for greek in greeks]
        if second is not None:
            cells.append(_beside(second.loc[row["trade_id"]]))
        shown.add_row(*cells)
    console().print(shown)
    units = table.attrs.get("units", {})
    for greek in greeks:
        print(f"{greek.replace('_', ' ')}: {units.get(greek, '')}")
    for currency, trades in table.groupby("currency", sort=True):
        count = int((trades["status"] == "ok").sum())
        missing = len(trades) - count
        without = f", without the {missing} that failed" if missing else ""
        total = amount(trades["value"].sum()) if count else amount(None)
        print(f"{currency}: {count} of {len(trades)} trades, {total}{without}")


def _side(row: dict[str, Any]) -> str:
    """The side of the fixed rate, and whether the counterparty holds it."""
    return row["side"] + (", short" if row["position"] == "short" else "")


def _beside(compared: pd.Series) -> str:
    """Difference from QuantLib, marked where it is too large; or that there is none."""
    if compared["status"] not in COMPARED:
        return "not compared"
    return signed(compared["difference"], 4) + ("" if compared["status"] == "agrees" else " (!)")


def show_comparison(comparison: pd.DataFrame) -> None:
    """Print the comparison with QuantLib, a line a trade."""
    shown = new_table("trade", "by", "value", "QuantLib", "difference, bp", "grid, bp", "")
    for row in records(comparison):
        cells = [row["trade_id"], row["method"], amount(row["value"]), amount(row["quantlib"])]
        cells += [signed(row["difference"], 5), signed(row["quantlib_error"], 5)]
        compared = row["status"] in COMPARED
        shown.add_row(*(cells if compared else [row["trade_id"]] + [""] * 5), row["status"])
    console().print(shown)


def _band(band: float) -> str:
    return f"{band / basis_point:.0e}" if band == band else amount(None)


@final
class PlainTable(Table):
    """A table whose cells are shown as they are: no markup is obeyed, no control character gets through."""

    def add_row(self, *cells: Any, **how: Any) -> None:
        """Add a row of texts."""
        Table.add_row(self, *(Text(printable(str(cell))) for cell in cells), **how)


def new_table(*names: str) -> Table:
    """An empty table; columns of numbers to the right, and words in a column without a name over several lines."""
    table = PlainTable(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    words = {"trade", "kind", "side", "ccy", "engine", "by", "", "exercise", "file", "name"}
    for name in names:
        left = name in words
        table.add_column(name, justify="left" if left else "right", no_wrap=bool(name))
    return table


def console() -> Console:
    """Standard output; wide enough for a table where it is no terminal."""
    found = Console(highlight=False)
    return found if found.is_terminal else Console(highlight=False, width=_WIDTH_ELSEWHERE)
