"""The command `exposure`, its options and its help."""

from pathlib import Path
from typing import Annotated

import typer

from neuralrates.cli.options import REVERSION, Book, Date, Fixings, Market, Reversion
from neuralrates.cli.outcome import Outcome, reported


@reported
def exposure(
    book: Book,
    market: Market,
    netting: Annotated[
        Path,
        typer.Option(
            "--netting",
            help="Netting file: sets, collateral, credit, exchange rates.",
            show_default=False,
        ),
    ],
    dates: Annotated[str, typer.Option("--dates", help="Step between dates: 1M, 3M, 1Y.")] = "1M",
    paths: Annotated[int, typer.Option("--paths", help="Number of paths.")] = 4096,
    quantile: Annotated[
        float, typer.Option("--quantile", help="Of the potential future exposure.")
    ] = 0.95,
    mean_reversion: Reversion = REVERSION,
    date: Date = "",
    fixings: Fixings = None,
    allocate: Annotated[
        bool, typer.Option("--allocate", help="Share CVA out to the trades; takes twice as long.")
    ] = False,
    greeks: Annotated[
        bool,
        typer.Option(
            "--greeks",
            help="Derivatives of CVA, DVA and FVA to every quote; takes 3 to 5 times as long.",
        ),
    ] = False,
    scenarios: Annotated[
        Path | None,
        typer.Option(
            "--scenarios",
            help="Scenario file: figures on each moved market too.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="Folder for tables and report; a run that died goes on from what it kept there.",
            show_default=False,
        ),
    ] = None,
    file_format: Annotated[
        str, typer.Option("--format", help="Of the tables: csv or parquet.")
    ] = "csv",
) -> Outcome:
    """Exposure profiles, CVA, DVA and FVA of every netting set of a book.

    \b
    Examples:
        neuralrates exposure book.csv --market market.json --netting netting.json
        neuralrates exposure book.csv --market market.json --netting netting.json --dates 3M --allocate --out xva
        neuralrates exposure book.csv --market market.json --netting netting.json --greeks --out xva
    """
    from neuralrates.cli import exposure as command

    request = command.Request(
        book,
        market,
        netting,
        dates,
        paths,
        quantile,
        mean_reversion,
        date,
        fixings,
        allocate,
        greeks,
        scenarios,
    )
    return command.run(request, out, file_format)
