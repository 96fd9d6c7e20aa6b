"""Books of dated trades: read, checked row by row, resolved and written."""

import csv
import datetime
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from neuralrates.core.doors import door
from neuralrates.core.errors import ArgumentError, InputError, RefusalError
from neuralrates.core.expectations import given
from neuralrates.core.files import atomic_write
from neuralrates.market.fixings import IndexFixings
from neuralrates.trades.errors import BookError, placed
from neuralrates.trades.fields import shown
from neuralrates.trades.kinds import COLUMNS, KINDS, REQUIRED
from neuralrates.trades.left_out import LeftOut
from neuralrates.trades.published import filled
from neuralrates.trades.reader import (
    SCHEMA,
    read_rows,
    rows_of_csv,
    rows_of_document,
)
from neuralrates.trades.resolved import ResolvedTrade
from neuralrates.trades.rows import Place, Row
from neuralrates.trades.trade import AbstractTrade
from neuralrates.trades.workbook import write_workbook


@dataclass(frozen=True)
class ResolvedBook:
    """Trades of a book seen from one valuation date, and the errors of those left out."""

    trades: tuple[ResolvedTrade, ...]
    errors: tuple[InputError, ...]


@door
@dataclass(frozen=True)
class Book:
    """Dated trades, each with a name of its own.

    Args:
        trades: the trades
        source: file they came from
        places: where each trade stands in it; none for a book made in memory
        left_out: trades of the file that are not among them, where the reader was told to keep going
        faults: by name of a trade, what keeps it from being seen from any day: a fixing that nobody has published
    """

    trades: tuple[AbstractTrade, ...]
    source: str = "book"
    places: tuple[Place, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    faults: Mapping[str, InputError] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for trade in self.trades:
            if not isinstance(trade, AbstractTrade):
                raise ArgumentError(
                    f"Argument `trades` of Book must hold trades, but holds {given(trade)}."
                )
        names = Counter(trade.trade_id for trade in self.trades)
        if twice := [name for name, count in names.items() if count > 1]:
            raise InputError(
                f"expected a name of its own, found {twice[0]} again", column="trade_id"
            )

    @property
    def errors(self) -> tuple[InputError, ...]:
        """What stopped the trades left out, a line for each field."""
        return tuple(error for one in self.left_out for error in one.errors)

    def __len__(self) -> int:
        return len(self.trades)

    def __iter__(self) -> Iterator[AbstractTrade]:
        return iter(self.trades)

    def with_fixings(self, fixings: IndexFixings, valuation_date: datetime.date) -> "Book":
        """The book with every floating rate that is fixed and that a trade does not state, as it was published.

        Args:
            fixings: published rates
            valuation_date: date that the trades are seen from

        Returns:
            The book; a trade whose rate was not published says so, by date and index, when it is resolved.
        """
        trades: list[AbstractTrade] = []
        faults = dict(self.faults)
        for trade in self.trades:
            try:
                trades.append(filled(trade, fixings, valuation_date))
            except InputError as error:
                trades.append(trade)
                faults[trade.trade_id] = placed(error, f"trade {trade.trade_id}")[0]
        return replace(self, trades=tuple(trades), faults=faults)

    def resolve(self, valuation_date: datetime.date, *, keep_going: bool = False) -> ResolvedBook:
        """All trades in years from a valuation date.

        Args:
            valuation_date: date of time zero
            keep_going: return the errors beside the good trades, instead of raising them

        Returns:
            The resolved trades and the errors of the others, those of reading included.

        Raises:
            BookError: listing every trade that cannot be resolved, unless told to keep going
        """
        good: list[ResolvedTrade] = []
        bad: list[InputError] = []
        for number, trade in enumerate(self.trades):
            try:
                if trade.trade_id in self.faults:
                    raise self.faults[trade.trade_id]
                good.append(trade.resolve(valuation_date))
            except InputError as error:
                place = self.places[number] if self.places else None
                bad += placed(error, self.source, place.line, place.prefix) if place else [error]
        if bad and not keep_going:
            raise BookError(bad, file=self.source)
        return ResolvedBook(tuple(good), (*self.errors, *bad))


@door
def load(path: str | Path, *, keep_going: bool = False) -> Book:
    """Book of dated trades from a CSV or JSON file, a portfolio of the Open Source Risk Engine (ORE), or an FpML document.

    Args:
        path: file name, ending in `.csv` (a column a field), `.json`, `.xml` (ORE or FpML) or `.xlsx` (as CSV)
        keep_going: leave bad rows out and return their errors in the book, instead of raising them

    Returns:
        The book.

    Raises:
        BookError: listing every bad row, unless told to keep going
        InputError: where the file as a whole is no book

    Example:
        >>> import neuralrates as nr
        >>> import pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = pathlib.Path(folder) / "book.csv"
        ...     _ = file.write_text(
        ...         "kind,trade_id,currency,index,side,notional,strike,start_date,maturity_date\\n"
        ...         "swap,S1,USD,USD-SOFR,payer,1e7,0.0385,2024-03-21,2029-03-21\\n"
        ...     )
        ...     book = nr.trades.load(file)
        >>> book.trades[0].strike
        0.0385
    """
    path = Path(path)
    return _book(read_rows(path, COLUMNS, REQUIRED), path, keep_going)


def parse(content: Any, name: str = "book", *, keep_going: bool = False) -> Book:
    """Book of dated trades from what a file would hold, without a file.

    Args:
        content: comma-separated text, or plain values laid out as a JSON book
        name: what messages call it
        keep_going: as for `load`

    Returns:
        The book.

    Raises:
        BookError, InputError: as `load`

    Example:
        >>> from neuralrates.trades.book import parse
        >>> swap = {"kind": "swap", "trade_id": "S1", "currency": "USD", "index": "USD-SOFR", "side": "payer",
        ...     "notional": 1e7, "strike": 0.0385, "start_date": "2024-03-21", "maturity_date": "2029-03-21"}
        >>> parse([swap]).trades[0].strike
        0.0385
    """
    path = Path(name)
    if isinstance(content, str):
        return _book(rows_of_csv(content, path, COLUMNS, REQUIRED), path, keep_going)
    return _book(rows_of_document(content, path), path, keep_going)


def _book(rows: Iterable[Row], path: Path, keep_going: bool) -> Book:
    """The trades of rows, each with a name of its own."""
    trades: dict[str, AbstractTrade] = {}
    places: list[Place] = []
    left_out: list[LeftOut] = []
    for row in rows:
        try:
            trade = _trade(row, trades)
        except InputError as error:
            errors = placed(error, path, row.place.line, row.place.prefix)
            left_out.append(LeftOut(*_named(row), row.place, errors))
        else:
            trades[trade.trade_id] = trade
            places.append(row.place)
    book = Book(tuple(trades.values()), str(path), tuple(places), tuple(left_out))
    if book.errors and not keep_going:
        raise BookError(book.errors, file=path)
    return book


def _named(row: Row) -> tuple[str, str]:
    """Name and kind that a row gives its trade, shortened; nothing where it gives none."""
    found = (row.fields.get(name, "") for name in ("trade_id", "kind"))
    name, kind = (shown(one) if one != "" else "" for one in found)
    return name, kind


@door
def dump(book: Book, path: str | Path) -> None:
    """Write a book as CSV, JSON or a spreadsheet, whole or not at all.

    Args:
        book: the book
        path: file name, ending in `.csv`, `.json` or `.xlsx`
    """
    path = Path(path)
    writers = {".csv": _as_csv, ".json": _as_json}
    if path.suffix.lower() not in (*writers, ".xlsx"):
        raise InputError("expected a file name ending in .csv, .json or .xlsx", file=path)
    fields = [
        {"kind": trade.kind} | trade.model_dump(mode="json", exclude_defaults=True)
        for trade in book.trades
    ]
    if path.suffix.lower() == ".xlsx":
        write_workbook([list(COLUMNS), *_cells(fields, COLUMNS)], path)
    else:
        atomic_write(path, writers[path.suffix.lower()](fields))


def _trade(row: Row, earlier: dict[str, AbstractTrade]) -> AbstractTrade:
    if row.fault is not None:
        raise row.fault
    kind = row.fields.get("kind", "")
    if not isinstance(kind, str) or kind not in KINDS:
        known = ", ".join(KINDS)
        raise InputError(f"expected a kind among {known}, found {shown(kind)}", column="kind")
    try:
        trade = KINDS[kind](**row.fields)
    except RefusalError as error:
        raise InputError(str(error), column="settlement") from None
    if trade.trade_id in earlier:
        expected = f"expected a name of its own, found {trade.trade_id} again"
        raise InputError(expected, column="trade_id")
    return trade


def _as_csv(trades: list[dict[str, Any]]) -> str:
    columns = [name for name in COLUMNS if any(name in fields for fields in trades)]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(_cells(trades, columns))
    return text.getvalue()


def _cells(trades: list[dict[str, Any]], columns: Sequence[str]) -> list[list[Any]]:
    """Fields of each trade in columns."""
    return [[_cell(fields.get(name, "")) for name in columns] for fields in trades]


def _cell(value: Any) -> Any:
    return ";".join(map(str, value)) if isinstance(value, list) else value


def _as_json(trades: list[dict[str, Any]]) -> str:
    return json.dumps({"schema": SCHEMA, "trades": trades}, indent=1) + "\n"
