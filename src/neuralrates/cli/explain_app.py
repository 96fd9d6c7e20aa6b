"""The command `explain`, its options and its help."""

from pathlib import Path
from typing import Annotated

import typer

from neuralrates.cli.options import (
    MODEL,
    REVERSION,
    Book,
    Fixings,
    Json,
    KeepGoing,
    ModelOption,
    ReversionOfBook,
)
from neuralrates.cli.outcome import Outcome, reported


@reported
def explain(
    book: Book,
    before: Annotated[
        Path,
        typer.Option("--from", help="Market file of the first date.", show_default=False),
    ],
    after: Annotated[
        Path,
        typer.Option("--to", help="Market file of the second date.", show_default=False),
    ],
    earlier: Annotated[
        Path | None,
        typer.Option(
            "--earlier-book",
            help="Book on the first date, where it was another: trades that are new or ended.",
            show_default=False,
        ),
    ] = None,
    model: ModelOption = MODEL,
    mean_reversion: ReversionOfBook = None,
    fixings: Fixings = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Write .csv, a row a trade.", show_default=False),
    ] = None,
    keep_going: KeepGoing = False,
    as_json: Json = False,
) -> Outcome:
    """Explain a book's profit and loss between two markets: carry, roll, delta, gamma, vega, new trades, the rest.

    \b
    Examples:
        neuralrates explain book.csv --from monday.json --to tuesday.json
        neuralrates explain book.csv --from monday.json --to tuesday.json --earlier-book monday.csv --out explained.csv
    """
    from neuralrates.cli import explain as command

    reversion = REVERSION if mean_reversion is None else mean_reversion
    return command.run(
        book,
        before,
        after,
        earlier,
        model,
        reversion,
        fixings,
        out,
        keep_going=keep_going,
        as_json=as_json,
    )
