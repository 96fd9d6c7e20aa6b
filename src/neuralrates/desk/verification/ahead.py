"""The second code in processes of its own, at work while the desk prices."""

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from neuralrates.core.processors import num_processors
from neuralrates.desk.verification.price import SecondCode
from neuralrates.desk.verification.verify import (
    ONE_FACTOR,
    POINTS,
    TOLERANCE,
    Found,
    MeanReversion,
    price_again,
    second_codes,
)
from neuralrates.market.market import Market
from neuralrates.trades.book import Book
from neuralrates.trades.trade import AbstractTrade

_LEAST = 3
"""Trades with grids that are worth a process."""

_MOST = 8
"""Processes, of 0.4 GB each."""

_STATE: dict[tuple[str, str], Callable[[], SecondCode | str]] = {}
"""The second code of a process that was started here."""


class PricesAhead:
    """Prices of the second code, asked for before they are needed.

    QuantLib holds Python's lock while it prices, so that only processes run beside each other. One that ends early is not
    missed: `verify` prices what it does not find here. A script that uses this needs the usual guard of its main module.

    Args:
        book: dated trades
        market: curves and volatilities
        mean_reversion: per year, as the book is priced with
        processes: how many; trades that take long come first
        tolerance: as of `verify`
        points: as of `verify`
        model: that the book is priced by
    """

    def __init__(
        self,
        book: Book,
        market: Market,
        mean_reversion: MeanReversion,
        processes: int,
        tolerance: float = TOLERANCE,
        points: int = POINTS,
        model: str = ONE_FACTOR,
    ) -> None:
        given = book.trades, market, mean_reversion, tolerance, points, model
        # Started anew: threads and locks of this process are not to be copied.
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(processes, context, _begin, given)
        self._asked: dict[str, Future[Found]] = {}
        with _without_interrupts(), contextlib.suppress(BrokenProcessPool):
            for trade in sorted(book.trades, key=_length, reverse=True):
                self._asked[trade.trade_id] = self._pool.submit(_price, trade)

    def price(self, trade_id: str) -> Found | None:
        """The price of a trade, waited for; None where the process that was to find it has ended."""
        try:
            return self._asked[trade_id].result()
        except (KeyError, CancelledError, BrokenProcessPool):
            return None

    def stop(self) -> None:
        """Find no more than what is being found."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def processes_for(book: Book) -> int:
    """Processes worth starting for a book: none for a few trades, as starting one takes as long as pricing them."""
    processors = num_processors()
    worth = sum(_length(trade) > 0 for trade in book.trades) // _LEAST
    return min(processors, worth, _MOST)


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """Processes started here are not told of Ctrl-C, of which each would print a traceback: this one stops them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _length(trade: AbstractTrade) -> int:
    """How long a trade takes, roughly: the days of its rights; zero where there is no grid."""
    rights = trade.kind in ("bermudan", "cancellable", "callable_bond", "puttable_bond")
    return (trade.maturity_date - trade.start_date).days if rights else 0


def _begin(
    trades: Sequence[AbstractTrade],
    market: Market,
    mean_reversion: MeanReversion,
    tolerance: float,
    points: int,
    model: str,
) -> None:
    """Set up a process; whoever interrupts the one that started it stops this one as well, without a word."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _STATE.update(second_codes(trades, market, mean_reversion, tolerance, points, model))


def _end_with_parent() -> None:
    """End when the process that started this one is gone: one that was killed says nothing, and the pool would wait on."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _price(trade: AbstractTrade) -> Found:
    return price_again(_STATE, trade)
