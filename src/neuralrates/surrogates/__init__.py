"""Floor 1: scalings, network architectures, classical regressors and the surrogate interface. Nothing financial."""

import neuralrates.core  # noqa: F401  (float64 before any array is made)
from neuralrates.surrogates.anchored import Anchor as Anchor
from neuralrates.surrogates.anchored import Anchored as Anchored
from neuralrates.surrogates.corrected import Corrected as Corrected
from neuralrates.surrogates.differential_polynomial import (
    DifferentialPolynomial as DifferentialPolynomial,
)
from neuralrates.surrogates.kernel_sum import KernelSum as KernelSum
from neuralrates.surrogates.layers import Layers as Layers
from neuralrates.surrogates.layers import NormalisedLayers as NormalisedLayers
from neuralrates.surrogates.mixture_of_experts import KindScaling as KindScaling
from neuralrates.surrogates.mixture_of_experts import MixtureOfExperts as MixtureOfExperts
from neuralrates.surrogates.neighbours import Neighbours as Neighbours
from neuralrates.surrogates.network import Dense as Dense
from neuralrates.surrogates.network import Network as Network
from neuralrates.surrogates.polynomial import Polynomial as Polynomial
from neuralrates.surrogates.projected import Projected as Projected
from neuralrates.surrogates.proportional import Proportional as Proportional
from neuralrates.surrogates.scaling import Scaling as Scaling
from neuralrates.surrogates.surrogate import AbstractSurrogate as AbstractSurrogate
from neuralrates.surrogates.surrogate import digest as digest
from neuralrates.surrogates.trees import Trees as Trees
