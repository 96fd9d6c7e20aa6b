"""A dated trade's value as a differentiable function of the market's numbers: the seam between a book and what is below.

An engine composes a calibration and a pricer; Greeks, scenarios and tables are written above it and name no model.
"""

from typing import TYPE_CHECKING

from neuralrates._lazy import attach

if TYPE_CHECKING:
    from neuralrates.engines.exercise import exercise_probabilities as exercise_probabilities
    from neuralrates.engines.market_inputs import MarketInputs as MarketInputs
    from neuralrates.engines.market_inputs import MarketShape as MarketShape
    from neuralrates.engines.one_factor import value as value

_WHERE = {
    "MarketInputs": "engines.market_inputs",
    "MarketShape": "engines.market_inputs",
    "exercise_probabilities": "engines.exercise",
    "value": "engines.one_factor",
}

__all__ = [*_WHERE]
__getattr__, __dir__ = attach(__name__, _WHERE)
