"""Scalings, network architectures, classical regressors, and the one surrogate interface. Nothing financial.

Raw units in, raw units out; Greeks are derivatives. A new architecture is registered, so that it can be stored.
"""

from typing import TYPE_CHECKING

import neuralrates.core  # noqa: F401  (float64 before any array is made)
from neuralrates._lazy import attach

if TYPE_CHECKING:
    from neuralrates.surrogates.bounded import Bounded as Bounded
    from neuralrates.surrogates.bounded import Bounds as Bounds
    from neuralrates.surrogates.corrected import Baseline as Baseline
    from neuralrates.surrogates.corrected import Corrected as Corrected
    from neuralrates.surrogates.frozen import Frozen as Frozen
    from neuralrates.surrogates.frozen import trainable as trainable
    from neuralrates.surrogates.networks.layers import Layers as Layers
    from neuralrates.surrogates.networks.layers import NormalisedLayers as NormalisedLayers
    from neuralrates.surrogates.networks.mixture_of_experts import KindScaling as KindScaling
    from neuralrates.surrogates.networks.mixture_of_experts import (
        MixtureOfExperts as MixtureOfExperts,
    )
    from neuralrates.surrogates.networks.network import Dense as Dense
    from neuralrates.surrogates.networks.network import Network as Network
    from neuralrates.surrogates.projected import Projected as Projected
    from neuralrates.surrogates.projected import Projection as Projection
    from neuralrates.surrogates.proportional import Proportional as Proportional
    from neuralrates.surrogates.registry import register as register
    from neuralrates.surrogates.regressors.differential_polynomial import (
        DifferentialPolynomial as DifferentialPolynomial,
    )
    from neuralrates.surrogates.regressors.kernel_sum import KernelSum as KernelSum
    from neuralrates.surrogates.regressors.neighbours import Neighbours as Neighbours
    from neuralrates.surrogates.regressors.polynomial import Polynomial as Polynomial
    from neuralrates.surrogates.regressors.trees import Trees as Trees
    from neuralrates.surrogates.scaling import Scaling as Scaling
    from neuralrates.surrogates.surrogate import AbstractSurrogate as AbstractSurrogate
    from neuralrates.surrogates.surrogate import digest as digest

_WHERE = {
    "AbstractSurrogate": "surrogates.surrogate",
    "Baseline": "surrogates.corrected",
    "Bounded": "surrogates.bounded",
    "Bounds": "surrogates.bounded",
    "Corrected": "surrogates.corrected",
    "Dense": "surrogates.networks.network",
    "DifferentialPolynomial": "surrogates.regressors.differential_polynomial",
    "KernelSum": "surrogates.regressors.kernel_sum",
    "KindScaling": "surrogates.networks.mixture_of_experts",
    "Frozen": "surrogates.frozen",
    "Layers": "surrogates.networks.layers",
    "MixtureOfExperts": "surrogates.networks.mixture_of_experts",
    "Neighbours": "surrogates.regressors.neighbours",
    "Network": "surrogates.networks.network",
    "NormalisedLayers": "surrogates.networks.layers",
    "Polynomial": "surrogates.regressors.polynomial",
    "Projected": "surrogates.projected",
    "Projection": "surrogates.projected",
    "Proportional": "surrogates.proportional",
    "Scaling": "surrogates.scaling",
    "Trees": "surrogates.regressors.trees",
    "digest": "surrogates.surrogate",
    "register": "surrogates.registry",
    "trainable": "surrogates.frozen",
}

__all__ = [*_WHERE]
if not TYPE_CHECKING:  # a checker that saw this would take any name for known
    __getattr__, __dir__ = attach(__name__, _WHERE)
