"""The command `calibrate`."""

from pathlib import Path

import numpy as np
import pandas as pd

from neuralrates.bundles.runtimes.compilation_cache import enable_compilation_cache
from neuralrates.cli.market import read_market
from neuralrates.cli.mean_reversion import fitted, mean_reversion
from neuralrates.cli.outcome import Outcome
from neuralrates.cli.tables import console, new_table
from neuralrates.core.files import atomic_write
from neuralrates.core.units import basis_point
from neuralrates.desk.calibrated import ONE_FACTOR, calibrations
from neuralrates.desk.writers import as_json as json_text
from neuralrates.desk.writers import check_can_write, records, write_csv
from neuralrates.market.market import Market
from neuralrates.trades.book import load as load_book

SCHEMA = "neuralrates.calibration/1"


def run(
    book: Path,
    market: Path,
    date: str,
    model: str,
    reversion: str,
    out: Path | None,
    *,
    as_json: bool,
) -> Outcome:
    """Calibrate every trade of a book."""
    if out is not None:
        check_can_write(out, (".csv", ".json"), (book, market))
    enable_compilation_cache()
    quotes = read_market(market, date)
    trades = load_book(book).resolve(quotes.valuation_date).trades
    chosen = model or quotes.model
    table = calibrations(trades, quotes, mean_reversion(reversion, quotes, chosen), chosen)
    text = json_text(table, schema=SCHEMA, rows="exercises")
    if out is not None and out.suffix.lower() == ".csv":
        write_csv(table, out)
    elif out is not None:
        atomic_write(out, text)
    if as_json:
        print(text, end="")
    else:
        _show(table)
        if chosen == ONE_FACTOR:
            _show_fits(quotes)
    return Outcome.DONE


def _show(table: pd.DataFrame) -> None:
    on_curve = "curve_scale" in table
    own = ("curve scale", "correlation with next") if on_curve else ("short-rate vol, bp",)
    shown = new_table("trade", "exercise", "forward", "quoted, bp", "residual, bp", *own)
    for row in records(table):
        law = (
            (f"{row['curve_scale']:.4f}", f"{row['correlation_with_next']:.4f}")
            if on_curve
            else (f"{row['short_rate_volatility'] / basis_point:.3f}",)
        )
        shown.add_row(
            row["trade_id"],
            row["exercise_date"],
            f"{row['forward']:.4%}",
            f"{row['quoted'] / basis_point:.3f}",
            f"{row['residual'] / basis_point:.1e}",
            *law,
        )
    console().print(shown)
    worst = table["residual"].abs().max() if len(table) else 0.0
    told = f"{len(table)} European swaptions, largest residual {worst:.1e} in normal volatility"
    if on_curve:
        print(f"{told}, on the whole forward curve")
        return
    reversions = ", ".join(f"{value:.4f}" for value in sorted(set(table["mean_reversion"])))
    print(f"{told}, at a mean reversion of {reversions or 'none'} per year{_beside(table)}")


def _beside(table: pd.DataFrame) -> str:
    """What is given of the second factors, where there are any."""
    if "correlation" not in table:
        return ""
    names = ["fast_mean_reversion", "volatility_ratio", "correlation"]
    laws = table[names].drop_duplicates().itertuples(index=False)
    found = [
        f"{law.fast_mean_reversion:.4f} of the fast factor, {law.volatility_ratio:.4f} times as volatile, correlation "
        f"{law.correlation:.4f}"
        for law in laws
    ]
    return "".join(f", {one}" for one in found)


def _show_fits(market: Market) -> None:
    for code, fit in fitted(market).items():
        miss = float(np.sqrt(np.mean(np.asarray(fit.misfit) ** 2))) / basis_point
        print(
            f"The {code} matrix is fitted best by a mean reversion of {float(fit.mean_reversion):.4f} per year: "
            f"quotes missed by {miss:.1f} bp, root mean square (--mean-reversion fit takes it)"
        )
