"""Trades whose volatilities lie beyond the expiries and tenors of a market's smile."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from neuralrates.market.market import CurrencyMarket, Market
from neuralrates.trades.resolved import ResolvedTrade

_WEEK = 7.0 / 365.0


def beyond_the_smile(trades: Sequence[ResolvedTrade], market: Market) -> tuple[str, ...]:
    """One line for each option that uses a smile where it is not quoted.

    Args:
        trades: resolved trades
        market: curves and volatilities by currency

    Returns:
        The lines, which name the trade and the range of the smile.
    """
    quoted = {name: _range(known) for name, known in market.currencies.items()}
    return tuple(line for trade in trades for line in _line(trade, quoted.get(trade.currency)))


class _Range(NamedTuple):
    """Ends of the expiries and of the tenors that a smile is quoted for, years."""

    expiries: tuple[float, float]
    tenors: tuple[float, float]


def _range(market: CurrencyMarket) -> _Range | None:
    volatility = market.swaption_volatility
    if volatility is None or volatility.smile is None:
        return None
    quoted = map(np.asarray, (volatility.smile.expiries, volatility.smile.tenors))
    return _Range(*((float(times[0]), float(times[-1])) for times in quoted))


def _line(trade: ResolvedTrade, quoted: _Range | None) -> tuple[str, ...]:
    option = trade.option
    if option is None or quoted is None:
        return ()
    expiries, starts = option.exercise_times, option.start_times
    end = float(trade.swap.fixed.end_times[-1])
    outside = {
        "expiries": _outside(float(expiries[0]), float(expiries[-1]), quoted.expiries),
        "tenors": _outside(end - float(starts[-1]), end - float(starts[0]), quoted.tenors),
    }
    named = " and ".join(f"{name} {where}" for name, where in outside.items() if where)
    if not named:
        return ()
    return (
        f"trade {trade.trade_id}: away from the money its volatilities are beyond the smile's {named} years: the smile there "
        "is that of the nearest point, in proportion to the volatility at the money",
    )


def _outside(first: float, last: float, quoted: tuple[float, float]) -> str:
    """The range of the quotes, where the first or last of some times lies outside by more than days; else nothing."""
    if first < quoted[0] - _WEEK or last > quoted[1] + _WEEK:
        return f"{quoted[0]:.4g} to {quoted[1]:.4g}"
    return ""
