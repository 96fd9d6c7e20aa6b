"""A known input times the exponential of a learned function."""

import equinox as eqx
import jax.numpy as jnp

from neuralrates.core.types import Inputs, Outputs
from neuralrates.surrogates.surrogate import AbstractSurrogate


class Proportional(AbstractSurrogate):
    """$x_k e^{f(x)}$: positive, and in proportion to one input where f does not see it.

    Prices of a callable are in proportion to its best European when all amounts are scaled; what is
    left to learn is the logarithm of a ratio.

    Args:
        factor: the function f
        index: number k of the input in front

    Example:
        >>> import jax, jax.numpy as jnp
        >>> import neuralrates as nr
        >>> unit = nr.surrogates.Scaling([0.0, 0.0], [1.0, 1.0])
        >>> flat = nr.surrogates.Polynomial(unit, jnp.zeros((1, 2), int), jnp.zeros(1), jnp.array(0.0), 1)
        >>> print(nr.surrogates.Proportional(flat, 1)(jnp.array([5.0, 0.3])))
        [0.3]
    """

    factor: AbstractSurrogate
    index: int = eqx.field(static=True)

    def __call__(self, x: Inputs) -> Outputs:
        return x[self.index] * jnp.exp(self.factor(x))
