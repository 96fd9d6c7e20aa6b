"""Sums of kernels around stored points: what support vectors and Gaussian processes learn."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.schema import Strict
from neuralrates.core.types import Inputs, Outputs, Scalar
from neuralrates.surrogates.registry import Size, Width, register
from neuralrates.surrogates.scaling import Scaling
from neuralrates.surrogates.surrogate import AbstractSurrogate

Kernel = Literal["gaussian", "matern"]


class KernelRecord(Strict):
    """What a manifest says of one."""

    architecture: Literal["kernel_sum"]
    points: Size
    inputs: Width
    kernel: Kernel


@register("kernel_sum")
class KernelSum(AbstractSurrogate):
    r"""$c + \sum_i w_i k(z, z_i)$ with scaled inputs z, each divided by its length.

    With the distance r, the Gaussian kernel is $e^{-r^2 / 2}$ and the Matern kernel of order 5/2 is
    $(1 + \sqrt5 r + 5 r^2 / 3) e^{-\sqrt5 r}$, twice differentiable.

    Args:
        scaling: raw inputs to scaled ones, lengths included
        centres: stored points, scaled
        weights: raw output per kernel
        constant: raw output far from all points
        kernel: `gaussian` or `matern`

    Source: Rasmussen and Williams (2006), equations 4.9 and 4.17.

    Example:
        >>> import jax.numpy as jnp
        >>> import neuralrates as nr
        >>> unit = nr.surrogates.Scaling([0.0], [2.0])
        >>> bump = nr.surrogates.KernelSum(unit, jnp.zeros((1, 1)), jnp.ones(1), jnp.array(0.0), "gaussian")
        >>> print(bump(jnp.array([2.0])).round(4))
        [0.6065]
    """

    schema: ClassVar[type[Strict]] = KernelRecord
    frozen: ClassVar[bool] = True
    scaling: Scaling
    centres: Float[Array, "samples inputs"]
    weights: Float[Array, "samples"]
    constant: Scalar
    kernel: Kernel = eqx.field(static=True)

    def __call__(self, x: Inputs) -> Outputs:
        squared = jnp.sum((self.centres - self.scaling(x)[None, :]) ** 2, axis=1)
        values = {"gaussian": _gaussian, "matern": _matern}[self.kernel](squared)
        return (self.constant + values @ self.weights)[None]

    def record(self) -> dict[str, Any]:
        """What a manifest says of the architecture; the arrays are kept apart."""
        points, inputs = self.centres.shape
        return {
            "architecture": "kernel_sum",
            "points": points,
            "inputs": inputs,
            "kernel": self.kernel,
        }

    @classmethod
    def blank(cls, record: Mapping[str, Any]) -> "KernelSum":
        """Sum of the shape that a record states, its arrays to be filled in."""
        points, inputs = record["points"], record["inputs"]
        scaling = Scaling(jnp.zeros(inputs), jnp.ones(inputs))
        centres, weights = jnp.zeros((points, inputs)), jnp.zeros(points)
        return cls(scaling, centres, weights, jnp.zeros(()), record["kernel"])


def _gaussian(squared: Array) -> Array:
    return jnp.exp(-0.5 * squared)


def _matern(squared: Array) -> Array:
    # The square root has no slope at zero, the kernel has: keep them apart.
    apart = squared > 0.0
    distance = jnp.where(apart, jnp.sqrt(5.0 * jnp.where(apart, squared, 1.0)), 0.0)
    return (1.0 + distance + distance**2 / 3.0) * jnp.exp(-distance)
