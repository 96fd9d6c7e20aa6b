"""The model of each trade, of one factor, two or the whole forward curve, and how it meets the quotes it was fitted to."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import jax
import numpy as np
import pandas as pd

from neuralrates.calibration.volatility import check_fit
from neuralrates.core.errors import InputError
from neuralrates.core.requests import mean_reversion_of
from neuralrates.engines.batches import Batch, in_batches
from neuralrates.engines.coterminal_numbers import CoterminalNumbers
from neuralrates.engines.forward_curve import LearnedCurveEngine
from neuralrates.engines.forward_curve_numbers import ForwardCurveNumbers
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.engines.one_factor import OneFactorEngine
from neuralrates.engines.two_factor import TwoFactorEngine
from neuralrates.engines.two_factor_numbers import TwoFactorNumbers
from neuralrates.market.market import CurrencyMarket, Market
from neuralrates.market.two_factor import TwoFactorParameters
from neuralrates.trades.resolved import ResolvedTrade

_UNITS = {
    "exercise_time": "years, Act/365F",
    "forward": "decimal",
    "quoted": "normal volatility, decimal per square root of year",
    "residual": "normal volatility, model minus quote",
}
_SHORT_RATE_UNITS = {
    "short_rate_volatility": "decimal per square root of year, up to this exercise",
    "mean_reversion": "per year",
}
_SECOND_UNITS = {
    "fast_mean_reversion": "per year",
    "volatility_ratio": "of the fast factor over the slow one",
    "correlation": "of the two",
}
_CURVE_UNITS = {
    "curve_scale": "of the forward curve's volatility, up to this exercise",
    "correlation_with_next": "of the swap rate, when it is due, with the next one when that is due; 1 at the last",
}
_NO_REVERSION = 1e-17
ONE_FACTOR = "one_factor"


@dataclass(frozen=True)
class Calibrated:
    """A trade's model and the European swaptions that it reprices.

    Args:
        trade: resolved trade
        mean_reversion: per year
        volatilities: of the short rate, constant up to each exercise since the one before; under two factors of the slow one;
            under the forward curve the scale of its volatility
        expiries: exercise times, years
        forwards: forward swap rates, decimals
        quotes: normal volatilities, decimals
        residuals: model minus quote, normal volatility
        second: parameters of the second factor, where there is one
        correlations: of each swap rate, when it is due, with the next one, under the forward curve
    """

    trade: ResolvedTrade
    mean_reversion: float
    volatilities: np.ndarray
    expiries: np.ndarray
    forwards: np.ndarray
    quotes: np.ndarray
    residuals: np.ndarray
    second: TwoFactorParameters | None = None
    correlations: np.ndarray | None = None

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
                **self._law(),
            }
        )

    def _law(self) -> dict[str, object]:
        if self.correlations is not None:
            both = (self.volatilities, self.correlations)
            return dict(zip(_CURVE_UNITS, both, strict=True))
        second = {} if self.second is None else dataclasses.asdict(self.second)
        return {
            "short_rate_volatility": self.volatilities,
            "mean_reversion": self.mean_reversion,
            **{name: second[name] for name in _SECOND_UNITS if second},
        }


def calibrated_models(
    trades: Sequence[ResolvedTrade],
    market: CurrencyMarket,
    mean_reversion: float,
    model: str = ONE_FACTOR,
) -> list[Calibrated | None]:
    """Model of each trade of one currency, fitted to the European swaptions of its exercises.

    Args:
        trades: resolved trades
        market: of their currency
        mean_reversion: per year
        model: `one_factor`, `two_factor` or `forward_curve`

    Returns:
        One entry per trade, none for a swap.

    Raises:
        CalibrationError: a quote cannot be met: which one, and by how much
        RefusalError: the market has no swaption volatilities
    """
    fitted = _MODELS[model]
    found: list[Calibrated | None] = [None] * len(trades)
    optional = [n for n, trade in enumerate(trades) if trade.option is not None]
    for index in dict.fromkeys(trades[n].index for n in optional):
        shape = MarketShape.of(
            market.curves.for_index(index),
            market.swaption_volatility,
            market.two_factor,
            forward_curve=market.forward_curve,
        )
        inputs = shape.inputs(mean_reversion)
        numbers = [n for n in optional if trades[n].index == index]
        same = [trades[n] for n in numbers]
        for each in in_batches(same):
            chosen = [same[member] for member in each.members]
            for member, one in zip(each.members, fitted(each, chosen, inputs, shape), strict=True):
                found[numbers[member]] = one
    return found


def calibrations(
    trades: Sequence[ResolvedTrade],
    market: Market,
    mean_reversion: float | Mapping[str, float] | None = None,
    model: str = ONE_FACTOR,
) -> pd.DataFrame:
    """Calibrated volatility and residual of every exercise of every trade.

    Args:
        trades: resolved trades
        market: curves and volatilities
        mean_reversion: per year, for all currencies or by currency; as of `price` unless given
        model: `one_factor`, `two_factor` or `forward_curve`

    Returns:
        One row per exercise, those of swaps none; units in `attrs["units"]`.

    Raises:
        CalibrationError: a quote cannot be met: which one, and by how much
        InputError: another model
    """
    if model not in _MODELS:
        raise InputError(f"expected a model among {', '.join(_MODELS)}, found {model!r}")
    reversions = market.mean_reversion(model, mean_reversion)
    units = _UNITS | _OF_MODEL[model]
    tables = [pd.DataFrame(columns=["trade_id", "kind", "exercise_date", *units])]
    for currency in dict.fromkeys(trade.currency for trade in trades):
        same = [trade for trade in trades if trade.currency == currency]
        reversion = mean_reversion_of(reversions, currency)
        for one in calibrated_models(same, market[currency], reversion, model):
            tables += [one.table()] if one is not None else []
    table = pd.concat(tables[1:] or tables, ignore_index=True)
    table.attrs["units"] = units
    return table


def _one_factor(
    batch: Batch, trades: list[ResolvedTrade], inputs: MarketInputs, shape: MarketShape
) -> list[Calibrated]:
    """What a price's own calibration finds, so that the two cannot differ."""
    model = OneFactorEngine().assess(batch, inputs, shape, with_gradient=False).checks.model
    facts = CoterminalNumbers(batch.flows, shape, inputs).facts
    reversion, found = float(inputs.mean_reversion), []
    for place, trade in enumerate(trades):
        expiries = _expiries(trade)
        variances, residuals, forwards, quotes = (
            np.asarray(part)[place][: expiries.size]
            for part in (model.variances, model.residual, facts.forwards, facts.quotes)
        )
        check_fit(expiries, variances, residuals)
        growth = np.diff(_growth(reversion, np.append(0.0, expiries)))
        volatilities = np.sqrt(np.diff(np.append(0.0, variances)) / growth)
        found.append(
            Calibrated(trade, reversion, volatilities, expiries, forwards, quotes, residuals)
        )
    return found


def _two_factors(
    batch: Batch, trades: list[ResolvedTrade], inputs: MarketInputs, shape: MarketShape
) -> list[Calibrated]:
    engine = TwoFactorEngine()
    checks = engine.assess(batch, inputs, shape, with_gradient=False).checks
    facts = TwoFactorNumbers(batch.flows, shape, inputs).facts
    reversion, found = float(inputs.mean_reversion), []
    for place, trade in enumerate(trades):
        if reason := engine.objection(trade, jax.tree.map(lambda part, at=place: part[at], checks)):
            raise reason
        expiries = _expiries(trade)
        squares, residuals, forwards, quotes = (
            np.asarray(part)[place][: expiries.size]
            for part in (checks.model.squares, checks.model.residual, facts.forwards, facts.quotes)
        )
        fit = (np.sqrt(squares), expiries, forwards, quotes, residuals)
        found.append(Calibrated(trade, reversion, *fit, shape.two_factor))
    return found


def _forward_curve(
    batch: Batch, trades: list[ResolvedTrade], inputs: MarketInputs, shape: MarketShape
) -> list[Calibrated]:
    """Scale and correlations of the curve; residuals are of the one factor that moves as it does."""
    engine = LearnedCurveEngine()
    checks = engine.assess(batch, inputs, shape, with_gradient=False).checks
    facts = ForwardCurveNumbers(batch.flows, shape, inputs).facts
    found = []
    for place, trade in enumerate(trades):
        if reason := engine.objection(trade, jax.tree.map(lambda part, at=place: part[at], checks)):
            raise reason
        expiries = _expiries(trade)
        squares, correlations, residuals, forwards, quotes = (
            part[place][: expiries.size]
            for part in (
                facts.moves.squares,
                facts.moves.correlations,
                checks.model.residual,
                facts.factor.forwards,
                facts.factor.quotes,
            )
        )
        fit = (np.sqrt(squares), expiries, forwards, quotes, residuals)
        found.append(Calibrated(trade, 0.0, *fit, correlations=correlations))
    return found


_MODELS = {ONE_FACTOR: _one_factor, "two_factor": _two_factors, "forward_curve": _forward_curve}
_OF_MODEL = {
    ONE_FACTOR: _SHORT_RATE_UNITS,
    "two_factor": _SHORT_RATE_UNITS | _SECOND_UNITS,
    "forward_curve": _CURVE_UNITS,
}


def _expiries(trade: ResolvedTrade) -> np.ndarray:
    assert trade.option is not None
    return np.asarray(trade.option.exercise_times)


def _growth(mean_reversion: float, times: np.ndarray) -> np.ndarray:
    """Variance of the state per squared unit of a constant volatility of the short rate, as in `short_rate_volatilities`."""
    rate = 2.0 * mean_reversion
    return times if abs(rate) < _NO_REVERSION else np.expm1(rate * times) / rate
