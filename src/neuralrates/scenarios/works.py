"""Trades of one rate and engine in batches, ready to be priced again on other numbers."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import pandas as pd

from neuralrates.core.processors import num_processors
from neuralrates.core.requests import mean_reversion_of
from neuralrates.desk.index_desk import IndexDesk
from neuralrates.engines.batches import Batch, in_batches
from neuralrates.engines.catalogue import candidates
from neuralrates.engines.engine import AbstractEngine
from neuralrates.market.market import Market
from neuralrates.trades.book import Book
from neuralrates.trades.resolved import ResolvedTrade


class Work(NamedTuple):
    """Trades of one rate and engine, in batches, with the numerical choices that today's prices made."""

    desk: IndexDesk
    engine: AbstractEngine
    trades: list[ResolvedTrade]
    rows: list[int]
    batches: list[tuple[Batch, Any]]


def works_of(
    book: Book,
    market: Market,
    today: pd.DataFrame,
    reversions: float | Mapping[str, float],
) -> list[Work]:
    """The trades of a book that have a price, by rate and engine.

    Args:
        book: dated trades
        market: that they were priced on
        today: their prices, as of `price`
        reversions: mean reversion per year, for all currencies or by currency

    Returns:
        An entry for each rate and engine.
    """
    resolved = {
        one.trade_id: one for one in book.resolve(market.valuation_date, keep_going=True).trades
    }
    engines = {one.name: one for one in candidates(today.attrs["model"], "reference")}
    alike: dict[tuple[str, tuple[str, ...], str], list[int]] = {}
    for row, (name, engine, status) in enumerate(
        zip(today["trade_id"], today["engine"], today["status"], strict=True)
    ):
        if status == "ok":
            one = resolved[name]
            alike.setdefault((one.currency, one.floating_rates, engine), []).append(row)
    works: list[Work] = []
    with ThreadPoolExecutor(num_processors()) as pool:
        for (currency, rates, engine), rows in alike.items():
            reversion = mean_reversion_of(reversions, currency)
            desk = IndexDesk(market[currency], rates, reversion, frozenset(), (engines[engine],))
            trades = [resolved[today["trade_id"].iloc[row]] for row in rows]
            batches = in_batches(trades)
            by_batch = pool.map(
                lambda batch, own=engines[engine], at=desk: (
                    own.assess(batch, at.inputs, at.shape, with_gradient=False).choices
                ),
                batches,
            )
            chosen = list(zip(batches, by_batch, strict=True))
            works.append(Work(desk, engines[engine], trades, rows, chosen))
    return works
