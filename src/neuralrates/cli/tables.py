"""Tables for people: on a terminal as wide as it is, elsewhere wide enough."""

import pandas as pd
from rich import box
from rich.console import Console
from rich.table import Table

from neuralrates.cli.comparison import COMPARED
from neuralrates.core.units import basis_point
from neuralrates.serving.report import amount, signed
from neuralrates.serving.writers import records

_WIDTH_ELSEWHERE = 140


def show_prices(table: pd.DataFrame, comparison: pd.DataFrame | None = None) -> None:
    """Print a priced book, a line a trade, and the totals by currency."""
    greeks = [name for name in ("par_delta", "vega") if name in table.columns]
    names = ["trade", "kind", "side", "notional", "ccy", "value", "band, bp", "engine"]
    names += [greek.replace("_", " ") for greek in greeks]
    shown = new_table(*names, *(["vs QuantLib"] if comparison is not None else []))
    second = None if comparison is None else comparison.set_index("trade_id")
    for row in records(table):
        cells = [row["trade_id"], row["kind"], row["side"], amount(row["notional"])]
        cells += [row["currency"], amount(row["value"])]
        cells += [f"{row['error_band'] / row['notional'] / basis_point:.0e}", row["engine"]]
        cells += [amount(row[greek]) for greek in greeks]
        if second is not None:
            cells.append(_beside(second.loc[row["trade_id"]]))
        shown.add_row(*cells)
    console().print(shown)
    for currency, trades in table.groupby("currency", sort=True):
        count = int((trades["status"] == "ok").sum())
        print(f"{currency}: {count} of {len(trades)} trades, {amount(trades['value'].sum())}")


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


def new_table(*names: str) -> Table:
    """An empty table; columns of numbers to the right."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    words = {"trade", "kind", "side", "ccy", "engine", "by", "", "exercise", "file", "name"}
    for name in names:
        left = name in words
        table.add_column(name, justify="left" if left else "right", no_wrap=True)
    return table


def console() -> Console:
    """Standard output; wide enough for a table where it is no terminal."""
    found = Console(highlight=False)
    return found if found.is_terminal else Console(highlight=False, width=_WIDTH_ELSEWHERE)
