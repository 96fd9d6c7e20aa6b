"""A dated trade's value as a differentiable function of the market's numbers: the seam between a book and what is below.

An engine composes a calibration and a pricer; Greeks, scenarios and tables are written above it and name no model.
"""

from typing import TYPE_CHECKING

from neuralrates._lazy import attach

if TYPE_CHECKING:
    from neuralrates.engines.catalogue import known_models as known_models
    from neuralrates.engines.catalogue import register_learned as register_learned
    from neuralrates.engines.catalogue import register_model as register_model
    from neuralrates.engines.engine import AbstractEngine as AbstractEngine
    from neuralrates.engines.engine import Checks as Checks
    from neuralrates.engines.forward_curve import ForwardCurveReference as ForwardCurveReference
    from neuralrates.engines.forward_curve import LearnedCurveEngine as LearnedCurveEngine
    from neuralrates.engines.market_inputs import MarketInputs as MarketInputs
    from neuralrates.engines.market_inputs import MarketShape as MarketShape
    from neuralrates.engines.one_factor import OneFactorEngine as OneFactorEngine
    from neuralrates.engines.two_factor import TwoFactorEngine as TwoFactorEngine

_WHERE = {
    "AbstractEngine": "engines.engine",
    "Checks": "engines.engine",
    "ForwardCurveReference": "engines.forward_curve",
    "LearnedCurveEngine": "engines.forward_curve",
    "MarketInputs": "engines.market_inputs",
    "MarketShape": "engines.market_inputs",
    "OneFactorEngine": "engines.one_factor",
    "TwoFactorEngine": "engines.two_factor",
    "known_models": "engines.catalogue",
    "register_learned": "engines.catalogue",
    "register_model": "engines.catalogue",
}

__all__ = [*_WHERE]
if not TYPE_CHECKING:  # a checker that saw this would take any name for known
    __getattr__, __dir__ = attach(__name__, _WHERE)
