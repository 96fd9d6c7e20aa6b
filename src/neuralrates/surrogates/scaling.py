"""Affine scalings between raw units and numbers of size one."""

from typing import ClassVar

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float

from neuralrates.core.checks import as_array, check_above, check_finite, known_on_host

Vector = Float[Array, "_"]


class Scaling(eqx.Module):
    """The map $z = (x - shift) / scale$ and its inverse; never trained.

    Args:
        shift: raw value that maps to zero, one per component
        scale: raw distance that maps to one, one per component, positive

    Example:
        >>> import jax.numpy as jnp
        >>> from neuralrates.surrogates import Scaling
        >>> scaling = Scaling.from_bounds([0.0, 1.0], [0.1, 5.0])
        >>> print(scaling(jnp.array([0.1, 3.0])))
        [1. 0.]
    """

    frozen: ClassVar[bool] = True
    shift: Vector = eqx.field(converter=as_array)
    scale: Vector = eqx.field(converter=as_array)

    def __check_init__(self) -> None:
        check_finite("shift", self.shift)
        check_finite("scale", self.scale)
        check_above("scale", self.scale, 0.0, strict=True)

    @classmethod
    def from_bounds(cls, low: object, high: object) -> "Scaling":
        """Scaling that takes the box between `low` and `high` to [-1, 1]."""
        low, high = as_array(low), as_array(high)
        return cls(0.5 * (low + high), 0.5 * (high - low))

    @classmethod
    def from_samples(cls, samples: object) -> "Scaling":
        """Scaling to mean zero and standard deviation one; a constant component keeps its unit."""
        array = known_on_host(samples)
        scale = array.std(axis=0)
        return cls(array.mean(axis=0), scale + (scale == 0.0).astype(np.float64))

    def __call__(self, x: Vector) -> Vector:
        return (x - self.shift) / self.scale

    def inverse(self, z: Vector) -> Vector:
        """Raw value of the scaled value `z`."""
        return self.shift + self.scale * z
