"""The command `calibrate --curves`."""

from pathlib import Path

import pandas as pd

from neuralrates.cli.market import read_market
from neuralrates.cli.outcome import Outcome
from neuralrates.cli.tables import console, new_table
from neuralrates.core.errors import printable
from neuralrates.core.files import atomic_write
from neuralrates.core.units import basis_point
from neuralrates.desk.writers import as_json as json_text
from neuralrates.desk.writers import check_can_write, records, write_csv
from neuralrates.market.bootstrapping.repricing import implied_values, rate_errors
from neuralrates.market.market import Market

SCHEMA = "neuralrates.curves/1"
_UNITS = {
    "quoted": "decimal per year; of a future its price per 100",
    "implied": "as quoted",
    "convexity": "decimal per year",
    "error": "decimal per year, implied minus quoted as a rate",
}


def run(path: Path, date: str, out: Path | None, *, as_json: bool) -> Outcome:
    """Show every quote of the curves, used or left out, with its repricing error, and the notes of the market."""
    if out is not None:
        check_can_write(out, (".csv", ".json"), (path,))
    market = read_market(path, date)
    table = quotes(market)
    text = json_text(table, schema=SCHEMA, rows="quotes")
    if out is not None and out.suffix.lower() == ".csv":
        write_csv(table, out)
    elif out is not None:
        atomic_write(out, text)
    if as_json:
        print(text, end="")
    else:
        _show(table)
        for line in market.notes:
            print(printable(line))
    return Outcome.DONE


def quotes(market: Market) -> pd.DataFrame:
    """One row a quote of the curves: quoted, implied, error, and whether a curve is built from it."""
    rows = []
    for code, one in market.currencies.items():
        found = (*one.curves.quotes, *one.curves.unused)
        implied = implied_values(market.valuation_date, one.curves, found)
        errors = rate_errors(market.valuation_date, one.curves, found)
        for place, quote in enumerate(found):
            rows.append(
                {
                    "currency": code,
                    "quote": quote.name,
                    "used": place < len(one.curves.quotes),
                    "quoted": quote.value,
                    "implied": float(implied[place]),
                    "convexity": quote.convexity,
                    "error": float(errors[place]),
                }
            )
    columns = ["currency", "quote", "used", "quoted", "implied", "convexity", "error"]
    table = pd.DataFrame(rows, columns=columns)
    table.attrs["units"] = _UNITS
    return table


def _show(table: pd.DataFrame) -> None:
    shown = new_table("name", "quoted", "implied", "error, bp of rate", "")
    for row in records(table):
        number = ".4f" if abs(row["quoted"]) > 1.0 else ".4%"
        shown.add_row(
            row["quote"],
            f"{row['quoted']:{number}}",
            f"{row['implied']:{number}}",
            f"{row['error'] / basis_point:.4f}",
            "" if row["used"] else "not used",
        )
    console().print(shown)
    errors = table["error"].abs().groupby(table["used"]).max() / basis_point
    print(
        f"{int(table['used'].sum())} quotes build the curves, missed by up to {errors.get(True, 0.0):.1e} bp; "
        f"{int((~table['used']).sum())} do not, missed by up to {errors.get(False, 0.0):.2f} bp"
    )
