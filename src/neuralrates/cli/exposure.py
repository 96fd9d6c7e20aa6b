"""The command `exposure`."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from neuralrates.cli.market import read_market
from neuralrates.cli.mean_reversion import mean_reversion
from neuralrates.cli.outcome import Outcome
from neuralrates.cli.progress import progress
from neuralrates.cli.tables import console, new_table
from neuralrates.core.errors import InputError, printable
from neuralrates.desk.report.numerals import amount
from neuralrates.exposures.adjoint.seeds import FIGURES
from neuralrates.exposures.exposing import exposure
from neuralrates.exposures.netting import load_netting
from neuralrates.exposures.results import Exposure
from neuralrates.exposures.stress import changes, stressed
from neuralrates.exposures.writers import check_format, write_exposure
from neuralrates.market.fixings import load_fixings
from neuralrates.scenarios.file import load as load_scenarios
from neuralrates.trades.book import load

_SHOWN = ("value", "epe", "eepe", "cva", "cva_error", "dva", "fva")


class Request(NamedTuple):
    """What is asked for, as typed; names as `neuralrates.exposure` has them."""

    book: Path
    market: Path
    netting: Path
    dates: str
    paths: int
    quantile: float
    mean_reversion: str
    date: str
    fixings: Path | None
    allocate: bool
    greeks: bool
    scenarios: Path | None


def run(request: Request, out: Path | None, file_format: str) -> Outcome:
    """Compute exposures, show the figures, and write everything into a folder where one is named."""
    check_format(file_format)
    if out is not None and out.exists() and not out.is_dir():
        raise InputError("expected a folder, found a file", file=out)
    netting = load_netting(request.netting)
    moves = None if request.scenarios is None else load_scenarios(request.scenarios)
    market = read_market(request.market, request.date)
    book = load(request.book)
    asked = request.mean_reversion
    reversion = mean_reversion(asked, market, "one_factor") if asked else None
    with progress("valuing on paths") as step:
        found = exposure(
            book,
            market,
            netting,
            dates=request.dates,
            paths=request.paths,
            quantile=request.quantile,
            mean_reversion=reversion,
            allocate=request.allocate,
            greeks=request.greeks,
            fixings=None if request.fixings is None else load_fixings(request.fixings),
            progress=step,
            unfinished=None if out is None else out / "unfinished",
        )
    _show(found)
    if request.greeks:
        _show_greeks(found)
    files = [] if out is None else write_exposure(found, out, file_format)
    for file in files:
        print(f"Written to {file}")
    if moves is not None:
        with progress("moving the market") as step:
            under = stressed(
                book,
                market,
                netting,
                moves,
                dates=request.dates,
                paths=request.paths,
                mean_reversion=reversion,
                fixings=None if request.fixings is None else load_fixings(request.fixings),
                progress=step,
            )
        _show_scenarios(under)
        if out is not None:
            for file in write_exposure(found, out, file_format, under):
                if file not in files:
                    print(f"Written to {file}")
    return Outcome.DONE


def _show(found: Exposure) -> None:
    table = new_table("netting set", *(name.replace("_", " ") for name in _SHOWN))
    for row in found.figures.to_dict("records"):
        table.add_row(row["netting_set"], *(amount(row[name]) for name in _SHOWN))
    console().print(table)
    print(f"amounts in {found.figures.attrs['exposure']['currency']}")
    print(_one_model(found))


def _show_greeks(found: Exposure) -> None:
    """Sums over the quotes of one kind that move by the same unit."""
    table = new_table("Greek", "unit", *FIGURES)
    for (greek, unit), rows in found.greeks.groupby(["greek", "unit"], sort=False):
        sums = (amount(float(rows[name].sum())) for name in FIGURES)
        table.add_row(greek.replace("_", " "), unit, *sums)
    console().print(table)


def _show_scenarios(table: pd.DataFrame) -> None:
    """What CVA changes by at worst, and at best, of each netting set."""
    shown = new_table("netting set", "scenarios", "worst", "cva change", "best", "cva change")
    for name, rows in changes(table).groupby("netting_set", sort=False):
        worst, best = rows.loc[rows["cva"].idxmax()], rows.loc[rows["cva"].idxmin()]
        ends = [part for one in (worst, best) for part in (one["scenario"], amount(one["cva"]))]
        shown.add_row(str(name), str(len(rows)), *ends)
    console().print(shown)


def _one_model(found: Exposure) -> str:
    """How far values under one model are from prices under a model for each trade."""
    trades = found.trades
    known = trades[trades["difference"].notna()]
    alone = found.models["netting_sets"][0] != "all"
    said = "one model a currency" + (" and netting set" if alone else "") + " values all its trades"
    if known.empty:
        return f"{said}; none has a price by `neuralrates price`"
    worst = known.loc[known["difference"].abs().idxmax()]
    return (
        f"{said}; `neuralrates price` fits one to each: the values differ by {amount(worst['difference'])} at most "
        f"({printable(worst['trade_id'])}), by {amount(known['difference'].sum())} in all"
    )
