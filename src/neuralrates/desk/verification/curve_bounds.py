"""Rights on the whole forward curve between two bounds, by paths of their own on QuantLib's flows and curve."""

import numpy as np
import QuantLib as ql  # noqa: N813

from neuralrates.calibration.curve_coterminals import CurveCoterminals
from neuralrates.calibration.curve_swaps import CoterminalRates
from neuralrates.core.errors import RefusalError
from neuralrates.desk.verification.flows import Flows
from neuralrates.desk.verification.swap import SIGNS
from neuralrates.market.forward_curve import LONGEST_TENOR, ForwardCurveParameters
from neuralrates.pricers.primal_dual.curve_paths import CurveLaw
from neuralrates.pricers.primal_dual.pricer import PriceBounds, bounded, of_curve
from neuralrates.pricers.primal_dual.right import Right
from neuralrates.products.swap import Side

METHOD = "bounds by simulation"
_PATHS, _STEPS_PER_YEAR = 2**14, 2
_SEED = 1
"""Not the one that the desk's own reference draws from."""


def curve_bounds(
    flows: Flows,
    law: ForwardCurveParameters,
    quotes: np.ndarray,
    curve: ql.YieldTermStructureHandle,
    side: Side,
) -> PriceBounds:
    """Bounds of a right; no other code prices it.

    The volatility is scaled to the quotes by the desk's own closed form, as the scale is part of the model; paths are others.

    Args:
        flows: of the rights
        law: dynamics of the curve
        quotes: normal volatility of each European at the strike
        curve: to discount with
        side: entered on exercise

    Raises:
        RefusalError: quotes that no volatility of the curve meets, or forwards below minus the shift
    """
    found = CurveCoterminals(law, _rates(flows, quotes))
    squares = found.moves.squares[0]
    if not found.least_level[0] > 0.0 or not np.all(squares > 0.0):
        raise RefusalError("no volatility of the forward curve meets the quotes")
    sign = SIGNS[side]
    right = Right(flows.expiries, flows.times, flows.annuity, flows.floating, flows.strike, sign)
    scales = np.sqrt(squares)
    dynamics = CurveLaw(
        np.array(law.factors), LONGEST_TENOR, law.cap, law.shift, scales, flows.expiries[:-1]
    )

    def discount_factor(times: np.ndarray) -> np.ndarray:
        return np.array([curve.discount(float(time)) for time in times])

    return bounded(
        of_curve(right, dynamics, discount_factor, _STEPS_PER_YEAR), _PATHS, _PATHS, _SEED
    )


def _rates(flows: Flows, quotes: np.ndarray) -> CoterminalRates:
    """Coterminal rates of one trade, with a leading axis."""
    values = flows.annuity * flows.factors
    annuities = values.sum(axis=1)
    parts = (
        np.asarray(flows.strike),
        flows.expiries,
        (flows.floating @ flows.factors) / annuities,
        annuities,
        values,
        flows.receiver_values,
        flows.factors,
        flows.times,
        flows.starts,
        quotes,
        np.ones(flows.expiries.shape, dtype=bool),
    )
    return CoterminalRates(*(part[None] for part in parts))
