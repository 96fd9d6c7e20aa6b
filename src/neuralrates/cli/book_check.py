"""The command `book check`."""

import json
from collections import Counter
from pathlib import Path

import pandas as pd

from neuralrates.cli.market import read_market
from neuralrates.cli.outcome import Outcome, warn
from neuralrates.cli.tables import console, new_table
from neuralrates.market.fixings import load_fixings
from neuralrates.trades.book_check import STOPPED
from neuralrates.trades.book_check import check as check_file

SCHEMA = "neuralrates.check/1"


def check(
    book: Path, market: Path | None, date: str, fixings: Path | None, *, as_json: bool
) -> Outcome:
    """Print what is stopped of a book and why, and how many trades are not."""
    known = None if market is None else read_market(market, date)
    published = None if fixings is None else load_fixings(fixings)
    found = check_file(book, known, published)
    if as_json:
        content = {"schema": SCHEMA, "trades": found.to_dict("records")}
        print(json.dumps(content, indent=1, allow_nan=False))
    else:
        _print(found)
    warn(*(lines for lines in found["warnings"] if lines))
    return Outcome.FAILURES if (found["verdict"] == STOPPED).any() else Outcome.DONE


def _print(found: pd.DataFrame) -> None:
    stopped = found[found["verdict"] == STOPPED]
    if len(stopped):
        shown = new_table("place", "trade", "kind", "field", "stopped: why")
        reasons = shown.columns[-1]
        reasons.no_wrap, reasons.justify = False, "left"  # a long one must not push the others out
        for row in stopped.itertuples():
            shown.add_row(row.place, row.trade_id, row.kind, row.field, row.reason)
        console().print(shown)
    for line in summary(found):
        print(line)


def summary(found: pd.DataFrame) -> list[str]:
    """How many trades of each kind stand, and how many are stopped, a line each."""
    apart = found.drop_duplicates(["place", "trade_id"])
    counts = Counter(zip(apart["verdict"], apart["kind"], strict=True))
    verdicts = dict.fromkeys(apart["verdict"])
    return [
        f"{sum(apart['verdict'] == verdict)} of {len(apart)} {verdict}: "
        + ", ".join(
            f"{count} {kind or 'without a kind'}"
            for (said, kind), count in counts.most_common()
            if said == verdict
        )
        for verdict in sorted(verdicts)
    ]
