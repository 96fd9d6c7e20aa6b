"""The exact one-factor engine: curves, coterminal calibration and backward induction in one differentiable function."""

from collections.abc import Hashable, Sequence
from concurrent.futures import Executor
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from neuralrates.calibration.volatility import check_fit
from neuralrates.core.errors import CalibrationError, NeuralratesError, RefusalError
from neuralrates.core.types import Exercises, Scalar
from neuralrates.engines.batches import Batch, in_batches, rounded_up
from neuralrates.engines.engine import AbstractEngine, Checks
from neuralrates.engines.exercise import exercise_probabilities
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.engines.one_factor_fit import Fit, fit, swap_value
from neuralrates.market.market import CurrencyMarket
from neuralrates.pricers.gaussian.backward_induction import (
    BackwardInduction,
    Induction,
    induce,
    value_today,
)
from neuralrates.pricers.gaussian.jamshidian import european_value
from neuralrates.pricers.gaussian.resolution import survey
from neuralrates.pricers.price import Price
from neuralrates.trades.padded_trade import PaddedTrade
from neuralrates.trades.resolved import ResolvedTrade

TOLERANCE = 1e-7
_POINTS = (32, 48, 64, 96)
COARSEST = BackwardInduction(TOLERANCE, _POINTS[0], 1)
"""For trades that have no grid: swaps, and Europeans, whose value is closed."""
_BATCH, _LOCAL_BATCH, _LARGEST_SMALL_RULE = 16, 4, 64


class Calibration(NamedTuple):
    """What a price's model missed, per exercise: see `check_fit`."""

    residual: Exercises
    variances: Exercises


class OneFactorEngine(AbstractEngine):
    """Exact prices under one Gaussian factor, calibrated trade by trade to the European swaptions of its exercises.

    Args:
        pricer: settings of the backward induction; without effect on swaps and Europeans, whose values are closed

    Source: Hagan (2002) for the model and its calibration.
    """

    pricer: BackwardInduction = COARSEST

    @property
    def name(self) -> str:
        return "reference"

    @property
    def key(self) -> Hashable:
        return self.pricer

    @property
    def batch_size(self) -> int:
        """Fewer where each is much work, as a short batch repeats its last."""
        if not self.pricer.local:
            return _BATCH
        return _LOCAL_BATCH if (self.pricer.num_points or 0) <= _LARGEST_SMALL_RULE else 1

    @property
    def is_learned(self) -> bool:
        return False

    @property
    def certified_error(self) -> float:
        return 0.0

    def refuses(self, trade: ResolvedTrade, market: CurrencyMarket) -> NeuralratesError | None:
        if trade.option is not None and market.swaption_volatility is None:
            return RefusalError(
                f"options need swaption volatilities, and the {trade.currency} market has none"
            )
        return None

    def settled(
        self,
        trades: Sequence[ResolvedTrade],
        shape: MarketShape,
        inputs: MarketInputs,
        pool: Executor,
    ) -> list[AbstractEngine]:
        engines: list[AbstractEngine] = [self] * len(trades)
        several = [n for n, trade in enumerate(trades) if len(trade.exercise_dates) > 1]
        batches = in_batches([trades[n] for n in several], [self] * len(several))
        half_width = COARSEST.half_width()

        def look(each: Batch) -> tuple[np.ndarray, ...]:
            return jax.tree.map(np.asarray, surveys(shape, each.trades, inputs, half_width))

        for each, (widths, counts) in zip(batches, pool.map(look, batches), strict=True):
            for place, member in enumerate(each.members):
                rule = rule_for(float(widths[place]), int(counts[place]))
                engines[several[member]] = OneFactorEngine(rule)
        return engines

    def value(
        self, trade: PaddedTrade, inputs: MarketInputs, shape: MarketShape
    ) -> tuple[Price, Checks]:
        held = trade.swap_sign * swap_value(shape, trade, inputs)
        if trade.exercise_times.shape[0] == 0:
            nothing = jnp.zeros(0)
            checks = Checks(nothing, jnp.asarray(True), Calibration(nothing, nothing))
            return Price(held, jnp.zeros(())), checks
        fitted = fit(shape, trade, inputs)
        run = induce(self.pricer, fitted.variances, fitted.loadings, fitted.present_values)
        fine, coarse = _option_values(self.pricer, fitted, run)
        probabilities = exercise_probabilities(
            self.pricer, run, fitted.expiries, inputs.mean_reversion, fitted.end
        )
        several = fitted.variances.shape[0] > 1
        error = self.pricer.band(fine, coarse) if several else jnp.zeros(())
        model = Calibration(fitted.residual, fitted.variances)
        return Price(held + fine, error), Checks(probabilities, jnp.asarray(True), model)

    def refined(self, error: float) -> AbstractEngine | None:
        if not error > self.pricer.target():
            return None
        finer = self.pricer.finer()
        return None if finer is None else OneFactorEngine(finer)

    def objection(self, trade: ResolvedTrade, checks: Checks) -> NeuralratesError | None:
        if trade.option is None:
            return None
        expiries = np.asarray(trade.option.exercise_times)
        alive = expiries.shape[0]
        residual, variances = (np.asarray(part)[:alive] for part in checks.model)
        try:
            check_fit(expiries, variances, residual)
        except CalibrationError as error:
            return error
        return None


def rule_for(width: float, num_boundaries: int) -> BackwardInduction:
    """Rule that resolves a calibrated trade, one of few: each is compiled.

    Args:
        width: of the state space, in standard deviations of the narrowest step
        num_boundaries: most boundaries that an exercise can have
    """
    exact = COARSEST.resolving(width, max(1, num_boundaries))
    if exact.local or exact.num_points is None:
        return exact
    points = rounded_up(exact.num_points, _POINTS)
    return BackwardInduction(TOLERANCE, points, exact.num_boundaries)


def _option_values(pricer: BackwardInduction, fitted: Fit, run: Induction) -> tuple[Scalar, Scalar]:
    """Value of the option, and a coarser one to measure it against; one exercise has a closed form."""
    flows, loadings, variances = fitted.present_values, fitted.loadings, fitted.variances
    if variances.shape[0] == 1:
        exact = european_value(flows[0], loadings, variances[0])
        return exact, exact
    return value_today(run), value_today(induce(pricer.coarser(), variances, loadings, flows))


@eqx.filter_jit
def surveys(
    shape: MarketShape, trades: PaddedTrade, inputs: MarketInputs, half_width: float
) -> tuple[Float[Array, "batch"], Int[Array, "batch"]]:
    """What a quadrature for each of some stacked trades has to resolve once they are calibrated; see `survey`."""

    def one(trade: PaddedTrade) -> tuple[Scalar, Int[Array, ""]]:
        fitted = fit(shape, trade, inputs)
        return survey(fitted.variances, fitted.loadings, fitted.present_values, half_width)

    return jax.vmap(one)(trades)
