"""Elementary functions with their limits, safe to differentiate."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.core.types import Scalar

_SERIES_BELOW = 1e-2


def decay_integral(rate: Scalar, time: Scalar) -> Scalar:
    r"""Integral of an exponential decay, $(1 - e^{-a t}) / a$, with its limit $t$ at $a = 0$.

    Args:
        rate: decay rate $a$ per year, of any sign
        time: end of the integral $t$ in years, of any sign

    Returns:
        The integral in years, relative error below 1e-14, differentiable to any order.

    Example:
        >>> import jax.numpy as jnp
        >>> from neuralrates.core.functions import decay_integral
        >>> float(decay_integral(jnp.asarray(0.0), jnp.asarray(2.0)))
        2.0
    """
    product = rate * time
    small = jnp.abs(product) < _SERIES_BELOW
    safe = jnp.where(small, 1.0, product)
    ratio = jnp.where(small, _series(product), -jnp.expm1(-safe) / safe)
    return time * ratio


def _series(product: Scalar) -> Scalar:
    """(1 - e^{-z}) / z by its power series, eight terms."""
    total = jnp.ones_like(product)
    for k in range(9, 1, -1):
        total = 1.0 - product / k * total
    return total


def normal_density(x: Float[Array, "..."]) -> Float[Array, "..."]:
    """Density of the standard normal law."""
    return jnp.exp(-0.5 * x * x) / jnp.sqrt(2.0 * jnp.pi)


def normal_distribution(x: Float[Array, "..."]) -> Float[Array, "..."]:
    """Distribution function of the standard normal law, accurate in both tails."""
    return jax.scipy.special.ndtr(x)


def largest(values: Float[Array, "_"]) -> Scalar:
    """The largest of some values, with the derivative of one of them.

    The usual derivative of a maximum counts the values that equal it. Where a compiler computes values twice and rounds them
    apart none does, and the derivative is a division by zero.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from neuralrates.core.functions import largest
        >>> print(jax.grad(largest)(jnp.array([0.2, 0.3, 0.1])))
        [0. 1. 0.]
    """
    return values[jnp.argmax(values)]


def smallest(values: Float[Array, "_"]) -> Scalar:
    """The smallest of some values, with the derivative of one of them, as `largest`."""
    return values[jnp.argmin(values)]


def settled(values: Float[Array, "_"]) -> Float[Array, "_"]:
    """The same values, as a product with the identity.

    A compiler that fuses whatever is cheap to repeat would compute what leads to them, and back from them in a derivative,
    again for each of the many elements that use them; a product of matrices is where it stops.

    Example:
        >>> import jax.numpy as jnp
        >>> from neuralrates.core.functions import settled
        >>> print(settled(jnp.array([0.02, 0.03])))
        [0.02 0.03]
    """
    return jnp.asarray(np.eye(values.shape[0], dtype=values.dtype)) @ values
