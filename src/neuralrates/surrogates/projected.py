"""A surrogate of a few linear combinations of the inputs."""

from typing import ClassVar

import equinox as eqx
from jaxtyping import Array, Float

from neuralrates.core.types import Inputs, Outputs
from neuralrates.surrogates.scaling import Scaling
from neuralrates.surrogates.surrogate import AbstractSurrogate


class Projection(eqx.Module):
    """Coordinates of the inputs in given directions; never trained.

    Args:
        input_scaling: raw inputs to numbers of size one
        directions: one row per coordinate, in scaled inputs
    """

    frozen: ClassVar[bool] = True
    input_scaling: Scaling
    directions: Float[Array, "_ inputs"]

    def __call__(self, x: Inputs) -> Float[Array, "_"]:
        return self.directions @ self.input_scaling(x)


class Projected(AbstractSurrogate):
    """Surrogate of the coordinates of the inputs in given directions.

    Args:
        projection: raw inputs to coordinates
        surrogate: of the coordinates

    Source: differential principal components, Huge and Savine (2021).

    Example:
        >>> import jax, jax.numpy as jnp
        >>> import neuralrates as nr
        >>> unit = nr.surrogates.Scaling([0.0], [1.0])
        >>> network = nr.surrogates.Network.random(unit, unit, [4], key=jax.random.key(0))
        >>> plane = nr.surrogates.Scaling([0.0, 0.0], [1.0, 1.0])
        >>> across = nr.surrogates.Projection(plane, jnp.array([[1.0, 0.0]]))
        >>> surrogate = nr.surrogates.Projected(across, network)
        >>> bool(surrogate(jnp.array([2.0, 5.0]))[0] == surrogate(jnp.array([2.0, 7.0]))[0])
        True
    """

    projection: Projection
    surrogate: AbstractSurrogate

    def __call__(self, x: Inputs) -> Outputs:
        return self.surrogate(self.projection(x))
