"""Floor 2: discount curves, bootstrap, volatility matrices, histories, readers."""

from neuralrates.market.curves import AbstractDiscountCurve as AbstractDiscountCurve
from neuralrates.market.curves import FlatCurve as FlatCurve
from neuralrates.market.nelson_siegel import NelsonSiegel as NelsonSiegel
from neuralrates.market.nelson_siegel import Svensson as Svensson
from neuralrates.market.zero_curve import ZeroCurve as ZeroCurve
