"""What the forward-curve engines compute from a market in closed form: numbers of a factor that moves as the curve does."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from neuralrates.calibration.curve_coterminals import CurveCoterminals, CurveMoves
from neuralrates.calibration.curve_swaps import CoterminalRates
from neuralrates.core.types import HostArray, HostScalar
from neuralrates.engines.closed_forms.cash_flows import CashFlows
from neuralrates.engines.closed_forms.coterminals import CoterminalQuotes
from neuralrates.engines.coterminal_numbers import FactorNumbers, Facts, Numbers
from neuralrates.engines.forward_curve_correction import CurveFeatures, shipped
from neuralrates.engines.forward_curve_rates import onto_rights, rates_of
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.engines.recurrence import Corrections


class CurveNumbers(NamedTuple):
    """Functions of the market's numbers that a price is a function of.

    Args:
        factor: of the one factor that moves as the curve does
        correction: learned, of what it misses, per unit notional
    """

    factor: Numbers
    correction: HostScalar


class CurveFacts(NamedTuple):
    """What goes with them, and no derivative is taken of.

    Args:
        factor: of the same factor
        moves: how the curve moves the trade's rates
        least_level: smallest shifted forward over the swaps, decimal
        features: what the correction was given of each date
        deviation: the unit of a correction
    """

    factor: Facts
    moves: CurveMoves
    least_level: HostScalar
    features: Float[HostArray, "exercises features"]
    deviation: HostScalar


class ForwardCurveNumbers:
    """Numbers of a batch with exercises, and the way back from derivatives to them; a leading axis for the trades.

    Args:
        flows: of the batch
        shape: curves and matrix that the market's numbers go into
        inputs: the market's numbers

    Attributes:
        numbers: what the price is a function of; zero in the padding
        facts: what goes with them
        rates: coterminal swap rates of the trades
    """

    def __init__(self, flows: CashFlows, shape: MarketShape, inputs: MarketInputs) -> None:
        parameters, signs = shape.forward_curve, flows.trades.option_sign
        self._flows, self._coterminals = flows, CoterminalQuotes(flows, shape, inputs)
        self.rates = rates_of(flows, self._coterminals, float(inputs.elapsed))
        self._curve = CurveCoterminals(parameters, self.rates)
        moves = self._curve.moves
        means = self._coterminals.of_rights(mean_loadings(self.rates, moves.loadings))
        self._factor = FactorNumbers(self._coterminals, moves.loadings, means)
        self._features = CurveFeatures(self.rates, moves, parameters.shift, signs)
        features, deviation = self._features.values, self._features.deviation
        self._corrections = Corrections(shipped().weights, features, self.rates.alive)
        self.numbers = CurveNumbers(self._factor.numbers, deviation * self._corrections.values)
        least = self._curve.least_level
        self.facts = CurveFacts(self._factor.facts, moves, least, features, deviation)

    def pulled_back(self, weights: CurveNumbers) -> MarketInputs:
        """Derivatives of weights times numbers to the market's numbers, per trade; none of it to a mean reversion."""
        back, loadings = self._factor.pulled_back(weights.factor)
        corrected = self._corrections
        features = corrected.pulled_back(weights.correction * self._features.deviation)
        units = weights.correction * corrected.values
        to_rates, to_moves = self._features.pulled_back(features, units)
        to_moves = to_moves._replace(loadings=loadings)
        to_rates = to_rates.plus(self._curve.pulled_back(to_moves))
        onto = onto_rights(self._flows, self._coterminals, to_rates, back)
        gradient = self._coterminals.pulled_back(onto)
        return gradient._replace(elapsed=gradient.elapsed + to_rates.elapsed)


def mean_loadings(
    rates: CoterminalRates, loadings: Float[np.ndarray, "trades flows"]
) -> Float[np.ndarray, "trades exercises"]:
    """Loading halfway between neighbouring exercises, straight between the flow times."""
    middles, times = 0.5 * rates.expiries, rates.flow_times
    middles[:, 1:] += middles[:, :-1].copy()
    passed = np.count_nonzero(times[:, None, :] <= middles[..., None], axis=2)
    before, after = np.maximum(passed - 1, 0), np.minimum(passed, times.shape[1] - 1)
    trade = np.arange(times.shape[0])[:, None]
    (start, end), (first, last) = (
        (part[trade, before], part[trade, after]) for part in (times, loadings)
    )
    share = (middles - start) / np.where(end > start, end - start, 1.0)
    return np.where(after > before, first + share * (last - first), first)
