"""The command `calibrate`."""

from pathlib import Path

import pandas as pd

from neuralrates.cli.outcome import Outcome
from neuralrates.cli.price import parse_mean_reversion
from neuralrates.cli.tables import console, new_table
from neuralrates.core.files import atomic_write
from neuralrates.core.units import basis_point
from neuralrates.market.files import load as load_market
from neuralrates.products.book import load as load_book
from neuralrates.serving.calibrated import calibrations
from neuralrates.serving.compilation_cache import enable_compilation_cache
from neuralrates.serving.writers import as_json as json_text
from neuralrates.serving.writers import check_can_write, records, write_csv

SCHEMA = "neuralrates.calibration/1"


def run(
    book: Path, market: Path, mean_reversion: str, out: Path | None, *, as_json: bool
) -> Outcome:
    """Calibrate every trade of a book."""
    if out is not None:
        check_can_write(out, (".csv", ".json"))
    enable_compilation_cache()
    quotes = load_market(market)
    trades = load_book(book).resolve(quotes.valuation_date).trades
    table = calibrations(trades, quotes, parse_mean_reversion(mean_reversion))
    text = json_text(table, schema=SCHEMA, rows="exercises")
    if out is not None and out.suffix.lower() == ".csv":
        write_csv(table, out)
    elif out is not None:
        atomic_write(out, text)
    if as_json:
        print(text, end="")
    else:
        _show(table)
    return Outcome.DONE


def _show(table: pd.DataFrame) -> None:
    names = ("trade", "exercise", "forward", "quoted, bp", "residual, bp", "short-rate vol, bp")
    shown = new_table(*names)
    for row in records(table):
        shown.add_row(
            row["trade_id"],
            row["exercise_date"],
            f"{row['forward']:.4%}",
            f"{row['quoted'] / basis_point:.3f}",
            f"{row['residual'] / basis_point:.1e}",
            f"{row['short_rate_volatility'] / basis_point:.3f}",
        )
    console().print(shown)
    worst = table["residual"].abs().max() if len(table) else 0.0
    reversions = ", ".join(f"{value:g}" for value in sorted(set(table["mean_reversion"])))
    print(
        f"{len(table)} European swaptions, largest residual {worst:.1e} in normal volatility; "
        f"mean reversion given as {reversions or 'nothing'} per year"
    )
