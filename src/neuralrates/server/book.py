"""A book on a market, both in one body: the desk's table with its units, and its report."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pandas as pd

from neuralrates.core.errors import InputError
from neuralrates.core.requests import check_currencies, check_greeks, greeks_of, mean_reversion_of
from neuralrates.desk.pricing import price as price_book
from neuralrates.desk.report.report import render
from neuralrates.desk.run_record import RunRecord
from neuralrates.desk.writers import SCHEMA, records
from neuralrates.market.files.market_file import parse as parse_market
from neuralrates.market.market import Market
from neuralrates.server.desk_answers import DeskAnswer, again
from neuralrates.server.faults import bad, entries, without_paths
from neuralrates.server.json_bodies import check_known, flag, read_strict_json, text, write_json
from neuralrates.server.points import checked_engine
from neuralrates.trades.book import Book
from neuralrates.trades.book import parse as parse_book
from neuralrates.trades.errors import BookError, listed

_FIELDS = (
    *("book", "market", "model", "engine", "greeks"),
    *("mean_reversion", "keep_going", "report"),
)
_MODEL, _ENGINE = "one_factor", "auto"
_LARGEST_REVERSION = 1e6


def price(body: bytes, largest: int, demotion: Callable[[str], str]) -> DeskAnswer:
    """The answer to a request for the prices of a book.

    Args:
        body: JSON with the fields `book` (its trades as a JSON book has them, or the text of a CSV), `market` (as a market file
            has it, or its text), and perhaps `greeks`, `engine`, `model`, `mean_reversion`, `keep_going`, `report`
        largest: trades of one request
        demotion: why the learned engines of a model may not answer; empty where they may

    Returns:
        The body of the answer, the table in it, and its trades by the reference.

    Raises:
        FaultError: naming the field of the request
        NeuralratesError: of the readers and the desk
    """
    document = read_strict_json(body)
    check_known(document, _FIELDS)
    keep_going = flag(document, "keep_going")
    market = _market(document)
    book = _book(document, keep_going, largest)
    model = text(document, "model", _MODEL)
    settings: dict[str, Any] = {
        "model": model,
        "engine": checked_engine(text(document, "engine", _ENGINE)),
        "mean_reversion": _mean_reversion(document, market, model),
    }
    demoted = demotion(model)
    settings |= {"engine": "reference"} if demoted else {}
    greeks = greeks_asked(document)
    table = price_book(book, market, greeks=greeks, keep_going=keep_going, **settings)
    content: dict[str, Any] = {
        "schema": SCHEMA,
        "valuation_date": market.valuation_date.isoformat(),
        "units": table.attrs["units"],
        "trades": records(table),
        "errors": entries(book.errors),
        "warnings": _lines(
            (*market.warnings, *table.attrs["warnings"], *([demoted] if demoted else []))
        ),
        "notes": _lines(market.notes),
        "passed_over": {name: _lines(why) for name, why in table.attrs["passed_over"].items()},
        "missing": table.attrs["missing"],
    }
    if flag(document, "report"):
        content["report"] = render(table, _record(document, book, market, table, settings))
    return DeskAnswer(write_json(content), table, again(book, market, **settings))


def greeks_asked(document: Mapping[str, Any]) -> tuple[str, ...]:
    """The Greeks that a request asks for: a list, names between commas, or `all`."""
    asked = document.get("greeks", [])
    try:
        match asked:
            case str():
                return greeks_of(asked)
            case list() if set(map(type, asked)) <= {str}:
                return tuple(sorted(check_greeks(asked)))
    except InputError as error:
        raise bad(error.expected, "greeks") from None
    raise bad("expected a list of names", "greeks")


def _market(document: Mapping[str, Any]) -> Market:
    if not isinstance(document.get("market"), dict | str):
        raise bad("expected a market as its file has it: a table, or its text", "market")
    given = document["market"]
    with _within("market"):
        return parse_market(given, digest=_digest(given))


def _book(document: Mapping[str, Any], keep_going: bool, largest: int) -> Book:
    given = document.get("book")
    if not isinstance(given, dict | list | str):
        raise bad("expected trades as a book file has them: a list, or the text of a CSV", "book")
    if isinstance(given, str) and given.lstrip().startswith(("{", "[")):
        given = read_strict_json(b'{"book":' + given.encode(errors="replace") + b"}")["book"]
    with _within("book"):
        book = parse_book(given, keep_going=keep_going)
        if not book.trades:
            raise BookError(book.errors)
    if len(book.trades) > largest:
        raise bad(f"expected at most {largest:,} trades, found {len(book.trades):,}", "book")
    return book


@contextmanager
def _within(field: str) -> Iterator[None]:
    """Faults of what stands in a field of the request, by their place in that."""
    try:
        yield
    except InputError as error:
        found = [
            InputError(
                one.expected, line=one.line, column=f"{field}.{one.column}" if one.column else field
            )
            for one in listed(error)
        ]
        raise BookError(found) from None


def _mean_reversion(
    document: Mapping[str, Any], market: Market, model: str
) -> float | dict[str, float]:
    """A number, or one for every currency."""
    given = document.get("mean_reversion", market.mean_reversion(model))
    several = list(given.values()) if isinstance(given, dict) else [given]
    if not all(type(one) in (int, float) and abs(one) < _LARGEST_REVERSION for one in several):
        raise bad("expected a number per year, or a table of them by currency", "mean_reversion")
    try:
        check_currencies(given, market.currencies)
        for currency in market.currencies:
            mean_reversion_of(given, currency)
    except InputError as error:
        raise bad(error.expected, "mean_reversion") from None
    found: float | dict[str, float] = given
    return found


def _record(
    document: Mapping[str, Any],
    book: Book,
    market: Market,
    table: pd.DataFrame,
    settings: Mapping[str, Any],
) -> RunRecord:
    """What the table was made from, for the report."""
    return RunRecord(
        valuation_date=market.valuation_date.isoformat(),
        book="the book sent",
        book_sha256=_digest(document["book"]),
        market="the market sent",
        market_sha256=_digest(document["market"]),
        notes=market.notes,
        errors=tuple(map(str, book.errors)),
        warnings=(*market.warnings, *table.attrs["warnings"]),
        **settings,
    )


def _digest(given: Any) -> str:
    """SHA-256 of a text as it was sent, or of plain values written again."""
    content = given if isinstance(given, str) else json.dumps(given)  # integers of any size
    return hashlib.sha256(content.encode(errors="replace")).hexdigest()


def _lines(lines: Iterable[str]) -> list[str]:
    return [without_paths(line) for line in lines]
