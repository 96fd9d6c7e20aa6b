"""The command `verify`."""

from pathlib import Path

import pandas as pd

from neuralrates.cli.outcome import Outcome
from neuralrates.cli.price import Request, price
from neuralrates.cli.tables import show_comparison
from neuralrates.core.files import atomic_write
from neuralrates.serving.writers import as_json as json_text
from neuralrates.serving.writers import check_can_write, records, write_csv

SCHEMA = "neuralrates.comparison/1"


def run(
    request: Request, tolerance: float, points: int, out: Path | None, *, as_json: bool
) -> Outcome:
    """Price a book twice and compare."""
    if out is not None:
        check_can_write(out, (".csv", ".json"), (request.book, request.market))
    priced = price(request)
    comparison = priced.check(tolerance=tolerance, points=points)
    text = json_text(comparison, priced.record, SCHEMA)
    if out is not None and out.suffix.lower() == ".csv":
        write_csv(comparison, out)
    elif out is not None:
        atomic_write(out, text)
    if as_json:
        print(text, end="")
    else:
        show_comparison(comparison)
        print(sentence(comparison))
    priced.complain()
    agree = bool((comparison["status"] == "agrees").all())
    return Outcome.DONE if agree and priced.complete else Outcome.FAILURES


def sentence(comparison: pd.DataFrame) -> str:
    """What the comparison says, in one line."""
    compared = comparison[comparison["status"].isin(["agrees", "differs"])]
    tolerance = comparison.attrs["tolerance"]
    if compared.empty:
        return "QuantLib could price none of the trades."
    worst = max(records(compared), key=lambda row: abs(row["difference"]))
    agree, left_out = int((compared["status"] == "agrees").sum()), len(comparison) - len(compared)
    return (
        f"{agree} of {len(compared)} trades agree with QuantLib within {tolerance:g} bp of notional; "
        f"largest difference {abs(worst['difference']):.4f} bp ({worst['trade_id']})"
        + (f"; {left_out} could not be compared" if left_out else "")
    )
