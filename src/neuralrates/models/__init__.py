"""Floor 3: how rates move; zero-coupon bonds given the state."""

from neuralrates.models.forward_curve import ForwardCurve as ForwardCurve
from neuralrates.models.forward_curve import TenorVolatility as TenorVolatility
from neuralrates.models.gaussian import GaussianFactors as GaussianFactors
from neuralrates.models.heston import Heston as Heston
from neuralrates.models.hull_white import HullWhite as HullWhite
from neuralrates.models.model import AbstractModel as AbstractModel
