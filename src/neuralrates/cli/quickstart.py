"""The command `quickstart`: the whole of the main job on the example, and what to do next."""

import time
from pathlib import Path

import pandas as pd

from neuralrates.cli.comparison import agrees, objections, sentence
from neuralrates.cli.outcome import Outcome, complain
from neuralrates.cli.price import Priced, Request, price, write
from neuralrates.cli.tables import show_prices
from neuralrates.core.units import basis_point
from neuralrates.desk.example import copy_example

GREEKS = "zero_delta,par_delta,vega,gamma,theta,mean_reversion"
REPORT, TABLE = "report.html", "prices.csv"


def run(folder: Path) -> Outcome:
    """Price the example, check it, write the report, say what was done."""
    book, market = copy_example(folder)
    print(f"Pricing {book} on {market}: values, error bands, all Greeks to market quotes.")
    start = time.perf_counter()
    request = Request(book, market, "one_factor", "auto", GREEKS, "0.03", keep_going=False)
    priced = price(request, {})
    pricing = time.perf_counter() - start
    comparison = priced.check({})
    checking = time.perf_counter() - start - pricing
    write(priced, folder / REPORT, comparison)
    write(priced, folder / TABLE, None)
    show_prices(priced.table, comparison)
    print()
    for line in _summary(priced, comparison, pricing, checking):
        print(line)
    print(_next(folder, book, market))
    complain(*objections(comparison))
    return Outcome.DONE if agrees(comparison) and priced.complete else Outcome.FAILURES


def _summary(
    priced: Priced, comparison: pd.DataFrame, pricing: float, checking: float
) -> list[str]:
    table = priced.table
    kinds = table["kind"].value_counts(sort=False)
    counted = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    engines = table["engine"].value_counts(sort=False)
    by = " and ".join(f"{count} by the {engine} engine" for engine, count in engines.items())
    band = (table["error_band"] / table["notional"]).max() / basis_point
    greeks = sum(name.split(" ")[0] in GREEKS.split(",") for name in table.columns)
    return [
        f"Priced     {len(table)} trades ({counted})",
        f"           with {greeks} Greeks each, {by}, in {pricing:.0f} s",
        f"Error      bands of at most {band:.1g} bp of notional around the model's exact price",
        f"Checked    {sentence(comparison)}, in {checking:.0f} s",
    ]


def _next(folder: Path, book: Path, market: Path) -> str:
    return "\n".join(
        [
            f"Written    {folder / REPORT} (open it in a browser), {folder / TABLE}",
            "",
            "Next, with these files or your own:",
            f"  neuralrates price {book} --market {market} --greeks all --out report.html",
            f"  neuralrates calibrate {book} --market {market}",
            f"  neuralrates verify {book} --market {market}",
            "  neuralrates --help",
        ]
    )
