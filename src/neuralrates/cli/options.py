"""Options that commands share: their names and their help.

One that is a choice is a text here: what it may be is known to what it is for, which refuses the rest in one line.
"""

from pathlib import Path
from typing import Annotated

import typer

MODEL, ENGINE, REVERSION = "", "auto", ""

Book = Annotated[
    Path,
    typer.Argument(
        help="Book of trades: .csv, .json, .xlsx, or .xml of ORE or FpML.", show_default=False
    ),
]
BookOrNone = Annotated[
    Path | None,
    typer.Argument(
        help="Book of trades: .csv, .json, .xlsx, or .xml of ORE or FpML; none with --curves.",
        show_default=False,
    ),
]
Curves = Annotated[
    bool, typer.Option("--curves", help="Show every quote of the curves with its repricing error.")
]
Market = Annotated[
    Path, typer.Option("--market", help="Market file: JSON, or ORE quotes.", show_default=False)
]
MarketOrNone = Annotated[
    Path | None,
    typer.Option("--market", help="Market file: JSON, or ORE quotes.", show_default=False),
]
BundleOfPoints = Annotated[
    str,
    typer.Option(
        "--bundle",
        help="Price points by this bundle, a name or a folder; with a market, contracts on its forward curve.",
    ),
]
Greeks = Annotated[
    str,
    typer.Option(
        "--greeks",
        help="Comma-separated: zero_delta, par_delta, vega, gamma, cross_gamma, theta, mean_reversion; or all.",
    ),
]
Fixings = Annotated[
    Path | None,
    typer.Option(
        "--fixings",
        help="Published rates: date,index,fixing in a CSV, or ORE's fixings.",
        show_default=False,
    ),
]
Date = Annotated[
    str,
    typer.Option(
        "--date",
        help="Which of several dates of the market file, as 2024-03-19.",
        show_default=False,
    ),
]
ModelOption = Annotated[
    str,
    typer.Option(
        "--model",
        help="How rates move: one_factor, two_factor or forward_curve; what the market file says unless given.",
        show_default=False,
    ),
]
EngineOption = Annotated[
    str,
    typer.Option(
        "--engine",
        help="Which engine prices: auto, learned or reference; surrogate is another word for learned.",
    ),
]
Reversion = Annotated[
    str,
    typer.Option(
        "--mean-reversion",
        help="Per year: a number, one per currency (USD=0.03,EUR=0.02), or fit; 0.03, or what the market file says of two "
        "factors, unless given.",
        show_default=False,
    ),
]
ReversionOfBook = Annotated[
    str | None,
    typer.Option(
        "--mean-reversion",
        help="Per year: a number, one per currency (USD=0.03,EUR=0.02), or fit; 0.03, or what the market file says of two "
        "factors, unless given. A bundle has its own.",
        show_default=False,
    ),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", help="Write .csv, .parquet, .json or .html.", show_default=False),
]
KeepGoing = Annotated[
    bool, typer.Option("--keep-going", help="Leave bad trades out and report them at the end.")
]
Json = Annotated[bool, typer.Option("--json", help="JSON on standard output.")]
Tolerance = Annotated[
    float, typer.Option("--tolerance", min=0.0, help="Difference allowed, in bp of notional.")
]
