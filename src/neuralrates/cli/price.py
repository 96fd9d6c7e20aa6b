"""The command `price`."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from neuralrates.cli.comparison import agrees, objections, sentence
from neuralrates.cli.market import read_market
from neuralrates.cli.mean_reversion import mean_reversion
from neuralrates.cli.outcome import Outcome, complain, warn
from neuralrates.cli.progress import progress
from neuralrates.cli.tables import show_prices
from neuralrates.core.errors import InputError
from neuralrates.core.files import atomic_write
from neuralrates.core.requests import check_engine, greeks_of
from neuralrates.desk.pricing import price as price_book
from neuralrates.desk.run_record import MeanReversion, RunRecord
from neuralrates.desk.writers import as_json as json_text
from neuralrates.desk.writers import check_can_write, write_csv, write_parquet
from neuralrates.market.fixings import load_fixings
from neuralrates.market.market import Market
from neuralrates.trades.book import Book
from neuralrates.trades.book import load as load_book
from neuralrates.trades.errors import placed

if TYPE_CHECKING:
    from neuralrates.desk.verification.ahead import PricesAhead

SUFFIXES = (".csv", ".parquet", ".json", ".html")


@dataclass(frozen=True)
class Request:
    """What is to be priced, and how, as typed.

    Args:
        book: file
        market: file
        model: how rates move; what the market says where empty
        engine: `auto`, `learned` or `reference`
        greeks: names between commas, or `all`
        mean_reversion: a number, one per currency, or `fit`
        keep_going: leave bad trades out
        date: which of several dates of the market's file, in ISO form
        fixings: file of published rates
    """

    book: Path
    market: Path
    model: str
    engine: str
    greeks: str
    mean_reversion: str
    keep_going: bool
    date: str = ""
    fixings: Path | None = None

    @property
    def goes_on(self) -> bool:
        """Whether trades that cannot be priced are left out: where asked, and in another system's portfolio, which has many."""
        return self.keep_going or self.book.suffix.lower() == ".xml"


@dataclass(frozen=True)
class Priced:
    """A priced book, and what it was made from.

    Args:
        book: trades that could be read
        market: curves and volatilities
        table: one row a trade
        record: of the run
        mean_reversion: per year
        ahead: prices of the second code on their way; none where they were not asked for
    """

    book: Book
    market: Market
    table: pd.DataFrame
    record: RunRecord
    mean_reversion: MeanReversion
    ahead: "PricesAhead | None" = None

    @property
    def complete(self) -> bool:
        """Whether no trade was left out or failed."""
        return not self.record.errors and bool((self.table["status"] == "ok").all())

    def check(self, given: Mapping[str, Any]) -> pd.DataFrame:
        """The comparison with QuantLib, given its tolerance and points where they are not those of `verify`."""
        from neuralrates.desk.verification.verify import verify

        try:
            with progress("checking against QuantLib") as step:
                return verify(
                    self.book,
                    self.market,
                    self.table,
                    mean_reversion=self.mean_reversion,
                    progress=step,
                    ahead=None if self.ahead is None else self.ahead.price,
                    **given,
                )
        finally:
            if self.ahead is not None:
                self.ahead.stop()

    def complain(self) -> None:
        """Name every likely slip, and every trade that was left out or failed."""
        warn(*_doubts(self.table))
        failed = self.table[self.table["status"] != "ok"]
        rows = zip(failed["trade_id"], failed["status"], strict=True)
        complain(*self.record.errors, *(self._fault(name, status) for name, status in rows))

    def _fault(self, name: str, status: str) -> str:
        """Why a trade was not priced, with its place in the book where the reason does not begin with that."""
        told, places = f"trade {name}: {status}", self.book.places
        if not places or status.startswith(f"{self.book.source}, "):
            return told
        names = [trade.trade_id for trade in self.book.trades]
        place = places[names.index(name)]
        (fault,) = placed(InputError(told), self.book.source, place.line, place.prefix)
        return str(fault)


def _doubts(table: pd.DataFrame) -> tuple[str, ...]:
    """Likely slips, engines that were passed over, and Greeks that are missing, a line each."""
    return (*table.attrs["warnings"], *_passed_over(table), *_missing(table))


def _missing(table: pd.DataFrame) -> list[str]:
    """Why Greeks that were asked for have no number, a line for each reason."""
    gaps = Counter(gap for gaps in table.attrs["missing"].values() for gap in gaps.items())
    return [
        f"no {greek} for {count} trade{'s' if count > 1 else ''}: {reason}"
        for (greek, reason), count in gaps.most_common()
    ]


def _passed_over(table: pd.DataFrame) -> list[str]:
    """Why trades went past the engine that was asked for, a line for each thing expected."""
    said = (reasons[-1] for reasons in table.attrs["passed_over"].values())
    reasons = Counter(reason.partition(", found ")[0] for reason in said)
    return [
        f"{count} trade{'s' if count > 1 else ''} by the reference: {reason}"
        for reason, count in reasons.most_common()
    ]


def run(
    request: Request, out: Path | None, *, check: bool, as_json: bool, card: Path | None = None
) -> Outcome:
    """Price a book; show it, or print it as JSON, and write it, and its card, where files are named."""
    inputs = (request.book, request.market, request.fixings)
    if out is not None:
        check_can_write(out, SUFFIXES, inputs)
    if card is not None:
        check_can_write(card, (".json",), (*inputs, out))
    priced = price(request, {} if check else None)
    comparison = priced.check({}) if check else None
    if out is not None:
        write(priced, out, comparison)
    if card is not None:
        _write_card(priced, card)
    if as_json:
        print(json_text(priced.table, priced.record), end="")
    else:
        show_prices(priced.table, comparison)
        if comparison is not None:
            print(sentence(comparison))
        if out is not None:
            print(f"Written to {out}")
    priced.complain()
    complain(*([] if comparison is None else objections(comparison)))
    good = comparison is None or agrees(comparison)
    return Outcome.DONE if priced.complete and good else Outcome.FAILURES


def price(request: Request, check: Mapping[str, Any] | None = None) -> Priced:
    """Read the files of a request and price them.

    Args:
        request: as typed
        check: what the comparison that follows is given, so that the second code prices at the same time; none follows
            where it is None

    Returns:
        The prices.
    """
    greeks = greeks_of(request.greeks)
    check_engine(request.engine)
    market = read_market(request.market, request.date)
    model = request.model or market.model
    reversion = mean_reversion(request.mean_reversion, market, model)
    book = _readable(request, market)
    ahead = None if check is None else _ahead(book, market, reversion, model, check)
    try:
        with progress("pricing") as step:
            table = price_book(
                book,
                market,
                model=model,
                engine=request.engine,
                greeks=greeks,
                mean_reversion=reversion,
                keep_going=request.goes_on,
                progress=step,
            )
    except BaseException:
        if ahead is not None:
            ahead.stop()
        raise
    record = RunRecord.of(
        book,
        market,
        model=model,
        engine=request.engine,
        mean_reversion=reversion,
        errors=tuple(map(str, book.errors)),
        warnings=_doubts(table),
    )
    return Priced(book, market, table, record, reversion, ahead)


def _ahead(
    book: Book, market: Market, reversion: MeanReversion, model: str, given: Mapping[str, Any]
) -> "PricesAhead | None":
    """The second code at work in other processes, where the book is worth them."""
    from neuralrates.desk.verification.ahead import PricesAhead, processes_for

    processes = processes_for(book)
    if not processes:
        return None
    return PricesAhead(book, market, reversion, processes, model=model, **given)


def write(priced: Priced, out: Path, comparison: pd.DataFrame | None) -> None:
    """Write a priced book in the format that the file name asks for."""
    match out.suffix.lower():
        case ".csv":
            write_csv(priced.table, out)
        case ".parquet":
            write_parquet(priced.table, priced.record, out)
        case ".json":
            atomic_write(out, json_text(priced.table, priced.record))
        case ".html":
            from neuralrates.desk.report.report import write_report

            write_report(priced.table, priced.record, out, comparison)


def _write_card(priced: Priced, path: Path) -> None:
    """Write what the prices were made of."""
    from neuralrates.desk.cards import engine_card

    told = engine_card(
        priced.book, priced.market, priced.table, mean_reversion=priced.mean_reversion
    )
    atomic_write(path, json.dumps(told, indent=1, allow_nan=False) + "\n")


def _readable(request: Request, market: Market) -> Book:
    """The book, if there is a trade in it that can be resolved."""
    book = load_book(request.book, keep_going=request.goes_on)
    if request.fixings is not None:
        book = book.with_fixings(load_fixings(request.fixings), market.valuation_date)
    if not book.resolve(market.valuation_date, keep_going=request.goes_on).trades:
        complain(*book.errors)
        raise InputError(
            "expected at least one trade that can be priced, found none", file=book.source
        )
    return book
