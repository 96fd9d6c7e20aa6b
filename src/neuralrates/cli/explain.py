"""The command `explain`."""

from pathlib import Path

import pandas as pd

from neuralrates.cli.market import read_market
from neuralrates.cli.mean_reversion import mean_reversion
from neuralrates.cli.outcome import Outcome, complain
from neuralrates.cli.tables import console, new_table
from neuralrates.desk.writers import as_json as json_text
from neuralrates.desk.writers import check_can_write, write_csv
from neuralrates.market.fixings import load_fixings
from neuralrates.scenarios.profit_and_loss import explain, explained_totals
from neuralrates.trades.book import Book, load

SCHEMA = "neuralrates.profit_and_loss/1"


def run(
    book: Path,
    before: Path,
    after: Path,
    earlier: Path | None,
    model: str,
    reversion: str,
    fixings: Path | None,
    out: Path | None,
    *,
    keep_going: bool,
    as_json: bool,
) -> Outcome:
    """Explain a book's profit and loss; show totals, or print all as JSON, and write a table where asked."""
    if out is not None:
        inputs = [path for path in (book, before, after, earlier, fixings) if path is not None]
        check_can_write(out, (".csv",), tuple(inputs))
    first, second = read_market(before), read_market(after)
    chosen = model or first.model
    held = _book(book, keep_going)
    known = None if earlier is None else _book(earlier, keep_going)
    table = explain(
        held,
        first,
        second,
        earlier=known,
        model=chosen,
        mean_reversion=mean_reversion(reversion, first, chosen),
        keep_going=keep_going or book.suffix.lower() == ".xml",
        fixings=None if fixings is None else load_fixings(fixings),
    )
    if out is not None:
        write_csv(table, out)
    if as_json:
        print(json_text(table, schema=SCHEMA), end="")
    else:
        _print(table)
        if out is not None:
            print(f"Written to {out}")
    errors = (*held.errors, *(() if known is None else known.errors))
    return _told(table, tuple(dict.fromkeys(map(str, errors))))


def _book(path: Path, keep_going: bool) -> Book:
    return load(path, keep_going=keep_going or path.suffix.lower() == ".xml")


def _print(table: pd.DataFrame) -> None:
    totals = explained_totals(table)
    shown = new_table("", *totals.columns)
    shown.columns[0].justify = "left"
    for name, row in totals.iterrows():
        shown.add_row(str(name).replace("_", " "), *(f"{amount:,.0f}" for amount in row))
    console().print(shown)
    explained = int((table["status"] == "ok").sum())
    print(f"currency, {explained} of {len(table)} trades; rates and volatility revalued in full")


def _told(table: pd.DataFrame, errors: tuple[str, ...]) -> Outcome:
    failed = table[table["status"] != "ok"]
    lines = [f"trade {one.trade_id}: {one.status}" for one in failed.itertuples()]
    complain(*errors, *lines)
    return Outcome.FAILURES if errors or lines else Outcome.DONE
