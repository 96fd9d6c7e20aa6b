"""Engines of the whole forward curve: one factor that moves as the curve does, and bounds by simulation."""

from typing import NamedTuple

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Bool, Float

from neuralrates.calibration.curve_coterminals import CurveMoves
from neuralrates.calibration.volatility import LARGEST_MISFIT
from neuralrates.core.errors import CalibrationError, NeuralratesError, RefusalError
from neuralrates.core.units import basis_point
from neuralrates.engines.batches import Batch
from neuralrates.engines.coterminal_numbers import swaps
from neuralrates.engines.engine import AbstractEngine, Assessment, Checks, NotMineError
from neuralrates.engines.forward_curve_bounds import curve_rights
from neuralrates.engines.forward_curve_numbers import all_curve_numbers, curve_pulled_back
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.engines.one_factor import (
    TOLERANCE,
    OptionBatch,
    first_of,
    priced_options,
    repeated,
)
from neuralrates.market.market import CurrencyMarket
from neuralrates.pricers.gaussian.backward_induction import BackwardInduction
from neuralrates.pricers.gaussian.batched.options import Rules
from neuralrates.pricers.primal_dual.pricer import bounded
from neuralrates.trades.coverage import without_volatilities
from neuralrates.trades.resolved import ResolvedTrade

LARGEST_GAP = 10.0 * basis_point
"""Of the notional, that a price on the forward curve may be known to: models differ by more."""


class CurveCalibration(NamedTuple):
    """What a price's model missed, per trade.

    Args:
        residual: model minus quoted normal volatility, by exercise
        squares: of the scale of the curve's volatility, by interval between exercises
        least_level: smallest shifted forward over the swaps, decimal
    """

    residual: Float[np.ndarray, "trades exercises"]
    squares: Float[np.ndarray, "trades exercises"]
    least_level: Float[np.ndarray, "trades"]


class _Baseline(NamedTuple):
    """Trades by one factor that moves as the curve does.

    Args:
        assessment: of the trades
        options: values of their rights alone
        moves: what the curve says of them; none where they have no rights
        alive: which exercises are real
    """

    assessment: Assessment
    options: Float[np.ndarray, "trades"]
    moves: CurveMoves | None
    alive: Bool[np.ndarray, "trades exercises"]


def _without_rights(
    batch: Batch, inputs: MarketInputs, shape: MarketShape, with_gradient: bool
) -> _Baseline:
    count = len(batch.members)
    held, gradient = swaps(shape, batch.swaps, inputs, with_gradient)
    nothing, ones = np.zeros((count, 0)), np.ones(count)
    checks = Checks(nothing, ones > 0.0, CurveCalibration(nothing, nothing, ones))
    value = np.asarray(held)[:count]
    found = Assessment(value, np.zeros(count), checks, first_of(gradient, count))
    return _Baseline(found, np.zeros(count), None, nothing > 0.0)


def _baseline(
    batch: Batch,
    inputs: MarketInputs,
    shape: MarketShape,
    with_gradient: bool,
    choices: Rules | None,
) -> _Baseline:
    """Exact prices under one factor whose coterminal rates have the curve's own deviations and correlations."""
    trades, count = batch.swaps, len(batch.members)
    if trades.exercise_times.shape[1] == 0:
        return _without_rights(batch, inputs, shape, with_gradient)
    numbers, facts, moves = jax.tree.map(
        lambda leaf: np.asarray(leaf)[:count], all_curve_numbers(shape, trades, inputs)
    )
    alive = np.asarray(trades.alive)[:count] > 0.0
    option = OptionBatch(numbers, facts, alive, np.asarray(trades.option_sign)[:count])
    with np.errstate(all="ignore"):
        priced = priced_options(BackwardInduction(TOLERANCE), option, with_gradient, choices)
    gradient = None
    if with_gradient:
        weights = jax.tree.map(lambda leaf: repeated(leaf, trades), priced.weights)
        gradient = first_of(curve_pulled_back(shape, trades, inputs, weights), count)
    calibration = CurveCalibration(priced.residuals, moves.squares, moves.least_level)
    checks = Checks(priced.options.probabilities, np.ones(count, dtype=bool), calibration)
    options = priced.options.values
    value, error = numbers.held + options, priced.options.errors
    return _Baseline(
        Assessment(value, error, checks, gradient, priced.rules), options, moves, alive
    )


def _objection(trade: ResolvedTrade, checks: Checks) -> NeuralratesError | None:
    if trade.option is None:
        return None
    expiries = np.asarray(trade.option.exercise_times)
    known: CurveCalibration = checks.model
    level = float(known.least_level)
    if not level > 0.0:
        return RefusalError(
            f"expected forward rates above minus the shift of the forward-curve model, found one {-level:.4f} below it; state "
            "a larger `shift` under `forward_curve` in the market file"
        )
    squares = np.asarray(known.squares)[: expiries.shape[0]]
    residual = np.asarray(known.residual)[: expiries.shape[0]]
    bad = np.flatnonzero(~(squares > 0.0))
    if bad.size:
        return CalibrationError(
            "no volatility of the forward curve meets the quotes: that of the European swaption that expires in "
            f"{expiries[bad[0]]:.4f} years asks for less than none after the one before; the one-factor model may meet it"
        )
    missed = np.flatnonzero(~(np.abs(residual) <= LARGEST_MISFIT))
    if missed.size:
        return CalibrationError(
            f"the European swaption that expires in {expiries[missed[0]]:.4f} years cannot be valued at its quote under the "
            "forward-curve model; the one-factor model may meet it"
        )
    return None


class ForwardCurveReference(AbstractEngine):
    """Prices on the whole forward curve between two bounds, by simulation; slow.

    The curve's volatility is scaled between the exercises of a trade to its coterminal quotes, in closed form. A value is the
    middle of the bounds, its error half of the gap and one standard error. European swaptions are worth their quotes. Greeks
    are those of the one factor that moves as the curve does; `CurveFactorEngine` prices by it.

    Args:
        num_paths: of the regression, and as many fresh ones

    Source: Andersen and Broadie (2004); Rogers (2002), for the bounds.
    """

    num_paths: int = eqx.field(static=True, default=2**14)

    @property
    def name(self) -> str:
        return "reference"

    @property
    def is_learned(self) -> bool:
        return False

    @property
    def certified_error(self) -> float:
        return 0.0

    @property
    def largest_error(self) -> float:
        return LARGEST_GAP

    def refuses(self, trade: ResolvedTrade, market: CurrencyMarket) -> NeuralratesError | None:
        if trade.rates is not None:
            return NotMineError(f"a {trade.kind} is priced in closed form")
        return without_volatilities(trade, market)

    def assess(
        self,
        batch: Batch,
        inputs: MarketInputs,
        shape: MarketShape,
        with_gradient: bool,
        choices: Rules | None = None,
    ) -> Assessment:
        base = _baseline(batch, inputs, shape, with_gradient, choices)
        found, moves = base.assessment, base.moves
        wanted = np.count_nonzero(base.alive, axis=1) > 1
        wanted &= np.isfinite(base.options)
        if moves is None or not wanted.any():
            return found
        wanted &= (moves.least_level > 0.0) & np.all((moves.squares > 0.0) | ~base.alive, axis=1)
        middles, errors = base.options.copy(), np.array(found.error)
        signs = np.asarray(batch.swaps.option_sign)
        rights = curve_rights(shape, batch.swaps, inputs)
        for trade in np.flatnonzero(wanted).tolist():
            count = int(np.count_nonzero(base.alive[trade]))
            right = rights.right(trade, count, float(signs[trade]))
            simulation = rights.simulation(right, np.asarray(moves.squares[trade, :count]))
            bounds = bounded(simulation, self.num_paths, self.num_paths, seed=0)
            middles[trade], errors[trade] = bounds.middle, bounds.error
        return found._replace(value=found.value - base.options + middles, error=errors)

    def objection(self, trade: ResolvedTrade, checks: Checks) -> NeuralratesError | None:
        return _objection(trade, checks)
