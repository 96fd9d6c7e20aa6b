"""The command `price` with a bundle: points of its problem instead of a book."""

from pathlib import Path

import pandas as pd

from neuralrates.bundles.bundle import Bundle, load
from neuralrates.bundles.points import price_points
from neuralrates.cli.market import read_market
from neuralrates.cli.outcome import Outcome, complain
from neuralrates.cli.tables import console, new_table
from neuralrates.core.errors import InputError
from neuralrates.core.files import atomic_write
from neuralrates.core.requests import check_engine
from neuralrates.core.units import basis_point
from neuralrates.desk.writers import as_json as json_text
from neuralrates.desk.writers import check_can_write, records, write_csv
from neuralrates.market.market import CurrencyMarket

SUFFIXES = (".csv", ".json")
SCHEMA = "neuralrates.points/1"


def run(
    points: Path,
    bundle: str,
    engine: str,
    out: Path | None,
    market: Path | None = None,
    date: str = "",
    *,
    as_json: bool,
) -> Outcome:
    """Price the points; show them, or print them as JSON, and write them where a file is named."""
    if out is not None:
        check_can_write(out, SUFFIXES, (points, market, bundle))
    asked = check_engine(engine)
    chosen = load(bundle)
    table = price_points(chosen, points, asked, None if market is None else _only(market, date))
    text = json_text(table, schema=SCHEMA, rows="points")
    failed = table[table["status"] != "ok"]
    outcome = Outcome.FAILURES if len(failed) else Outcome.DONE
    if out is not None:
        _write(table, text, out)
    if as_json:
        print(text, end="")
    else:
        _show(table, chosen)
        if out is not None:
            print(f"Written to {out}")
    rows = zip(failed["trade_id"], failed["status"], strict=True)
    complain(*(f"trade {name}: {status}" for name, status in rows))
    return outcome


def _only(path: Path, date: str) -> CurrencyMarket:
    """The one currency of a market file, on one of its dates."""
    market = read_market(path, date)
    if len(market.currencies) != 1:
        known = ", ".join(market.currencies) or "none"
        raise InputError(
            f"expected a market of one currency beside --bundle, found {known}: leave the others out of the file",
            file=path,
        )
    return next(iter(market.currencies.values()))


def _write(table: pd.DataFrame, text: str, out: Path) -> None:
    if out.suffix.lower() == ".csv":
        write_csv(table, out)
    else:
        atomic_write(out, text)


def _show(table: pd.DataFrame, bundle: Bundle) -> None:
    shown = new_table("trade", "value, bp", "band, bp", "engine")
    for row in records(table):
        value, band = row["value"] / basis_point, row["error_band"] / basis_point
        shown.add_row(row["trade_id"], f"{value:,.3f}", f"{band:.1g}", row["engine"])
    console().print(shown)
    outside = int((~table["in_domain"]).sum())
    print(f"{len(table)} points of {bundle.problem.name}, {outside} outside its domain.")
