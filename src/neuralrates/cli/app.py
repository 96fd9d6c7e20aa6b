"""The commands, their options and their help; what they do is in the module of each name."""

from pathlib import Path
from typing import Annotated

import typer

from neuralrates.cli.book_app import book as books
from neuralrates.cli.data_app import data as histories
from neuralrates.cli.explain_app import explain
from neuralrates.cli.judge_app import BUNDLE_COMMANDS
from neuralrates.cli.options import (
    ENGINE,
    MODEL,
    REVERSION,
    Book,
    BookOrNone,
    BundleOfPoints,
    Curves,
    Date,
    EngineOption,
    Fixings,
    Greeks,
    Json,
    KeepGoing,
    Market,
    MarketOrNone,
    ModelOption,
    Out,
    Reversion,
    ReversionOfBook,
    Tolerance,
)
from neuralrates.cli.outcome import Outcome, reported
from neuralrates.cli.scenarios_app import scenarios
from neuralrates.cli.train_app import train

EXIT_CODES = "Exit codes: 0 done; 1 done, but some trades failed or differ; 2 bad input; 3 internal error; 130 interrupted."

app = typer.Typer(
    name="neuralrates",
    help="Prices and risk of callable interest-rate derivatives, with an error band on every price.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(histories, name="data")
app.add_typer(books, name="book")
for _command in BUNDLE_COMMANDS:
    app.command()(_command)


@app.callback(invoke_without_command=True)
def version(
    show: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Prices and risk of callable interest-rate derivatives, with an error band on every price."""
    if show:
        from neuralrates import __version__

        print(__version__)
        raise typer.Exit()


@app.command()
@reported
def quickstart(
    folder: Annotated[Path, typer.Argument(help="Folder for the files it writes.")] = Path(
        "neuralrates-quickstart"
    ),
) -> Outcome:
    """Price the example book with all Greeks, check it against QuantLib, write a report.

    The example's book and market are copied into the folder, to be changed and priced again.

    \b
    Examples:
        neuralrates quickstart
        neuralrates quickstart /tmp/first-look
    """
    from neuralrates.cli import quickstart

    return quickstart.run(folder)


@app.command()
@reported
def price(
    book: Book,
    market: MarketOrNone = None,
    bundle: BundleOfPoints = "",
    model: ModelOption = MODEL,
    engine: EngineOption = ENGINE,
    greeks: Greeks = "",
    mean_reversion: ReversionOfBook = None,
    date: Date = "",
    out: Out = None,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Compare with QuantLib, as the command verify does; shown in the report.",
        ),
    ] = False,
    keep_going: KeepGoing = False,
    fixings: Fixings = None,
    card: Annotated[
        Path | None,
        typer.Option(
            "--card",
            help="Write .json: model, calibration, quotes, conventions and versions behind each price.",
            show_default=False,
        ),
    ] = None,
    as_json: Json = False,
) -> Outcome:
    """Price a book on a market: values, error bands, exercise probabilities, Greeks.

    \b
    Examples:
        neuralrates price book.csv --market market.json
        neuralrates price book.csv --market market.json --greeks par_delta,vega --out prices.csv
        neuralrates price book.csv --market market.json --greeks all --check --out report.html
        neuralrates price book.csv --market market.json --json | jq '.trades[].value'
        neuralrates price points.csv --bundle cancellable_payer --out prices.csv
        neuralrates price swaptions.csv --bundle forward_swaption --market market.json
    """
    from neuralrates.core.errors import InputError

    if market is None and not bundle:
        raise InputError("expected --market, for a book, or --bundle, for points, or both")
    if bundle:
        asked = (
            greeks or check or card or keep_going or mean_reversion is not None or model != MODEL
        )
        if asked:
            raise InputError(
                "expected none of --greeks, --check, --card, --keep-going, --mean-reversion and --model beside --bundle: "
                "the derivatives to its inputs are always given, and its model is its own"
            )
        if date and market is None:
            raise InputError("expected --date, which chooses from a market file, beside --market")
        from neuralrates.cli import points

        return points.run(book, bundle, engine, out, market, date, as_json=as_json)
    from neuralrates.cli import price

    assert market is not None
    reversion = REVERSION if mean_reversion is None else mean_reversion
    request = price.Request(
        book, market, model, engine, greeks, reversion, keep_going, date, fixings
    )
    return price.run(request, out, check=check, as_json=as_json, card=card)


app.command()(scenarios)
app.command()(explain)


@app.command()
@reported
def calibrate(
    market: Market,
    book: BookOrNone = None,
    curves: Curves = False,
    model: ModelOption = MODEL,
    mean_reversion: ReversionOfBook = None,
    date: Date = "",
    out: Out = None,
    as_json: Json = False,
) -> Outcome:
    """Fit each trade's model to the European swaptions of its exercise dates, and show how well it meets them.

    Without a book and with --model two_factor, two factors fitted to the swaption volatilities of the market: what they miss,
    and with --out a market file that states them. With --curves, how well the curves meet their quotes, used or left out, and
    what of the file is not read.

    \b
    Examples:
        neuralrates calibrate book.csv --market market.json --mean-reversion 0.01 --out fit.csv
        neuralrates calibrate --model two_factor --market market.json --out with_two_factors.json
        neuralrates calibrate --curves --market market.json
    """
    from neuralrates.cli import fits

    return fits.run(market, book, model, mean_reversion, date, out, curves=curves, as_json=as_json)


@app.command()
@reported
def verify(
    book: Book,
    market: Market,
    model: ModelOption = MODEL,
    engine: EngineOption = ENGINE,
    mean_reversion: Reversion = REVERSION,
    date: Date = "",
    tolerance: Tolerance = 0.02,
    points: Annotated[
        int, typer.Option("--points", min=16, help="QuantLib's first grid, points on each side.")
    ] = 256,
    out: Out = None,
    keep_going: KeepGoing = False,
    fixings: Fixings = None,
    as_json: Json = False,
) -> Outcome:
    """Price a book again by QuantLib, trade by trade from its fields on; exit code 1 where one differs or is not compared.

    \b
    Examples:
        neuralrates verify book.csv --market market.json
        neuralrates verify book.csv --market market.json --tolerance 0.005 --points 512
    """
    from neuralrates.cli import price, verify

    request = price.Request(
        book, market, model, engine, "", mean_reversion, keep_going, date, fixings
    )
    return verify.run(request, tolerance, points, out, as_json=as_json)


@app.command()
@reported
def models(
    name: Annotated[
        str, typer.Argument(help="A bundle to show all about: a name or a folder.")
    ] = "",
    as_json: Json = False,
) -> Outcome:
    """List the surrogates that are shipped, with what their certificates state; or show one by its name."""
    from neuralrates.cli import models

    return models.run(name, as_json=as_json)


app.command()(train)
