"""A thousand mixed trades on a real market: prices and market Greeks by the reference engine, wall time on all cores.

    python -m benchmarks.book_pricing [--trades 1000]

The market is the ORE sample of 2024-03-19 (USD, SOFR), read from ../shared/data beside the checkout. Cold is a new process
with nothing compiled on disk, warm the best of three runs after it. Cross-gammas are left out: they are 529 numbers a trade.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from benchmarks.book import mixed_book
from benchmarks.support.results import save

from neuralrates.desk.pricing import price
from neuralrates.market.files.market_file import load
from neuralrates.market.market import Market
from neuralrates.trades.book import Book

MARKET = Path(__file__).resolve().parents[2] / "shared/data/ore/market_20240319_usd.csv"
FIRST = ("zero_delta", "par_delta", "vega")
ASKED: dict[str, tuple[str, ...]] = {
    "prices": (),
    "first_order_greeks": FIRST,
    "all_but_cross_gammas": (*FIRST, "gamma", "theta", "mean_reversion"),
}
SEED = 20240319


def timed(book: Book, market: Market, greeks: tuple[str, ...]) -> tuple[float, pd.DataFrame]:
    """Wall seconds and table of one run."""
    start = time.perf_counter()
    table = price(book, market, engine="reference", greeks=greeks, keep_going=True)
    return time.perf_counter() - start, table


def measure(num_trades: int, asked: str) -> dict[str, object]:
    """Cold and warm in this process, which must be new: what was priced, and how exactly."""
    market = load(MARKET)
    book = mixed_book(num_trades, "USD", market.valuation_date, SEED)
    cold, _ = timed(book, market, ASKED[asked])
    (warm, table), *_ = sorted((timed(book, market, ASKED[asked]) for _ in range(3)), key=_wall)
    band = table["error_band"] / table["notional"]
    return {
        "cold_seconds": cold,
        "warm_seconds": warm,
        "peak_memory_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
        "priced": int((table["status"] == "ok").sum()),
        "kinds": table["kind"].value_counts().to_dict(),
        "numbers_per_trade": int(table.select_dtypes("number").shape[1]),
        "error_band_per_unit_notional": {
            "mean": float(band.mean()),
            "99_percent": float(np.quantile(band, 0.99)),
            "worst": float(band.max()),
        },
    }


def _wall(run: tuple[float, pd.DataFrame]) -> float:
    return run[0]


def measured_apart(num_trades: int, asked: str) -> dict[str, object]:
    """`measure` in a new process with an empty cache of its own."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.book_pricing", "--trades", str(num_trades)]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("JAX_")}
        done = subprocess.run(
            [*command, "--asked", asked],
            env=environment | {"NEURALRATES_CACHE": folder},
            capture_output=True,
            text=True,
            check=True,
        )
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Measure, print and save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--trades", type=int, default=1000)
    parser.add_argument("--asked", choices=ASKED, help="measure this alone, in this process")
    arguments = parser.parse_args()
    if not MARKET.is_file():
        sys.exit(f"{MARKET.name} is not at ../shared/data/ore beside the checkout")
    if arguments.asked:
        print(json.dumps(measure(arguments.trades, arguments.asked)))
        return
    results: dict[str, object] = {"trades": arguments.trades}
    for asked in ASKED:
        results[asked] = measured_apart(arguments.trades, asked)
        print(f"{asked}: {results[asked]}", flush=True)
    print(f"saved to {save('book_pricing', results)}")


if __name__ == "__main__":
    main()
