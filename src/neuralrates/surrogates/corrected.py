"""A known function plus a learned remainder."""

import equinox as eqx

from neuralrates.core.types import Inputs, Outputs
from neuralrates.surrogates.frozen import Frozen
from neuralrates.surrogates.surrogate import AbstractSurrogate


class Corrected(AbstractSurrogate):
    """The sum of a smooth baseline, given, and a remainder, learned.

    A good baseline leaves a remainder that is small and smooth, which a smaller network learns.

    Args:
        baseline: any differentiable function of the raw inputs; its arrays are never trained
        remainder: surrogate of what the baseline misses

    Example:
        >>> import jax, jax.numpy as jnp
        >>> import neuralrates as nr
        >>> unit = nr.surrogates.Scaling([0.0], [1.0])
        >>> network = nr.surrogates.Network.random(unit, unit, [4], key=jax.random.key(0))
        >>> surrogate = nr.surrogates.Corrected(jnp.exp, network)
        >>> float(surrogate(jnp.zeros(1))[0]) == 1.0 + float(network(jnp.zeros(1))[0])
        True
    """

    baseline: Frozen = eqx.field(converter=Frozen)
    remainder: AbstractSurrogate

    def __call__(self, x: Inputs) -> Outputs:
        known: Outputs = self.baseline(x)
        return known + self.remainder(x)
