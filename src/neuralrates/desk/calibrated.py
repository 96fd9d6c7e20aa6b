"""The one-factor model of each trade, and how it meets the quotes it was fitted to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import equinox as eqx
import jax
import numpy as np
import pandas as pd

from neuralrates.calibration.volatility import check_fit, short_rate_volatilities
from neuralrates.core.checks import as_array
from neuralrates.core.requests import mean_reversion_of
from neuralrates.engines.batches import in_batches
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.engines.one_factor_fit import Fit, fit
from neuralrates.market.market import CurrencyMarket, Market
from neuralrates.models.hull_white import HullWhite
from neuralrates.trades.padded_trade import PaddedTrade
from neuralrates.trades.resolved import ResolvedTrade

_UNITS = {
    "exercise_time": "years, Act/365F",
    "forward": "decimal",
    "quoted": "normal volatility, decimal per square root of year",
    "residual": "normal volatility, model minus quote",
    "short_rate_volatility": "decimal per square root of year, up to this exercise",
    "mean_reversion": "per year",
}


@dataclass(frozen=True)
class Calibrated:
    """A trade's model and the European swaptions that it reprices.

    Args:
        trade: resolved trade
        model: calibrated
        expiries: exercise times, years
        forwards: forward swap rates, decimals
        quotes: normal volatilities, decimals
        residuals: model minus quote, normal volatility
    """

    trade: ResolvedTrade
    model: HullWhite
    expiries: np.ndarray
    forwards: np.ndarray
    quotes: np.ndarray
    residuals: np.ndarray

    def table(self) -> pd.DataFrame:
        """One row per exercise."""
        return pd.DataFrame(
            {
                "trade_id": self.trade.trade_id,
                "kind": self.trade.kind,
                "exercise_date": [date.isoformat() for date in self.trade.exercise_dates],
                "exercise_time": self.expiries,
                "forward": self.forwards,
                "quoted": self.quotes,
                "residual": self.residuals,
                "short_rate_volatility": np.asarray(self.model.volatility),
                "mean_reversion": float(self.model.mean_reversion),
            }
        )


def calibrated_models(
    trades: Sequence[ResolvedTrade], market: CurrencyMarket, mean_reversion: float
) -> list[Calibrated | None]:
    """Model of each trade of one currency, fitted to the European swaptions of its exercises.

    Args:
        trades: resolved trades
        market: of their currency
        mean_reversion: per year

    Returns:
        One entry per trade, none for a swap.

    Raises:
        CalibrationError: a quote cannot be met: which one, and by how much
        RefusalError: the market has no swaption volatilities
    """
    found: list[Calibrated | None] = [None] * len(trades)
    optional = [n for n, trade in enumerate(trades) if trade.option is not None]
    for index in dict.fromkeys(trades[n].index for n in optional):
        shape = MarketShape.of(market.curves.for_index(index), market.swaption_volatility)
        inputs = shape.inputs(mean_reversion)
        numbers = [n for n in optional if trades[n].index == index]
        same = [trades[n] for n in numbers]
        for each in in_batches(same):
            fits = jax.tree.map(np.asarray, _fit_all(shape, each.trades, inputs))
            for place, member in enumerate(each.members):
                one = jax.tree.map(lambda part, at=place: part[at], fits)
                found[numbers[member]] = _calibrated(same[member], market, inputs, one)
    return found


def calibrations(
    trades: Sequence[ResolvedTrade],
    market: Market,
    mean_reversion: float | Mapping[str, float] = 0.03,
) -> pd.DataFrame:
    """Calibrated volatility and residual of every exercise of every trade.

    Args:
        trades: resolved trades
        market: curves and volatilities
        mean_reversion: per year, for all currencies or by currency

    Returns:
        One row per exercise, those of swaps none; units in `attrs["units"]`.

    Raises:
        CalibrationError: a quote cannot be met: which one, and by how much
    """
    tables = [pd.DataFrame(columns=["trade_id", "kind", "exercise_date", *_UNITS])]
    for currency in dict.fromkeys(trade.currency for trade in trades):
        same = [trade for trade in trades if trade.currency == currency]
        reversion = mean_reversion_of(mean_reversion, currency)
        for one in calibrated_models(same, market[currency], reversion):
            tables += [one.table()] if one is not None else []
    table = pd.concat(tables[1:] or tables, ignore_index=True)
    table.attrs["units"] = _UNITS
    return table


@eqx.filter_jit
def _fit_all(shape: MarketShape, trades: PaddedTrade, inputs: MarketInputs) -> Fit:
    """Fits of stacked trades."""
    return jax.vmap(lambda trade: fit(shape, trade, inputs))(trades)


def _calibrated(
    trade: ResolvedTrade, market: CurrencyMarket, inputs: MarketInputs, fitted: Fit
) -> Calibrated:
    option, count = trade.option, len(trade.exercise_dates)
    assert option is not None
    expiries = np.asarray(option.exercise_times)
    variances, residuals, forwards, quotes = (
        np.asarray(part)[:count]
        for part in (fitted.variances, fitted.residual, fitted.forwards, fitted.quotes)
    )
    check_fit(expiries, variances, residuals)
    reversion = inputs.mean_reversion
    times = as_array(option.exercise_times)
    volatilities = short_rate_volatilities(reversion, times, as_array(variances))
    model = HullWhite(market.curves.discount, reversion, volatilities, expiries[:-1])
    return Calibrated(trade, model, expiries, forwards, quotes, residuals)
