"""Floor 7: what a desk reads off a pricer: Greeks to market quotes, exercise probabilities."""

from neuralrates.risk.exercise import exercise_probabilities as exercise_probabilities
from neuralrates.risk.inputs import MarketInputs as MarketInputs
from neuralrates.risk.inputs import MarketShape as MarketShape
from neuralrates.risk.padding import PaddedTrade as PaddedTrade
from neuralrates.risk.padding import pad as pad
from neuralrates.risk.valuation import value as value
