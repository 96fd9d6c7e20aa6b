"""How rates move; zero-coupon bonds given the state.

A model is immutable and differentiable in its parameters. Add one freely; whoever prices under it says so by annotation.
"""

from typing import TYPE_CHECKING

from neuralrates._lazy import attach

if TYPE_CHECKING:
    from neuralrates.models.forward_curve import ForwardCurve as ForwardCurve
    from neuralrates.models.forward_curve import TenorVolatility as TenorVolatility
    from neuralrates.models.gaussian import GaussianFactors as GaussianFactors
    from neuralrates.models.heston import Heston as Heston
    from neuralrates.models.hull_white import HullWhite as HullWhite
    from neuralrates.models.model import AbstractModel as AbstractModel

_WHERE = {
    "AbstractModel": "models.model",
    "ForwardCurve": "models.forward_curve",
    "GaussianFactors": "models.gaussian",
    "Heston": "models.heston",
    "HullWhite": "models.hull_white",
    "TenorVolatility": "models.forward_curve",
}

__all__ = [*_WHERE]
if not TYPE_CHECKING:  # a checker that saw this would take any name for known
    __getattr__, __dir__ = attach(__name__, _WHERE)
