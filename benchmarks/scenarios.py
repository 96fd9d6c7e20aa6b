"""A thousand trades under a hundred scenarios: wall time of a full revaluation, and its difference from prices made afresh.

    python -m benchmarks.scenarios [--trades 1000] [--scenarios 100]

Swaps, Europeans, Bermudans and cancellables up to thirty years on the shipped example's market; parallel moves of rates up to
one percent with moves of volatilities. Compiling is done before the clock starts, as in any run after a desk's first. On a
machine that does other work as well the processor time, over the cores, says what it would take alone.
"""

import argparse
import os
import time

import numpy as np
from benchmarks.book import mixed_book
from benchmarks.support.results import save

import neuralrates as nr
from neuralrates.core.units import basis_point

LONGEST = 30 * 365
AFRESH = 20
"""Trades priced once more on a market moved by hand."""


def main() -> None:
    """Measure and save."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scenarios")
    parser.add_argument("--trades", type=int, default=1000)
    parser.add_argument("--scenarios", type=int, default=100)
    asked = parser.parse_args()
    market = nr.market.load(nr.desk.example_files()[1])
    book = _book(asked.trades, market)
    moves = nr.scenarios.grid(np.linspace(-0.01, 0.01, asked.scenarios // 2), (-0.0005, 0.0005))
    nr.scenarios.revalue(book, market, moves[:1])
    wall, processor = time.perf_counter(), time.process_time()
    table = nr.scenarios.revalue(book, market, moves)
    seconds = time.perf_counter() - wall
    result = {
        "trades": len(book),
        "scenarios": len(moves),
        "seconds": round(seconds, 2),
        "load_before": [round(one, 1) for one in os.getloadavg()],
        "processor_seconds": round(time.process_time() - processor, 2),
        "prices_without_a_number": int(table[[one.name for one in moves]].isna().sum().sum()),
        "largest_difference_from_prices_made_afresh_basis_points": _afresh(book, market, moves),
    }
    save("scenarios", result)
    print(result)


def _book(count: int, market: nr.market.Market) -> nr.trades.Book:
    mixed = mixed_book(2 * count, "USD", market.valuation_date, 1)
    short = [one for one in mixed if (one.maturity_date - market.valuation_date).days < LONGEST]
    return nr.trades.Book(tuple(short[:count]))


def _afresh(
    book: nr.trades.Book, market: nr.market.Market, moves: tuple[nr.scenarios.Scenario, ...]
) -> float:
    """Largest difference of changes of value, in basis points of notional, where a market is moved and priced as a new one."""
    some = nr.trades.Book(book.trades[:AFRESH])
    worst = 0.0
    known = market["USD"]
    today = nr.price(some, market, engine="reference")
    for move in (moves[0], moves[-1]):
        curve = known.curves.discount
        rates = np.asarray(curve.zero_rates) + move.shift(np.asarray(curve.times))
        moved = nr.market.ZeroCurve(curve.times, rates, curve.interpolation)
        quoted = known.swaption_volatility
        volatility = nr.market.SwaptionVolatility(
            quoted.expiries,
            quoted.tenors,
            np.asarray(quoted.volatilities) + move.volatility,
            quoted.smile,
        )
        curves = nr.market.CurveSystem(moved, moved, "USD-SOFR", "USD-SOFR")
        there = nr.market.Market(
            market.valuation_date,
            {"USD": nr.market.CurrencyMarket("USD", curves, volatility)},
        )
        fresh = nr.price(some, there, engine="reference").value - today.value
        found = nr.scenarios.revalue(some, market, (move,))[move.name]
        worst = max(worst, float(np.abs((found - fresh) / today.notional).max()))
    return round(worst / basis_point, 9)


if __name__ == "__main__":
    main()
