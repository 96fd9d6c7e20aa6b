"""Parameters of the two-factor model that no European swaption of a trade says: given, or fitted to a matrix."""

import equinox as eqx
import numpy as np

from neuralrates.core.doors import door
from neuralrates.core.requests import LARGEST_MEAN_REVERSION

FAST_MEAN_REVERSION = 0.5
VOLATILITY_RATIO = 1.2
CORRELATION = -0.7

_LARGEST_REVERSION = 5.0
_LEAST_APART = 1e-4


@door
class TwoFactorParameters(eqx.Module):
    """Second factor of a two-factor Gaussian model; the first has the mean reversion of the one-factor model.

    Args:
        fast_mean_reversion: of the second factor, per year
        volatility_ratio: volatility of the second factor over that of the first
        correlation: of the two
        mean_reversion: of the first factor, per year, where a fit said it; what a price is asked for with goes before

    The defaults are those of a market that decorrelates as a usual one: the second factor, half forgotten in 1.4 years, moves
    the short end against the long one.

    Example:
        >>> import neuralrates as nr
        >>> print(nr.market.TwoFactorParameters().correlation)
        -0.7
    """

    fast_mean_reversion: float = eqx.field(static=True, default=FAST_MEAN_REVERSION)
    volatility_ratio: float = eqx.field(static=True, default=VOLATILITY_RATIO)
    correlation: float = eqx.field(static=True, default=CORRELATION)
    mean_reversion: float | None = eqx.field(static=True, default=None)

    def __check_init__(self) -> None:
        if not 0.0 <= self.fast_mean_reversion <= _LARGEST_REVERSION:
            raise ValueError(
                f"Argument `fast_mean_reversion` must lie between 0 and {_LARGEST_REVERSION:g} per year, but is "
                f"{self.fast_mean_reversion}."
            )
        if not (self.volatility_ratio >= 0.0 and np.isfinite(self.volatility_ratio)):
            raise ValueError(
                f"Argument `volatility_ratio` must be at least 0.0, but is {self.volatility_ratio}."
            )
        if not -1.0 < self.correlation < 1.0:
            raise ValueError(
                f"Argument `correlation` must lie between -1 and 1, both excluded, but is {self.correlation}."
            )

        _check_slow(self)

    def apart_from(self, mean_reversion: float) -> bool:
        """Whether the two mean reversions differ: equal ones make a single factor."""
        return are_apart(self.fast_mean_reversion, mean_reversion)


def are_apart(one: float, other: float) -> bool:
    """Whether two mean reversions differ."""
    return abs(one - other) > _LEAST_APART


def _check_slow(parameters: TwoFactorParameters) -> None:
    slow = parameters.mean_reversion
    if slow is None:
        return
    if not abs(slow) <= LARGEST_MEAN_REVERSION:
        raise ValueError(
            f"Argument `mean_reversion` must lie within {LARGEST_MEAN_REVERSION:g} of zero, per year, but is {slow}."
        )
    if not parameters.apart_from(slow):
        raise ValueError(
            f"Arguments `mean_reversion` and `fast_mean_reversion` must differ, but both are {slow}: a single factor, the "
            "one-factor model."
        )
