"""What a table of prices was made from: files, digests, settings."""

import datetime
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from neuralrates import __version__
from neuralrates.market.market import Market
from neuralrates.trades.book import Book

MeanReversion = float | Mapping[str, float]


@dataclass(frozen=True)
class RunRecord:
    """Where the numbers of one run come from, as plain values.

    Args:
        valuation_date: ISO date
        book: file of the trades
        book_sha256: its digest
        market: file of the quotes
        market_sha256: its digest
        notes: what the reader of the market decided
        model: how rates move
        engine: which engine was asked for
        mean_reversion: per year
        errors: trades left out, a line each
        warnings: what looks like a slip in the market or in a trade, with the evidence
        version: of this library
        made: when, UTC
    """

    valuation_date: str
    book: str
    book_sha256: str
    market: str
    market_sha256: str
    notes: tuple[str, ...]
    model: str
    engine: str
    mean_reversion: Any
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    version: str = __version__
    made: str = field(
        default_factory=lambda: datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    )

    @classmethod
    def of(
        cls,
        book: Book,
        market: Market,
        *,
        model: str,
        engine: str,
        mean_reversion: MeanReversion,
        errors: tuple[str, ...] = (),
        warnings: Sequence[str] = (),
    ) -> "RunRecord":
        """Record of a run on this book and market."""
        sources = [one.source for one in market.currencies.values()]
        return cls(
            market.valuation_date.isoformat(),
            book.source,
            _digest(Path(book.source)),
            sources[0].file if sources else "",
            sources[0].sha256 if sources else "",
            market.notes,
            model,
            engine,
            dict(mean_reversion) if isinstance(mean_reversion, Mapping) else mean_reversion,
            errors,
            (*market.warnings, *warnings),
        )


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
