"""A surrogate of a few linear combinations of the inputs."""

from typing import Any

import equinox as eqx
from jaxtyping import Array, Float

from neuralrates.core.types import Inputs, Outputs
from neuralrates.surrogates.scaling import Scaling
from neuralrates.surrogates.surrogate import AbstractSurrogate, everywhere


class Projected(AbstractSurrogate):
    """Surrogate of the coordinates of the inputs in given directions; the directions are never trained.

    Args:
        input_scaling: raw inputs to numbers of size one
        directions: one row per coordinate, in scaled inputs
        surrogate: of the coordinates

    Source: differential principal components, Huge and Savine (2021).

    Example:
        >>> import jax, jax.numpy as jnp
        >>> import neuralrates as nr
        >>> unit = nr.surrogates.Scaling([0.0], [1.0])
        >>> network = nr.surrogates.Network.random(unit, unit, [4], key=jax.random.key(0))
        >>> plane = nr.surrogates.Scaling([0.0, 0.0], [1.0, 1.0])
        >>> sideways = nr.surrogates.Projected(plane, jnp.array([[1.0, 0.0]]), network)
        >>> bool(sideways(jnp.array([2.0, 5.0]))[0] == sideways(jnp.array([2.0, 7.0]))[0])
        True
    """

    input_scaling: Scaling
    directions: Float[Array, "_ inputs"]
    surrogate: AbstractSurrogate

    def __call__(self, x: Inputs) -> Outputs:
        return self.surrogate(self.directions @ self.input_scaling(x))

    def trainable(self) -> Any:
        frozen = everywhere(False, self)
        return eqx.tree_at(lambda s: s.surrogate, frozen, self.surrogate.trainable())
