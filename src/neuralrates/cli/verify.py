"""The command `verify`."""

from pathlib import Path

from neuralrates.cli.comparison import agrees, objections, sentence
from neuralrates.cli.outcome import Outcome, complain
from neuralrates.cli.price import Request, price
from neuralrates.cli.tables import show_comparison
from neuralrates.core.files import atomic_write
from neuralrates.desk.writers import as_json as json_text
from neuralrates.desk.writers import check_can_write, write_csv

SCHEMA = "neuralrates.comparison/1"


def run(
    request: Request, tolerance: float, points: int, out: Path | None, *, as_json: bool
) -> Outcome:
    """Price a book twice and compare."""
    if out is not None:
        check_can_write(out, (".csv", ".json"), (request.book, request.market))
    given = {"tolerance": tolerance, "points": points}
    priced = price(request, given)
    comparison = priced.check(given)
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
    complain(*objections(comparison))
    return Outcome.DONE if agrees(comparison) and priced.complete else Outcome.FAILURES
