"""Trades whose volatilities lie beyond the expiries and tenors of a market's smile."""

from collections.abc import Sequence

import numpy as np

from neuralrates.market.market import Market
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
    return tuple(line for trade in trades for line in _line(trade, market))


def _line(trade: ResolvedTrade, market: Market) -> tuple[str, ...]:
    swap, option = trade.swap, trade.option
    known = market.currencies.get(trade.currency)
    volatility = None if known is None else known.swaption_volatility
    if option is None or volatility is None or volatility.smile is None:
        return ()
    smile = volatility.smile
    end = float(swap.fixed.end_times[-1])
    tenors = end - np.asarray(option.start_times)
    outside = {
        "expiries": _outside(np.asarray(option.exercise_times), np.asarray(smile.expiries)),
        "tenors": _outside(tenors, np.asarray(smile.tenors)),
    }
    named = " and ".join(f"{name} {where}" for name, where in outside.items() if where)
    if not named:
        return ()
    return (
        f"trade {trade.trade_id}: away from the money its volatilities are beyond the smile's {named} years: the smile there "
        "is that of the nearest point, in proportion to the volatility at the money",
    )


def _outside(times: np.ndarray, quoted: np.ndarray) -> str:
    """The range of the quotes, where some times lie outside by more than days; else nothing."""
    if np.min(times) < quoted[0] - _WEEK or np.max(times) > quoted[-1] + _WEEK:
        return f"{quoted[0]:.4g} to {quoted[-1]:.4g}"
    return ""
