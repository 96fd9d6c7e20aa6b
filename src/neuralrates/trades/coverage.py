"""Whether a market's curves can price a trade at all, said before any engine is asked."""

import numpy as np

from neuralrates.core.errors import NeuralratesError, RefusalError
from neuralrates.market.curves.zero_curve import ZeroCurve
from neuralrates.market.market import CurrencyMarket, Market
from neuralrates.trades.resolved import ResolvedTrade

_WEEK = 7.0 / 365.0


def refusal(trade: ResolvedTrade, market: Market) -> NeuralratesError | None:
    """Why the market cannot price the trade; None where it can.

    Args:
        trade: resolved trade
        market: curves and volatilities by currency

    Returns:
        A refusal that says what was needed: the trade's currency, the curve of its floating rate, a discount curve that
        reaches its last payment, and a projection curve that reaches the end of its last open rate. Which volatilities an
        option needs is for the engines to say.
    """
    try:
        known = market[trade.currency]
    except NeuralratesError as error:
        return error
    curves = known.curves
    rates = dict.fromkeys((curves.discount_index, curves.projection_index))
    asked = (trade.index, trade.discount_index or curves.discount_index)
    for index in asked:
        if index not in rates:
            return RefusalError(
                f"expected a floating rate of the market ({' or '.join(rates)}), found {index}"
            )
    if asked[1] != curves.discount_index:
        return RefusalError(
            f"expected {asked[1]} as `index` and {asked[0]} as `second_index`, the other side then, found them the other way"
        )
    own = curves.for_index(trade.index)
    return _too_short(
        own.discount, f"discount curve of {own.discount_index}", trade.last_payment
    ) or _too_short(own.projection, f"projection curve of {trade.index}", trade.last_open_rate)


def without_volatilities(trade: ResolvedTrade, market: CurrencyMarket) -> RefusalError | None:
    """Why a model cannot be calibrated to the exercises of a trade: nobody quotes them. None where it can, or has none."""
    if trade.option is None or market.swaption_volatility is not None:
        return None
    return RefusalError(
        f"options need swaption volatilities, and the {trade.currency} market has none"
    )


def _too_short(curve: ZeroCurve, name: str, needed: float) -> RefusalError | None:
    reach = float(np.asarray(curve.times)[-1])
    if needed <= reach + _WEEK:
        return None
    return RefusalError(
        f"the {name} ends after {reach:.2f} years, but the trade needs it until {needed:.2f}"
    )
