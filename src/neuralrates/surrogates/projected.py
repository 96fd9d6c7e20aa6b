"""A surrogate of a few linear combinations of the inputs."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.schema import Strict
from neuralrates.core.types import Inputs, Outputs
from neuralrates.surrogates.registry import Width, blank, register
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


class ProjectedRecord(Strict):
    """What a manifest says of one."""

    architecture: Literal["projected"]
    inputs: Width
    coordinates: Width
    surrogate: dict[str, Any]


@register("projected")
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

    schema: ClassVar[type[Strict]] = ProjectedRecord
    projection: Projection
    surrogate: AbstractSurrogate

    def __call__(self, x: Inputs) -> Outputs:
        return self.surrogate(self.projection(x))

    def record(self) -> dict[str, Any]:
        """What a manifest says of the architecture; the arrays are kept apart."""
        coordinates, inputs = self.projection.directions.shape
        surrogate: Any = self.surrogate
        return {
            "architecture": "projected",
            "inputs": inputs,
            "coordinates": coordinates,
            "surrogate": surrogate.record(),
        }

    @classmethod
    def blank(cls, record: Mapping[str, Any]) -> "Projected":
        """Surrogate of the shape that a record states, its arrays to be filled in."""
        coordinates, inputs = int(record["coordinates"]), int(record["inputs"])
        scaling = Scaling(jnp.zeros(inputs), jnp.ones(inputs))
        across = Projection(scaling, jnp.zeros((coordinates, inputs)))
        return cls(across, blank(record["surrogate"]))
