"""Data, losses, and `fit`, which makes any loss small by moving any surrogate.

Labels become samples once, less what a baseline knows; a loss is a sum of named terms on them.
The judge is elsewhere: this room and `certificates` never import each other. Whatever is random takes a key.
"""

from typing import TYPE_CHECKING

from neuralrates._lazy import attach

if TYPE_CHECKING:
    from neuralrates.learning.backward import BackwardPolicy as BackwardPolicy
    from neuralrates.learning.backward import fit_backward as fit_backward
    from neuralrates.learning.backward import without_time as without_time
    from neuralrates.learning.corrections import CorrectionRecipe as CorrectionRecipe
    from neuralrates.learning.corrections import fit_corrections as fit_corrections
    from neuralrates.learning.data.sampled import sampled_payoffs as sampled_payoffs
    from neuralrates.learning.data.stream import LabelStream as LabelStream
    from neuralrates.learning.fitting import fit as fit
    from neuralrates.learning.from_arrays import learn as learn
    from neuralrates.learning.history import DivergenceError as DivergenceError
    from neuralrates.learning.history import History as History
    from neuralrates.learning.losses.feynman_kac import FeynmanKacLoss as FeynmanKacLoss
    from neuralrates.learning.losses.feynman_kac import Flow as Flow
    from neuralrates.learning.losses.feynman_kac import Known as Known
    from neuralrates.learning.losses.feynman_kac import Points as Points
    from neuralrates.learning.losses.feynman_kac import apply_generator as apply_generator
    from neuralrates.learning.losses.loss import Loss as Loss
    from neuralrates.learning.losses.loss import Sum as Sum
    from neuralrates.learning.losses.loss import Weighted as Weighted
    from neuralrates.learning.losses.of_labels import differential_loss as differential_loss
    from neuralrates.learning.losses.of_labels import joint_loss as joint_loss
    from neuralrates.learning.losses.of_labels import slope_loss as slope_loss
    from neuralrates.learning.losses.of_labels import value_loss as value_loss
    from neuralrates.learning.mixture import Recipe as Recipe
    from neuralrates.learning.mixture import fit_mixture as fit_mixture
    from neuralrates.learning.polynomial import fit_polynomial as fit_polynomial
    from neuralrates.learning.regressors import regressor as regressor
    from neuralrates.problems.exact_labels import exact_labels as exact_labels
    from neuralrates.problems.labels import Labels as Labels

_WHERE = {
    "BackwardPolicy": "learning.backward",
    "CorrectionRecipe": "learning.corrections",
    "DivergenceError": "learning.history",
    "FeynmanKacLoss": "learning.losses.feynman_kac",
    "Flow": "learning.losses.feynman_kac",
    "History": "learning.history",
    "Known": "learning.losses.feynman_kac",
    "LabelStream": "learning.data.stream",
    "Labels": "problems.labels",
    "Loss": "learning.losses.loss",
    "Points": "learning.losses.feynman_kac",
    "Recipe": "learning.mixture",
    "Sum": "learning.losses.loss",
    "Weighted": "learning.losses.loss",
    "differential_loss": "learning.losses.of_labels",
    "exact_labels": "problems.exact_labels",
    "fit": "learning.fitting",
    "fit_backward": "learning.backward",
    "fit_corrections": "learning.corrections",
    "fit_mixture": "learning.mixture",
    "fit_polynomial": "learning.polynomial",
    "joint_loss": "learning.losses.of_labels",
    "learn": "learning.from_arrays",
    "regressor": "learning.regressors",
    "apply_generator": "learning.losses.feynman_kac",
    "sampled_payoffs": "learning.data.sampled",
    "slope_loss": "learning.losses.of_labels",
    "value_loss": "learning.losses.of_labels",
    "without_time": "learning.backward",
}

__all__ = [*_WHERE]
if not TYPE_CHECKING:  # a checker that saw this would take any name for known
    __getattr__, __dir__ = attach(__name__, _WHERE)
