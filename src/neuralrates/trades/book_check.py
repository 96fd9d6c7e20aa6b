"""What of a book will be priced, and what not and why, said before anything runs."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from neuralrates.core.doors import door
from neuralrates.core.errors import InputError, NeuralratesError
from neuralrates.market.fixings import IndexFixings
from neuralrates.market.market import Market
from neuralrates.trades.book import Book, load
from neuralrates.trades.coverage import refusal, without_volatilities
from neuralrates.trades.errors import listed
from neuralrates.trades.rows import Place
from neuralrates.trades.trade import AbstractTrade
from neuralrates.trades.warnings import warnings_of

READ, PRICED, STOPPED = "read", "will be priced", "stopped"
COLUMNS = ("place", "trade_id", "kind", "verdict", "field", "reason", "warnings")


class _Finding(NamedTuple):
    """What is said of one trade, in the order of the columns."""

    place: str
    trade_id: str
    kind: str
    verdict: str
    field: str = ""
    reason: str = ""
    warnings: str = ""


@door
def check(
    path: str | Path, market: Market | None = None, fixings: IndexFixings | None = None
) -> pd.DataFrame:
    """What will be priced of a book, and what not and why; nothing is priced.

    Args:
        path: file of the book, as for `load`
        market: curves and volatilities that it is to be priced on; without one the fields alone are looked at
        fixings: published rates, for those that trades do not state

    Returns:
        One row a trade of the file, in its order: `verdict` is `will be priced` (`read` where there is no
        market) or `stopped`, then `field` and `reason` say by what; `warnings` holds likely slips.

    Raises:
        InputError: where the file as a whole is no book

    Example:
        >>> import neuralrates as nr
        >>> import pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = pathlib.Path(folder) / "book.csv"
        ...     _ = file.write_text(
        ...         "kind,trade_id,currency,index,side,notional,strike,start_date,maturity_date\\n"
        ...         "swap,S1,USD,USD-SOFR,payer,1e7,0.0385,2024-03-21,2029-03-21\\n"
        ...         "swap,S2,USD,USD-SOFR,payer,1e7,3.85,2024-03-21,2029-03-21\\n"
        ...     )
        ...     table = nr.trades.check(file)
        >>> table[["trade_id", "verdict", "field"]].values.tolist()
        [['S1', 'read', ''], ['S2', 'stopped', 'strike']]
    """
    book = load(path, keep_going=True)
    if market is not None and fixings is not None:
        book = book.with_fixings(fixings, market.valuation_date)
    return check_book(book, market)


def check_book(book: Book, market: Market | None = None) -> pd.DataFrame:
    """As `check`, of a book that was read with `keep_going`."""
    found = [
        (one.place, _findings(one.place, one.trade_id, one.kind, one.errors))
        for one in book.left_out
    ]
    places = book.places or (Place(),) * len(book)
    for trade, place in zip(book.trades, places, strict=True):
        found.append((place, _of_trade(trade, place, market, book.faults.get(trade.trade_id))))
    found.sort(key=lambda placed: placed[0].order)
    rows = [row for _, rows in found for row in rows]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _of_trade(
    trade: AbstractTrade, place: Place, market: Market | None, fault: InputError | None
) -> list[_Finding]:
    """What is said of a trade that could be read; a line for each field that stops it."""
    named = (str(place), trade.trade_id, trade.kind)
    if market is None:
        return [_Finding(*named, READ)]
    if reason := fault or _reason(trade, market):
        errors = listed(reason) if isinstance(reason, InputError) else (reason,)
        return _findings(place, trade.trade_id, trade.kind, errors)
    doubts = "; ".join(warnings_of(trade, market.valuation_date))
    return [_Finding(*named, PRICED, warnings=doubts)]


def _findings(
    place: Place, trade_id: str, kind: str, errors: Sequence[NeuralratesError]
) -> list[_Finding]:
    """What stopped a trade, a line for each field."""
    return [
        _Finding(
            str(place),
            trade_id,
            kind,
            STOPPED,
            (getattr(error, "column", None) or "").removeprefix(place.prefix),
            getattr(error, "expected", str(error)).removeprefix(f"trade {trade_id} ({kind}): "),
        )
        for error in errors
    ]


def _reason(trade: AbstractTrade, market: Market) -> NeuralratesError | None:
    """Why a trade cannot be priced on a market; None where it can."""
    try:
        resolved = trade.resolve(market.valuation_date)
    except InputError as error:
        return error
    return refusal(resolved, market) or without_volatilities(resolved, market[trade.currency])
