"""The command `scenarios`."""

from pathlib import Path

import pandas as pd

from neuralrates.cli.market import read_market
from neuralrates.cli.mean_reversion import mean_reversion
from neuralrates.cli.outcome import Outcome, complain
from neuralrates.cli.progress import progress
from neuralrates.cli.tables import console, new_table
from neuralrates.desk.writers import as_json as json_text
from neuralrates.desk.writers import check_can_write, write_csv
from neuralrates.market.fixings import load_fixings
from neuralrates.scenarios.file import load
from neuralrates.scenarios.revaluation import revalue, totals
from neuralrates.trades.book import load as load_book

SCHEMA = "neuralrates.scenario_values/1"


def run(
    book: Path,
    market: Path,
    scenarios: Path,
    model: str,
    reversion: str,
    date: str,
    fixings: Path | None,
    out: Path | None,
    *,
    keep_going: bool,
    as_json: bool,
) -> Outcome:
    """Revalue a book under the scenarios of a file; show totals, or print all as JSON, and write a table where asked."""
    if out is not None:
        inputs = [path for path in (book, market, scenarios, fixings) if path is not None]
        check_can_write(out, (".csv",), tuple(inputs))
    goes_on = keep_going or book.suffix.lower() == ".xml"
    known, moves = read_market(market, date), load(scenarios)
    chosen = model or known.model
    held = load_book(book, keep_going=goes_on)
    with progress("revaluing") as step:
        table = revalue(
            held,
            known,
            moves,
            model=chosen,
            mean_reversion=mean_reversion(reversion, known, chosen),
            keep_going=goes_on,
            fixings=None if fixings is None else load_fixings(fixings),
            progress=step,
        )
    if out is not None:
        write_csv(table, out)
    if as_json:
        print(json_text(table, schema=SCHEMA, reasons=table.attrs["reasons"]), end="")
    else:
        _print(table)
        if out is not None:
            print(f"Written to {out}")
    return _told(table, tuple(map(str, held.errors)))


def _print(table: pd.DataFrame) -> None:
    moved = totals(table)
    shown = new_table("scenario", *moved.columns)
    shown.columns[0].justify = "left"
    for name, row in moved.iterrows():
        shown.add_row(str(name), *(f"{change:,.0f}" for change in row))
    console().print(shown)
    priced = int((table["status"] == "ok").sum())
    print(f"change of value in currency, {priced} of {len(table)} trades, {len(moved)} scenarios")


def _told(table: pd.DataFrame, errors: tuple[str, ...]) -> Outcome:
    failed = table[table["status"] != "ok"]
    lines = [f"trade {one.trade_id}: {one.status}" for one in failed.itertuples()]
    lines += [
        f"trade {trade}, scenario {scenario}: {reason}"
        for trade, reasons in table.attrs["reasons"].items()
        for scenario, reason in reasons.items()
    ]
    complain(*errors, *lines)
    return Outcome.FAILURES if errors or lines else Outcome.DONE
