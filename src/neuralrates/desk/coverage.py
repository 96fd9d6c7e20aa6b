"""Whether a market can price a trade at all, said before anything is computed."""

import numpy as np

from neuralrates.core.errors import NeuralratesError, RefusalError
from neuralrates.market.market import Market
from neuralrates.trades.padded_trade import parts
from neuralrates.trades.resolved import ResolvedTrade

_WEEK = 7.0 / 365.0


def refusal(trade: ResolvedTrade, market: Market) -> NeuralratesError | None:
    """Why the market cannot price the trade; None where it can.

    Args:
        trade: resolved trade
        market: curves and volatilities by currency

    Returns:
        A refusal that says what was needed: the trade's currency, the curve of its floating rate, curves that reach its last
        payment, and volatilities where it has an option.
    """
    try:
        known = market[trade.currency]
    except NeuralratesError as error:
        return error
    curves = known.curves
    if trade.index not in (curves.discount_index, curves.projection_index):
        return RefusalError(
            f"expected a floating rate of the market ({curves.discount_index} or {curves.projection_index}), "
            f"found {trade.index}"
        )
    swap, option = parts(trade)
    if option is not None and known.swaption_volatility is None:
        return RefusalError(
            f"options need swaption volatilities, and the {trade.currency} market has none"
        )
    last = float(np.max(np.asarray(swap.flow_times)))
    reach = min(float(curve.times[-1]) for curve in curves.curves)
    if last > reach + _WEEK:
        return RefusalError(
            f"the {trade.currency} curves end after {reach:.2f} years, but the trade pays until {last:.2f}"
        )
    return None
