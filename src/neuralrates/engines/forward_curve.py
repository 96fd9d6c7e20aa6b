"""Engines of the whole forward curve: one factor that moves as the curve does, and bounds by simulation."""

from typing import NamedTuple

import equinox as eqx
import numpy as np
from jaxtyping import Bool, Float

from neuralrates.calibration.volatility import LARGEST_MISFIT
from neuralrates.core.errors import CalibrationError, NeuralratesError, RefusalError
from neuralrates.core.units import basis_point
from neuralrates.engines.batches import Batch
from neuralrates.engines.closed_forms.coterminals import held_values
from neuralrates.engines.engine import AbstractEngine, Assessment, Checks, NotMineError
from neuralrates.engines.forward_curve_bounds import CurveRights
from neuralrates.engines.forward_curve_certificate import band
from neuralrates.engines.forward_curve_correction import BASELINE, outside, shipped
from neuralrates.engines.forward_curve_numbers import CurveNumbers, ForwardCurveNumbers
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.engines.one_factor import OptionBatch, priced_options
from neuralrates.market.forward_curve import ForwardCurveParameters
from neuralrates.market.market import CurrencyMarket
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
        assessment: of the trades, their rights by the factor and the correction
        options: values of their rights alone
        least: the best of their Europeans
        found: numbers of them; none where they have no rights
        alive: which exercises are real
    """

    assessment: Assessment
    options: Float[np.ndarray, "trades"]
    least: Float[np.ndarray, "trades"]
    found: ForwardCurveNumbers | None
    alive: Bool[np.ndarray, "trades exercises"]


def _without_rights(
    batch: Batch, inputs: MarketInputs, shape: MarketShape, with_gradient: bool
) -> _Baseline:
    count = len(batch.members)
    value, gradient = held_values(batch.flows, shape, inputs, with_gradient)
    nothing, ones = np.zeros((count, 0)), np.ones(count)
    checks = Checks(nothing, ones > 0.0, CurveCalibration(nothing, nothing, ones))
    found = Assessment(value, np.zeros(count), checks, gradient)
    return _Baseline(found, np.zeros(count), np.zeros(count), None, nothing > 0.0)


def _baseline(
    batch: Batch,
    inputs: MarketInputs,
    shape: MarketShape,
    with_gradient: bool,
    choices: Rules | None,
) -> _Baseline:
    """Exact prices under one factor whose coterminal rates have the curve's own deviations and correlations."""
    if batch.flows.rights is None:
        return _without_rights(batch, inputs, shape, with_gradient)
    count, trades = len(batch.members), batch.flows.trades
    alive, signs = trades.alive > 0.0, trades.option_sign
    with np.errstate(all="ignore"):
        found = ForwardCurveNumbers(batch.flows, shape, inputs)
        numbers, facts = found.numbers, found.facts
        option = OptionBatch(numbers.factor, facts.factor, alive, signs)
        priced = priced_options(BASELINE, option, with_gradient, choices)
        weights = CurveNumbers(priced.weights, np.ones(count))
        gradient = found.pulled_back(weights) if with_gradient else None
    calibration = CurveCalibration(priced.residuals, facts.moves.squares, facts.least_level)
    checks = Checks(priced.options.probabilities, np.ones(count, dtype=bool), calibration)
    options = priced.options.values + numbers.correction
    value = numbers.factor.held + options
    assessed = Assessment(value, priced.options.errors, checks, gradient, priced.rules)
    return _Baseline(assessed, options, best_european(option), found, alive)


def best_european(option: OptionBatch) -> Float[np.ndarray, "trades"]:
    """Value of the best European of each right: by its quote, and by what parts payer and receiver."""
    numbers, facts, alive, signs = option
    receivers = np.sum(numbers.present_values, axis=2)
    quoted_receiver = numbers.targets + np.where(facts.sides > 0.0, 0.0, receivers)
    values = quoted_receiver - np.where(signs > 0.0, 0.0, 1.0)[:, None] * receivers
    found: np.ndarray = np.max(np.where(alive, values, 0.0), axis=1)
    return found


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


class LearnedCurveEngine(AbstractEngine):
    """Bermudans on the whole forward curve: an exact price under one factor, and a learned correction.

    The factor gives the trade's swap rates the deviations that are quoted and the correlations that the curve has; what it
    misses, of the skew and of the other factors, is a recurrence backward over the dates, the same for any schedule. A trade
    of features that it did not learn from, or a price below the best European, is left to the reference.

    Source: Andersen and Piterbarg (2010), section 19.2, for the factor; Cho et al. (2014), for the recurrence.
    """

    @property
    def name(self) -> str:
        return "learned correction"

    @property
    def is_learned(self) -> bool:
        return True

    @property
    def certified_error(self) -> float:
        return 0.0

    @property
    def largest_error(self) -> float:
        return LARGEST_GAP

    def refuses(self, trade: ResolvedTrade, market: CurrencyMarket) -> NeuralratesError | None:
        if trade.rates is not None or trade.option is None:
            return NotMineError(f"a {trade.kind} is priced in closed form")
        count, most = trade.option.exercise_times.shape[0], shipped().most_dates
        certified = band()
        if count == 1:
            return NotMineError("a European swaption is worth its quote")
        if count > most:
            return RefusalError(
                f"the correction was learned from at most {most} exercises, found {count}"
            )
        if (market.forward_curve or ForwardCurveParameters()) != ForwardCurveParameters():
            return RefusalError(
                "the correction was learned for the default `forward_curve`, found other parameters in the market"
            )
        if isinstance(certified, RefusalError):
            return certified
        return without_volatilities(trade, market)

    def assess(
        self,
        batch: Batch,
        inputs: MarketInputs,
        shape: MarketShape,
        with_gradient: bool,
        choices: Rules | None = None,
    ) -> Assessment:
        base, share = _baseline(batch, inputs, shape, with_gradient, choices), band()
        found = base.assessment
        if base.found is None:
            return found
        if isinstance(share, RefusalError):
            raise share
        facts = base.found.facts
        within = ~outside(shipped(), facts.features, base.alive)
        within &= base.options >= base.least - BASELINE.tolerance
        checks = found.checks._replace(in_domain=within)
        return found._replace(error=found.error + share * facts.deviation, checks=checks)

    def objection(self, trade: ResolvedTrade, checks: Checks) -> NeuralratesError | None:
        return _objection(trade, checks)


class ForwardCurveReference(AbstractEngine):
    """Prices on the whole forward curve between two bounds, by simulation; slow.

    The curve's volatility is scaled between the exercises of a trade to its coterminal quotes, in closed form. A value is the
    middle of the bounds, its error half of the gap and one standard error. European swaptions are worth their quotes. Greeks
    are those of `LearnedCurveEngine`: simulated values have none of their own.

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
        found = base.assessment
        wanted = np.count_nonzero(base.alive, axis=1) > 1
        wanted &= np.isfinite(base.options)
        for_differences = choices is not None and with_gradient
        if base.found is None or for_differences or not wanted.any():
            return found
        squares = base.found.facts.moves.squares
        wanted &= base.found.facts.least_level > 0.0
        wanted &= np.all((squares > 0.0) | ~base.alive, axis=1)
        middles, errors = base.options.copy(), np.array(found.error)
        signs = batch.flows.trades.option_sign
        rights = CurveRights(shape, inputs, base.found.rates)
        for trade in np.flatnonzero(wanted).tolist():
            count = int(np.count_nonzero(base.alive[trade]))
            right = rights.right(trade, count, float(signs[trade]))
            simulation = rights.simulation(right, squares[trade, :count])
            bounds = bounded(simulation, self.num_paths, self.num_paths, seed=0)
            middles[trade], errors[trade] = bounds.middle, bounds.error
        return found._replace(value=found.value - base.options + middles, error=errors)

    def objection(self, trade: ResolvedTrade, checks: Checks) -> NeuralratesError | None:
        return _objection(trade, checks)
