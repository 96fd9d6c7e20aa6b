"""The one-factor model of each trade, and how it meets the quotes it was fitted to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from neuralrates.calibration.volatility import check_fit
from neuralrates.core.requests import mean_reversion_of
from neuralrates.engines.batches import Batch, in_batches
from neuralrates.engines.coterminal_numbers import all_numbers
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.engines.one_factor import OneFactorEngine
from neuralrates.market.market import CurrencyMarket, Market
from neuralrates.trades.resolved import ResolvedTrade

_UNITS = {
    "exercise_time": "years, Act/365F",
    "forward": "decimal",
    "quoted": "normal volatility, decimal per square root of year",
    "residual": "normal volatility, model minus quote",
    "short_rate_volatility": "decimal per square root of year, up to this exercise",
    "mean_reversion": "per year",
}
_NO_REVERSION = 1e-17


@dataclass(frozen=True)
class Calibrated:
    """A trade's model and the European swaptions that it reprices.

    Args:
        trade: resolved trade
        mean_reversion: per year
        volatilities: of the short rate, constant up to each exercise since the one before
        expiries: exercise times, years
        forwards: forward swap rates, decimals
        quotes: normal volatilities, decimals
        residuals: model minus quote, normal volatility
    """

    trade: ResolvedTrade
    mean_reversion: float
    volatilities: np.ndarray
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
                "short_rate_volatility": self.volatilities,
                "mean_reversion": self.mean_reversion,
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
        shape = MarketShape.of(
            market.curves.for_index(index), market.swaption_volatility, market.two_factor
        )
        inputs = shape.inputs(mean_reversion)
        numbers = [n for n in optional if trades[n].index == index]
        same = [trades[n] for n in numbers]
        for each in in_batches(same):
            fits = _fits(each, inputs, shape)
            for place, member in enumerate(each.members):
                one = _Fit(*(part[place] for part in fits))
                found[numbers[member]] = _calibrated(same[member], mean_reversion, one)
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


class _Fit(NamedTuple):
    """Variances and residuals that the engine found, and the European swaptions that it met; a leading axis for trades."""

    variances: np.ndarray
    residuals: np.ndarray
    forwards: np.ndarray
    quotes: np.ndarray


def _fits(batch: Batch, inputs: MarketInputs, shape: MarketShape) -> _Fit:
    """What a price's own calibration finds, so that the two cannot differ."""
    model = OneFactorEngine().assess(batch, inputs, shape, with_gradient=False).checks.model
    _, facts = all_numbers(shape, batch.trades, inputs)
    return _Fit(
        model.variances, model.residual, np.asarray(facts.forwards), np.asarray(facts.quotes)
    )


def _calibrated(trade: ResolvedTrade, mean_reversion: float, fitted: _Fit) -> Calibrated:
    option, count = trade.option, len(trade.exercise_dates)
    assert option is not None
    expiries = np.asarray(option.exercise_times)
    variances, residuals, forwards, quotes = (part[:count] for part in fitted)
    check_fit(expiries, variances, residuals)
    growth = np.diff(_growth(mean_reversion, np.append(0.0, expiries)))
    volatilities = np.sqrt(np.diff(np.append(0.0, variances)) / growth)
    return Calibrated(trade, mean_reversion, volatilities, expiries, forwards, quotes, residuals)


def _growth(mean_reversion: float, times: np.ndarray) -> np.ndarray:
    """Variance of the state per squared unit of a constant volatility of the short rate, as in `short_rate_volatilities`."""
    rate = 2.0 * mean_reversion
    return times if abs(rate) < _NO_REVERSION else np.expm1(rate * times) / rate
