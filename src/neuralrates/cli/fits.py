"""`neuralrates calibrate`: which of three fits is asked for."""

from pathlib import Path

from neuralrates.cli import calibrate, calibrate_two_factor, curve_quotes
from neuralrates.cli.options import MODEL, REVERSION
from neuralrates.cli.outcome import Outcome
from neuralrates.core.errors import InputError


def run(
    market: Path,
    book: Path | None,
    model: str,
    mean_reversion: str | None,
    date: str,
    out: Path | None,
    *,
    curves: bool,
    as_json: bool,
) -> Outcome:
    """Fit each trade's model of a book, the two factors of a market, or show how well curves meet their quotes."""
    alone = book is None and not curves and model == "two_factor"
    if not alone and (curves == (book is not None) or (curves and model != MODEL)):
        raise InputError("expected a book, or --curves, or --model two_factor without a book")
    if book is None:
        if mean_reversion is not None:
            raise InputError(
                "expected no --mean-reversion beside --curves, which depend on none, or beside two factors that are fitted"
            )
        command = calibrate_two_factor if alone else curve_quotes
        return command.run(market, date, out, as_json=as_json)
    reversion = REVERSION if mean_reversion is None else mean_reversion
    return calibrate.run(book, market, date, model, reversion, out, as_json=as_json)
