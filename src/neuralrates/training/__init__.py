"""Floor 8: losses, and `fit`."""

from neuralrates.training.fit import fit as fit
from neuralrates.training.history import DivergenceError as DivergenceError
from neuralrates.training.history import History as History
from neuralrates.training.learn import learn as learn
from neuralrates.training.losses import DifferentialLoss as DifferentialLoss
from neuralrates.training.losses import ValueLoss as ValueLoss
from neuralrates.training.polynomial import fit_polynomial as fit_polynomial
