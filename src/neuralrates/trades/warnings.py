"""What a trade holds that is likely a slip: said with the evidence, never a reason to stop."""

import datetime
import functools
from collections.abc import Iterator

import numpy as np

from neuralrates.trades.fixings import NAMES
from neuralrates.trades.trade import AbstractTrade

LARGE_RATE = 0.15
LARGE_SPREAD = 0.05
LONGEST_WAIT = 31
LONGEST_SPOT = 31
"""Days; every spot date is nearer."""
_REMEMBERED = 4096
"""Trades whose slips are kept: a book is priced again and again on one day."""


@functools.lru_cache(_REMEMBERED)
def warnings_of(trade: AbstractTrade, valuation_date: datetime.date) -> tuple[str, ...]:
    """Slips that a trade may hold, a line each.

    Args:
        trade: dated trade
        valuation_date: date that it is valued on

    Returns:
        Lines that name the trade, the field, what was found and what it may mean; none for an ordinary trade.

    Example:
        >>> import datetime
        >>> import neuralrates as nr
        >>> from neuralrates.trades.warnings import warnings_of
        >>> trade = nr.trades.SwapTrade(
        ...     trade_id="S1", currency="USD", index="USD-SOFR", side="payer", notional=1e6, strike=0.1838,
        ...     start_date="2024-03-21", maturity_date="2029-03-21",
        ... )
        >>> print(*warnings_of(trade, datetime.date(2024, 3, 19)))
        trade S1, field `strike`: 18.38 percent a year is unusual; rates are decimals, 0.0325 for 3.25 percent
    """
    found = (*_rates(trade), *_exercises(trade, valuation_date))
    return tuple(f"trade {trade.trade_id}, field `{name}`: {said}" for name, said in found)


def _rates(trade: AbstractTrade) -> Iterator[tuple[str, str]]:
    fixings = trade.fixings
    limits = {"strike": (trade.strike, LARGE_RATE), "spread": (trade.spread, LARGE_SPREAD)}
    limits["coupons"] = (max(trade.coupons or (0.0,), key=abs), LARGE_RATE)
    limits["spreads"] = (max(trade.spreads or (0.0,), key=abs), LARGE_SPREAD)
    for name in NAMES:
        limits[name] = (fixings[name] or 0.0, LARGE_RATE)
        limits[f"second_{name}"] = (getattr(trade, f"second_{name}", 0.0) or 0.0, LARGE_RATE)
    limits["second_spread"] = (getattr(trade, "second_spread", 0.0), LARGE_SPREAD)
    for name, limit in (("second_spreads", LARGE_SPREAD), ("known_resets", LARGE_RATE)):
        limits[name] = (max(getattr(trade, name, None) or (0.0,), key=abs), limit)
    for name, (rate, limit) in limits.items():
        if abs(rate) > limit:
            yield (
                name,
                f"{100.0 * rate:g} percent a year is unusual; rates are decimals, 0.0325 for 3.25 percent",
            )


def _exercises(trade: AbstractTrade, valuation_date: datetime.date) -> Iterator[tuple[str, str]]:
    """Exercises whose volatility nobody quotes: sooner than spot, or long before the swap they enter."""
    right = trade.right(trade.swap())
    if right is None:
        return
    today = np.datetime64(valuation_date, "D")
    days = (right.exercises - today).astype(int)
    if ((days > 0) & (days < LONGEST_SPOT)).any():
        spot = np.datetime64(trade.convention.spot_date(valuation_date), "D")
        soon = right.exercises[(days > 0) & (right.exercises < spot)]
        if soon.size:
            yield (
                "exercise_dates",
                f"{soon[0]} is before the spot date {spot}, where no swaption is quoted: it takes the volatility of the "
                "shortest expiry",
            )
    waits = (right.starts - right.exercises).astype(int)
    if waits.max(initial=0) <= LONGEST_WAIT:
        return
    late = np.flatnonzero((days > 0) & (waits > LONGEST_WAIT))
    if late.size:
        first, others = late[0], late.size - 1
        yield (
            "exercise_dates",
            f"{right.exercises[first]} enters a swap that starts {waits[first]} days later, on {right.starts[first]}"
            + (f" ({others} more exercises wait over {LONGEST_WAIT} days)" if others else "")
            + "; the volatilities quoted are of swaps that start at spot",
        )
