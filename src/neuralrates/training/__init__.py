"""Floor 8: losses, and `fit`."""

from neuralrates.training.anchored import AnchoredLoss as AnchoredLoss
from neuralrates.training.anchored_slopes import AnchoredSlopeLoss as AnchoredSlopeLoss
from neuralrates.training.anchored_values import AnchoredValueLoss as AnchoredValueLoss
from neuralrates.training.backward import BackwardPolicy as BackwardPolicy
from neuralrates.training.backward import fit_backward as fit_backward
from neuralrates.training.backward import without_time as without_time
from neuralrates.training.corrections import CorrectionRecipe as CorrectionRecipe
from neuralrates.training.corrections import fit_corrections as fit_corrections
from neuralrates.training.feynman_kac import FeynmanKacLoss as FeynmanKacLoss
from neuralrates.training.feynman_kac import Flow as Flow
from neuralrates.training.feynman_kac import Known as Known
from neuralrates.training.feynman_kac import Points as Points
from neuralrates.training.feynman_kac import operated as operated
from neuralrates.training.fit import fit as fit
from neuralrates.training.history import DivergenceError as DivergenceError
from neuralrates.training.history import History as History
from neuralrates.training.learn import learn as learn
from neuralrates.training.losses import DifferentialLoss as DifferentialLoss
from neuralrates.training.losses import JointLoss as JointLoss
from neuralrates.training.losses import ValueLoss as ValueLoss
from neuralrates.training.mixture import Recipe as Recipe
from neuralrates.training.mixture import fit_mixture as fit_mixture
from neuralrates.training.polynomial import fit_polynomial as fit_polynomial
from neuralrates.training.regimes import Regime as Regime
from neuralrates.training.regimes import fit_regimes as fit_regimes
