"""Profit and loss of a mixed book over one day, explained: how much is left.

    python -m benchmarks.profit_and_loss [--trades 1000]

Swaps, Europeans, Bermudans and cancellables up to thirty years on the shipped example's market, and on the day after it with
all quotes of rates moved by ten basis points and those of volatilities by two: bootstrapped anew, so that the nodes of the
curve move by a day as well. Days: up, down, steeper, and up with volatilities unchanged.
"""

import argparse
import dataclasses
import datetime

import numpy as np
import pandas as pd
from benchmarks.book import mixed_book
from benchmarks.support.results import save

import neuralrates as nr
from neuralrates.core.units import basis_point
from neuralrates.scenarios.profit_and_loss import PARTS

LONGEST = 30 * 365
DAYS = {
    "up": (10.0, 10.0, 2.0),
    "down": (-10.0, -10.0, 2.0),
    "steeper": (-10.0, 10.0, -2.0),
    "rates alone": (10.0, 10.0, 0.0),
}
"""Moves of the first and the last quote of rates, and of volatilities, basis points."""


def main() -> None:
    """Measure and save."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profit_and_loss")
    parser.add_argument("--trades", type=int, default=1000)
    asked = parser.parse_args()
    before = nr.market.load(nr.desk.example_files()[1])
    mixed = mixed_book(2 * asked.trades, "USD", before.valuation_date, 1)
    short = [one for one in mixed if (one.maturity_date - before.valuation_date).days < LONGEST]
    book = nr.trades.Book(tuple(short[: asked.trades]))
    found = {}
    for name, move in DAYS.items():
        table = nr.scenarios.explain(book, before, next_day(before, *move))
        found[name] = _summary(table, np.array([one.notional for one in book]))
        print(name, found[name])
    save("profit_and_loss", {"trades": len(book), "days": found})


def next_day(
    before: nr.market.Market, first: float, last: float, quoted: float
) -> nr.market.Market:
    """The market of the day after, in basis points moved."""
    usd = before["USD"]
    day = before.valuation_date + datetime.timedelta(days=1)
    quotes = usd.curves.quotes
    moves = np.linspace(first, last, len(quotes)) * basis_point
    moved = [
        dataclasses.replace(quote, value=quote.value + float(move))
        for quote, move in zip(quotes, moves, strict=True)
    ]
    known = usd.swaption_volatility
    volatility = nr.market.SwaptionVolatility(
        known.expiries,
        known.tenors,
        np.asarray(known.volatilities) + quoted * basis_point,
        known.smile,
        known.expiry_labels,
        known.tenor_labels,
    )
    there = nr.market.CurrencyMarket("USD", nr.market.bootstrap(day, moved), volatility)
    return nr.market.Market(day, {"USD": there})


def _summary(table: pd.DataFrame, notionals: np.ndarray) -> dict[str, object]:
    """Of the book in currency; of its trades, what is left of the absolute profits and losses."""
    amounts = ("pnl", *PARTS, "unexplained", "rates", "volatility")
    pnl = table["pnl"].abs()
    return {
        "trades_explained": int((table["status"] == "ok").sum()),
        "book_in_currency": {name: round(float(table[name].sum()), 2) for name in amounts},
        "unexplained_share_of_book_percent": _percent(
            table["unexplained"].sum(), table["pnl"].sum()
        ),
        "unexplained_share_of_trades_percent": _percent(
            table["unexplained"].abs().sum(), pnl.sum()
        ),
        "largest_unexplained_of_a_trade_basis_points_of_notional": round(
            float((table["unexplained"].abs() / notionals).max() / basis_point), 4
        ),
    }


def _percent(part: float, whole: float) -> float:
    return round(100.0 * abs(float(part) / float(whole)), 4)


if __name__ == "__main__":
    main()
