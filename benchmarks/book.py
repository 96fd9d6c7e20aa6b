"""A mixed book of any size, the same on every machine."""

import datetime

import numpy as np

from neuralrates.conventions import add_months, swap_convention
from neuralrates.trades.book import Book
from neuralrates.trades.kinds import KINDS
from neuralrates.trades.trade import AbstractTrade

INDICES = {"USD": "USD-SOFR", "EUR": "EUR-EURIBOR-6M"}
SHARES = {"swap": 0.2, "european": 0.2, "bermudan": 0.5, "cancellable": 0.1}
LARGEST_MONEYNESS = 0.01


def mixed_book(
    num_trades: int,
    currency: str,
    valuation_date: datetime.date,
    seed: int,
    forward_rate: float = 0.0385,
) -> Book:
    """Random swaps, European and Bermudan swaptions and cancellable swaps.

    Args:
        num_trades: number of trades, in the shares of `SHARES`
        currency: `USD` (SOFR) or `EUR` (EURIBOR 6M)
        valuation_date: all trades start at spot or later
        seed: of the random numbers
        forward_rate: centre of the strikes (decimal), which lie within 1 percent of it

    Returns:
        The book.
    """
    random = np.random.default_rng(seed)
    ends = np.round(np.cumsum(list(SHARES.values())) * num_trades).astype(int)
    kinds = np.repeat(list(SHARES), np.diff(ends, prepend=0))
    trades = [
        _trade(str(kind), number, currency, valuation_date, random, forward_rate)
        for number, kind in enumerate(random.permutation(kinds))
    ]
    return Book(tuple(trades), source=f"mixed book of {num_trades} {currency} trades")


def _trade(
    kind: str,
    number: int,
    currency: str,
    valuation_date: datetime.date,
    random: np.random.Generator,
    forward_rate: float,
) -> AbstractTrade:
    convention = swap_convention(INDICES[currency])
    delay = 12 * int(random.integers(1, 11)) if kind == "european" else 0
    years = int(random.integers(1 if kind == "european" else 3, 31))
    spot = convention.spot_date(valuation_date)
    start = add_months(spot, delay, convention.calendar)
    moneyness = random.uniform(-LARGEST_MONEYNESS, LARGEST_MONEYNESS)
    fields = {
        "trade_id": f"{kind[:3].upper()}-{number:05d}",
        "currency": currency,
        "index": convention.index,
        "side": str(random.choice(["payer", "receiver"])),
        "notional": float(random.integers(1, 101)) * 1e6,
        "strike": round(forward_rate + moneyness, 4),
        "start_date": start,
        "maturity_date": add_months(start, 12 * years, convention.calendar),
    }
    if kind in ("bermudan", "cancellable"):
        first = 12 * int(random.integers(1, min(years, 6)))
        fields["first_exercise_date"] = add_months(start, first, convention.calendar)
    return KINDS[kind](**fields)
