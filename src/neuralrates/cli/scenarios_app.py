"""The command `scenarios`, its options and its help."""

from pathlib import Path
from typing import Annotated

import typer

from neuralrates.cli.options import (
    MODEL,
    REVERSION,
    Book,
    Date,
    Fixings,
    Json,
    KeepGoing,
    Market,
    ModelOption,
    ReversionOfBook,
)
from neuralrates.cli.outcome import Outcome, reported


@reported
def scenarios(
    book: Book,
    market: Market,
    scenarios: Annotated[
        Path,
        typer.Option("--scenarios", help="Scenarios, as JSON.", show_default=False),
    ],
    model: ModelOption = MODEL,
    mean_reversion: ReversionOfBook = None,
    date: Date = "",
    fixings: Fixings = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Write .csv, a column a scenario.", show_default=False),
    ] = None,
    keep_going: KeepGoing = False,
    as_json: Json = False,
) -> Outcome:
    """Revalue a book in full under each scenario of a file: parallel, bucketed, twist, volatility, grids, past days.

    \b
    Examples:
        neuralrates scenarios book.csv --market market.json --scenarios scenarios.json
        neuralrates scenarios book.csv --market market.json --scenarios scenarios.json --out changes.csv
    """
    from neuralrates.cli import scenarios as command

    reversion = REVERSION if mean_reversion is None else mean_reversion
    return command.run(
        book,
        market,
        scenarios,
        model,
        reversion,
        date,
        fixings,
        out,
        keep_going=keep_going,
        as_json=as_json,
    )
