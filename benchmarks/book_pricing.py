"""A thousand mixed trades on a real market: prices and market Greeks by the reference engine, wall time on all cores.

    python -m benchmarks.book_pricing [--trades 1000]

The market is the ORE sample of 2024-03-19 (USD, SOFR), read from ../shared/data beside the checkout. The first run compiles,
the second does not; neither reads compiled code from disk. Cross-gammas are left out: they are 529 numbers a trade.
"""

import argparse
import os
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
GREEKS = ("zero_delta", "par_delta", "vega", "gamma", "theta", "mean_reversion")
SEED = 20240319


def timed(book: Book, market: Market) -> tuple[float, pd.DataFrame]:
    """Wall seconds and table of one run."""
    start = time.perf_counter()
    table = price(book, market, engine="reference", greeks=GREEKS, keep_going=True)
    return time.perf_counter() - start, table


def measure(num_trades: int) -> dict[str, object]:
    """Time with and without compilation, what was priced, and how exactly."""
    market = load(MARKET)
    book = mixed_book(num_trades, "USD", market.valuation_date, SEED)
    first, _ = timed(book, market)
    second, table = timed(book, market)
    band = table["error_band"] / table["notional"]
    return {
        "trades": num_trades,
        "priced": int((table["status"] == "ok").sum()),
        "kinds": table["kind"].value_counts().to_dict(),
        "numbers_per_trade": int(table.select_dtypes("number").shape[1]),
        "wall_seconds_with_compilation": first,
        "wall_seconds_without_compilation": second,
        "error_band_per_unit_notional": {
            "mean": float(band.mean()),
            "99_percent": float(np.quantile(band, 0.99)),
            "worst": float(band.max()),
        },
    }


def main() -> None:
    """Measure, print and save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--trades", type=int, default=1000)
    trades = parser.parse_args().trades
    if not MARKET.is_file():
        sys.exit(f"{MARKET.name} is not at ../shared/data/ore beside the checkout")
    with tempfile.TemporaryDirectory() as cold:
        results = measure_cold(trades, cold)
    for name, figure in results.items():
        print(f"{name}: {figure}")
    print(f"saved to {save('book_pricing', results)}")


def measure_cold(num_trades: int, folder: str) -> dict[str, object]:
    """Measure with nothing compiled on disk; the library's own cache is left alone."""
    os.environ["NEURALRATES_CACHE"] = folder
    return measure(num_trades)


if __name__ == "__main__":
    main()
