"""What the model of the whole forward curve is given beside the quotes: how forwards move together, and its skew."""

import equinox as eqx
import numpy as np

from neuralrates.core.checks import check_finite
from neuralrates.core.doors import door

FACTORS = (
    (0.04404, 0.01339, 0.01574, 0.00095),
    (0.00579, -0.04875, -0.01297, -0.00487),
    (-0.00700, 0.01587, -0.02581, 0.00839),
)
"""Three factors by tenor, Chebyshev coefficients over 30 years: `python -m studies.mott_2026.history` estimates them."""
_MOST_COLUMNS = 12
"""Chebyshev polynomials of higher degree, moved along the tenor, lose their digits."""

LONGEST_TENOR = 30.0
ROOT_CAP = 0.4
_LARGEST_SHIFT = 0.1


@door
class ForwardCurveParameters(eqx.Module):
    """Dynamics of the whole forward curve, $df = \\ldots dt + a(t) \\min(\\sqrt{f + d}, M) \\sum_j \\sigma_j(T - t) dW_j$.

    The quotes say a(t), trade by trade. The defaults are three factors estimated from United States zero rates, without a
    shift; by them volatility grows as the root of the level of rates.

    Args:
        factors: of $\\sigma_j$ by tenor, a row for each factor, a column for each Chebyshev polynomial over 30 years
        shift: d, decimal; forwards must lie above minus the shift
        cap: M, root of a shifted rate

    Source: Mott (2026), equations 14 and 18.

    Example:
        >>> import neuralrates as nr
        >>> print(len(nr.market.ForwardCurveParameters().factors), nr.market.ForwardCurveParameters(shift=0.02).shift)
        3 0.02
    """

    factors: tuple[tuple[float, ...], ...] = eqx.field(static=True, default=FACTORS)
    shift: float = eqx.field(static=True, default=0.0)
    cap: float = eqx.field(static=True, default=ROOT_CAP)

    def __check_init__(self) -> None:
        lengths = {len(row) for row in self.factors}
        if len(lengths) != 1 or not lengths.pop():
            raise ValueError(
                "Argument `factors` must hold as many numbers for each factor, one at least, but has rows of "
                f"{sorted(len(row) for row in self.factors)}."
            )
        if len(self.factors[0]) > _MOST_COLUMNS:
            raise ValueError(
                f"Argument `factors` must have at most {_MOST_COLUMNS} columns, but has {len(self.factors[0])}."
            )
        check_finite("factors", np.asarray(self.factors))
        if not np.any(np.asarray(self.factors)):
            raise ValueError("Argument `factors` must not be zero throughout.")
        if not 0.0 <= self.shift <= _LARGEST_SHIFT:
            raise ValueError(
                f"Argument `shift` must lie between 0 and {_LARGEST_SHIFT:g}, decimals, but is {self.shift}."
            )
        if not 0.0 < self.cap <= 1.0:
            raise ValueError(f"Argument `cap` must lie above 0, at most 1, but is {self.cap}.")
