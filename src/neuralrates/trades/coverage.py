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
        A refusal that says what was needed: the trade's currency, the curve of each of its floating rates, a discount curve
        that reaches its last payment, and projection curves that reach the end of its last open rates. Which volatilities an
        option needs is for the engines to say.
    """
    try:
        curves = market[trade.currency].curves
        projections = [curves.curve(index) for index in trade.floating_rates]
    except NeuralratesError as error:
        return error
    name = f"discount curve of {curves.discount_index}"
    found = _too_short(curves.discount, name, trade.last_payment)
    for index, curve, needed in zip(
        trade.floating_rates, projections, trade.last_open_rates, strict=True
    ):
        found = found or _too_short(curve, f"projection curve of {index}", needed)
    return found


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
