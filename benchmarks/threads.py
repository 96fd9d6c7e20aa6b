"""Eight threads with eight valuation dates: curves, prices and verifications as when each runs alone.

    python -m benchmarks.threads [loads]

Prints and saves how many of the results differ from those of one thread.
"""

import datetime
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd
from benchmarks.book import mixed_book
from benchmarks.support.results import save

from neuralrates.desk.example import example_files
from neuralrates.desk.pricing import price
from neuralrates.desk.verification.verify import verify
from neuralrates.market.files.market_file import load
from neuralrates.market.market import Market

THREADS = 8
LOADS = 400
TRADES = 4
Item = TypeVar("Item")


def files(folder: Path) -> list[Path]:
    """The example market on eight valuation dates, a month apart."""
    content = json.loads(example_files()[1].read_text())
    first = datetime.date.fromisoformat(content["valuation_date"])
    for number in range(THREADS):
        content["valuation_date"] = str(first + datetime.timedelta(days=30 * number))
        (folder / f"{number}.json").write_text(json.dumps(content))
    return [folder / f"{number}.json" for number in range(THREADS)]


def nodes(path: Path) -> np.ndarray:
    """Zero rates of the dollar curve of a file."""
    return np.asarray(load(path)["USD"].curves.discount.zero_rates)


def prices(market: Market) -> pd.DataFrame:
    """Values of a small book."""
    book = mixed_book(TRADES, "USD", market.valuation_date, seed=1)
    return price(book, market, keep_going=True)[["value", "error_band"]]


def comparison(market: Market) -> pd.DataFrame:
    """The same book by QuantLib."""
    book = mixed_book(TRADES, "USD", market.valuation_date, seed=1)
    return verify(book, market, price(book, market, keep_going=True))[["quantlib", "difference"]]


def differing(work: Callable[[Item], object], items: Sequence[Item], repeats: int) -> int:
    """How many results of eight threads are not those of one."""
    alone = [np.asarray(work(item)) for item in items]
    with ThreadPoolExecutor(THREADS) as pool:
        together = list(pool.map(work, list(items) * repeats))
    return sum(
        not np.array_equal(np.asarray(found), alone[place % len(items)], equal_nan=True)
        for place, found in enumerate(together)
    )


def count(work: Callable[[Item], object], items: Sequence[Item], repeats: int) -> dict[str, int]:
    """How many results there are, and how many of them differ."""
    return {"differ": differing(work, items, repeats), "of": repeats * len(items)}


def main() -> None:
    """Print and save, for curves, prices and verifications, how many of all results differ."""
    loads = int(sys.argv[1]) if len(sys.argv) > 1 else LOADS
    with tempfile.TemporaryDirectory() as folder:
        paths = files(Path(folder))
        markets = [load(path) for path in paths]
        repeats = max(1, loads // THREADS)
        few = max(1, repeats // 10)
        results: dict[str, object] = {
            "threads": THREADS,
            "valuation_dates": len(markets),
            "curves": count(nodes, paths, repeats),
            "prices": count(prices, markets, few),
            "verifications": count(comparison, markets, few),
        }
    for name, figure in results.items():
        print(f"{name}: {figure}")
    print(f"saved to {save('threads', results)}")


if __name__ == "__main__":
    main()
