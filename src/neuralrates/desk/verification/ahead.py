"""The second code in processes of its own, at work while the desk prices."""

import pickle
import subprocess
import sys
import threading
from typing import NamedTuple

from neuralrates.desk.verification.verify import (
    POINTS,
    TOLERANCE,
    Found,
    MeanReversion,
    second_prices,
)
from neuralrates.market.market import Market
from neuralrates.trades.book import Book
from neuralrates.trades.trade import AbstractTrade


class Work(NamedTuple):
    """What one process prices: arguments of `second_prices`."""

    trades: tuple[AbstractTrade, ...]
    names: frozenset[str]
    market: Market
    mean_reversion: MeanReversion
    tolerance: float
    points: int


class PricesAhead:
    """Prices of the second code, asked for before they are needed.

    QuantLib holds Python's lock while it prices, so that only processes run beside each other. One that ends early is not
    missed: `verify` prices what it does not find here.

    Args:
        book: dated trades
        market: curves and volatilities
        mean_reversion: per year, as the book is priced with
        processes: how many; trades that take long are shared out
        tolerance: as of `verify`
        points: as of `verify`
    """

    def __init__(
        self,
        book: Book,
        market: Market,
        mean_reversion: MeanReversion,
        processes: int,
        tolerance: float = TOLERANCE,
        points: int = POINTS,
    ) -> None:
        self._found: dict[str, Found] = {}
        self._changed = threading.Condition()
        longest_first = sorted(book.trades, key=_length, reverse=True)
        names = [trade.trade_id for trade in longest_first]
        shares = [frozenset(names[first::processes]) for first in range(processes)]
        self._left = processes
        self._processes = [
            self._started(Work(book.trades, names, market, mean_reversion, tolerance, points))
            for names in shares
        ]

    def price(self, trade_id: str) -> Found | None:
        """The price of a trade, waited for; None where the process that was to find it has ended."""
        with self._changed:
            self._changed.wait_for(lambda: trade_id in self._found or self._left == 0)
            return self._found.get(trade_id)

    def stop(self) -> None:
        """End what is still at work."""
        for process in self._processes:
            process.kill()

    def _started(self, work: Work) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "neuralrates.desk.verification.ahead"]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        threading.Thread(
            target=self._collect, args=(process, pickle.dumps(work)), daemon=True
        ).start()
        return process

    def _collect(self, process: subprocess.Popen[bytes], work: bytes) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            with process, process.stdin as pipe:
                pipe.write(work)
                pipe.close()
                while True:
                    name, found = pickle.load(process.stdout)  # written by a process of ours
                    with self._changed:
                        self._found[name] = found
                        self._changed.notify_all()
        except (OSError, EOFError, pickle.UnpicklingError):
            with self._changed:
                self._left -= 1
                self._changed.notify_all()


def _length(trade: AbstractTrade) -> int:
    """How long a trade takes, roughly: the days of its rights."""
    rights = trade.kind in ("bermudan", "cancellable")
    return (trade.maturity_date - trade.start_date).days if rights else 0


def main() -> None:
    """Price what comes in, and write each price as it is found."""
    work: Work = pickle.load(sys.stdin.buffer)  # written by the process that started this one
    for name, found in second_prices(*work):
        pickle.dump((name, found), sys.stdout.buffer)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
