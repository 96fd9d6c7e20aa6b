"""The commands of `book`, their options and their help."""

from pathlib import Path
from typing import Annotated

import typer

from neuralrates.cli.options import Book, Date, Fixings, Json
from neuralrates.cli.outcome import Outcome, reported

book = typer.Typer(help="What a book holds.", no_args_is_help=True)


@book.callback()
def group() -> None:
    """What a book holds."""


@book.command()
@reported
def show(
    path: Book,
    trade: Annotated[str, typer.Argument(help="Name of the trade.", show_default=False)],
    market: Annotated[
        Path | None,
        typer.Option(
            "--market",
            help="Market file, whose valuation date it is seen from.",
            show_default=False,
        ),
    ] = None,
    date: Annotated[
        str | None,
        typer.Option("--date", help="Date that it is seen from, instead.", show_default=False),
    ] = None,
    as_json: Json = False,
) -> Outcome:
    """Show the timetable of a trade: periods, fixings, payments, exercises, and what each exercise enters.

    With a date it says what is paid, fixed or lapsed.

    \b
    Examples:
        neuralrates book show book.csv BRM-10NC1-PAY
        neuralrates book show book.csv BRM-10NC1-PAY --market market.json
        neuralrates book show book.csv BRM-10NC1-PAY --date 2024-03-19 --json
    """
    from neuralrates.cli import book as command

    return command.show(path, trade, market, date, as_json=as_json)


@book.command()
@reported
def check(
    path: Book,
    market: Annotated[
        Path | None,
        typer.Option(
            "--market",
            help="Market file that it is to be priced on.",
            show_default=False,
        ),
    ] = None,
    date: Date = "",
    fixings: Fixings = None,
    as_json: Json = False,
) -> Outcome:
    """Say what of a book will be priced, and what not and why, before anything runs.

    Without a market the fields alone are looked at. Exit code 1 where a trade is stopped.

    \b
    Examples:
        neuralrates book check book.csv
        neuralrates book check portfolio.xml --market market.txt
        neuralrates book check book.xlsx --market market.json
        neuralrates book check book.csv --market market.json --json
    """
    from neuralrates.cli import book_check as command

    return command.check(path, market, date, fixings, as_json=as_json)


@book.command()
@reported
def template(
    path: Annotated[
        Path,
        typer.Argument(help="File to write, .xlsx, .csv or .json.", show_default=False),
    ],
) -> Outcome:
    """Write the example book to a new file, to be filled in.

    A spreadsheet has a column for every field, and a sheet that says what each may hold.

    \b
    Examples:
        neuralrates book template book.xlsx
    """
    from neuralrates.cli import book_template as command

    return command.template(path)


@book.command()
@reported
def spread(
    path: Book,
    trade: Annotated[str, typer.Argument(help="Name of the bond.", show_default=False)],
    market: Annotated[Path, typer.Option("--market", help="Market file.", show_default=False)],
    clean_price: Annotated[
        float,
        typer.Option(
            "--clean-price",
            help="Per unit of notional, without accrued interest.",
            show_default=False,
        ),
    ],
    settlement: Annotated[
        str | None,
        typer.Option(
            "--settlement",
            help="Date on which the price is paid; today's unless given.",
            show_default=False,
        ),
    ] = None,
    date: Date = "",
) -> Outcome:
    """Find the spread over the curve at which a bond, its call or put included, has a price.

    \b
    Examples:
        neuralrates book spread book.csv CALLABLE-7NC2 --market market.json --clean-price 0.985
    """
    from neuralrates.cli import book_spread as command

    return command.spread(path, trade, market, clean_price, settlement, date)
