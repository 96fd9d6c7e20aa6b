"""The mean of the nearest stored values."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.schema import Strict
from neuralrates.core.types import Inputs, Outputs
from neuralrates.surrogates.registry import Size, Width, register
from neuralrates.surrogates.scaling import Scaling
from neuralrates.surrogates.surrogate import AbstractSurrogate


class NeighboursRecord(Strict):
    """What a manifest says of one."""

    architecture: Literal["neighbours"]
    points: Size
    inputs: Width
    count: Size


@register("neighbours")
class Neighbours(AbstractSurrogate):
    """Mean of the values at the nearest stored points, by Euclidean distance of scaled inputs.

    It is constant between the points where neighbours change, so it has no useful derivatives.

    Args:
        scaling: raw inputs to numbers of size one
        points: stored points, scaled
        values: raw outputs there
        count: neighbours in the mean

    Example:
        >>> import jax.numpy as jnp
        >>> import neuralrates as nr
        >>> unit = nr.surrogates.Scaling([0.0], [1.0])
        >>> points, values = jnp.array([[0.0], [1.0], [5.0]]), jnp.array([1.0, 2.0, 9.0])
        >>> print(nr.surrogates.Neighbours(unit, points, values, 2)(jnp.array([0.1])))
        [1.5]
    """

    differentiable: ClassVar[bool] = False
    schema: ClassVar[type[Strict]] = NeighboursRecord
    frozen: ClassVar[bool] = True
    scaling: Scaling
    points: Float[Array, "samples inputs"]
    values: Float[Array, "samples"]
    count: int = eqx.field(static=True)

    def __call__(self, x: Inputs) -> Outputs:
        squared = jnp.sum((self.points - self.scaling(x)[None, :]) ** 2, axis=1)
        _, nearest = jax.lax.top_k(-squared, self.count)
        return jnp.mean(self.values[nearest])[None]

    def record(self) -> dict[str, Any]:
        """What a manifest says of the architecture; the arrays are kept apart."""
        points, inputs = self.points.shape
        return {
            "architecture": "neighbours",
            "points": points,
            "inputs": inputs,
            "count": self.count,
        }

    @classmethod
    def blank(cls, record: Mapping[str, Any]) -> "Neighbours":
        """Store of the shape that a record states, its arrays to be filled in."""
        points, inputs = record["points"], record["inputs"]
        scaling = Scaling(jnp.zeros(inputs), jnp.ones(inputs))
        return cls(scaling, jnp.zeros((points, inputs)), jnp.zeros(points), record["count"])
