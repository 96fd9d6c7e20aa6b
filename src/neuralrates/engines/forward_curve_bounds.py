"""Dated trades as rights on the forward curve, for their simulation."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from neuralrates.calibration.curve_swaps import CoterminalRates
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.market.curves.curve_reader import CurveReader
from neuralrates.market.forward_curve import LONGEST_TENOR
from neuralrates.pricers.primal_dual.curve_paths import CurveLaw
from neuralrates.pricers.primal_dual.pricer import Simulation, of_curve
from neuralrates.pricers.primal_dual.right import Right

_STEPS_PER_YEAR = 2


@dataclass(frozen=True)
class CurveRights:
    """Rights of stacked trades on the curve of one market.

    Args:
        shape: of the market
        inputs: its numbers
        rates: coterminal swap rates, with a leading axis for the trades
    """

    shape: MarketShape
    inputs: MarketInputs
    rates: CoterminalRates

    def right(self, trade: int, count: int, sign: float) -> Right:
        """Right of one trade with so many exercises, flows as amounts of bonds on the discount curve."""
        known, discounts = self.rates, self.rates.discount_factors[trade]
        strike = float(known.strike[trade])
        fixed = known.annuity_values[trade, :count]
        floating = strike * fixed - known.present_values[trade, :count]
        paid = np.flatnonzero(np.any((fixed != 0.0) | (floating != 0.0), axis=0))
        kept = paid[0] + np.arange(paid[-1] - paid[0] + 1)
        return Right(
            known.expiries[trade, :count],
            known.flow_times[trade, kept],
            fixed[:, kept] / discounts[kept],
            floating[:, kept] / discounts[kept],
            strike,
            sign,
        )

    def simulation(self, right: Right, squares: Float[np.ndarray, "exercises"]) -> Simulation:
        """Its simulation, the volatility scaled by interval between the exercises."""
        parameters = self.shape.forward_curve
        law = CurveLaw(
            np.array(parameters.factors),
            LONGEST_TENOR,
            parameters.cap,
            parameters.shift,
            np.sqrt(squares),
            right.exercise_times[:-1],
        )
        return of_curve(right, law, self.discount_factor, _STEPS_PER_YEAR)

    def discount_factor(self, times: Float[np.ndarray, "times"]) -> Float[np.ndarray, "times"]:
        """Discount factors of the market at times from the day that has passed."""
        curve = CurveReader(self.shape.discount, np.asarray(self.inputs.discount_rates))
        return curve.discount_factors(times)
