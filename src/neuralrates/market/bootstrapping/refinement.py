"""Newton's method on all nodes at once, where quotes and nodes hang together across the curve or across two curves."""

from collections.abc import Sequence

import numpy as np

from neuralrates.core.errors import CalibrationError
from neuralrates.market.bootstrapping.par_rates import ParRates
from neuralrates.market.bootstrapping.quotes import Quote
from neuralrates.market.curves.zero_curve import ZeroCurve

_STEPS = 20
_TOLERANCE = 1e-13


def refine(
    par_rates: ParRates, curves: tuple[ZeroCurve, ...], quotes: Sequence[Quote]
) -> tuple[ZeroCurve, ...]:
    """Curves of the same node times that reprice all quotes.

    Args:
        par_rates: the quotes as a function of the curves
        curves: where to start; one curve, or discount and projection curve
        quotes: the quotes, one per node

    Returns:
        The curves, residuals below 1e-13 per unit of rate.

    Raises:
        CalibrationError: naming the quote furthest from its value
    """
    targets = np.array([quote.value for quote in quotes])
    for _ in range(_STEPS):
        values, slopes = par_rates(curves)
        gap = (values - targets) / par_rates.scale
        if np.max(np.abs(gap)) < _TOLERANCE:
            return curves
        curves = _moved(curves, np.linalg.solve(slopes, targets - values))
    worst = int(np.argmax(np.abs(gap)))
    raise CalibrationError(
        f"quote {quotes[worst].name} = {quotes[worst].value} is missed by {gap[worst]:.1e} in rate"
    )


def _moved(curves: tuple[ZeroCurve, ...], step: np.ndarray) -> tuple[ZeroCurve, ...]:
    ends = np.cumsum([curve.times.shape[0] for curve in curves])[:-1]
    return tuple(
        ZeroCurve(curve.times, curve.zero_rates + part, curve.interpolation)
        for curve, part in zip(curves, np.split(step, ends), strict=True)
    )
