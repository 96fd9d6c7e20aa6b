"""Elementary functions with their limits, safe to differentiate."""

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.core.types import Scalar

_TINY, _SMALL, _NUM_TERMS = 1e-17, 0.1, 10


def decay_integral(rate: Scalar, time: Scalar) -> Scalar:
    r"""Integral of an exponential decay, $(1 - e^{-a t}) / a$, with its limit $t$ at $a = 0$.

    Args:
        rate: decay rate $a$ per year, of any sign
        time: end of the integral $t$ in years, of any sign

    Returns:
        The integral in years, differentiable to any order; relative error below 1e-14, as of its first derivative to the rate,
        below 1e-13 of the second and 1e-11 of the third.

    Example:
        >>> import jax.numpy as jnp
        >>> from neuralrates.core.functions import decay_integral
        >>> float(decay_integral(jnp.asarray(0.0), jnp.asarray(2.0)))
        2.0
    """
    return time * _moment(0, rate * time)


def decay_between(rate: Scalar, start: Scalar, end: Scalar) -> Scalar:
    r"""Integral of an exponential decay between two times, $(e^{-a s} - e^{-a t}) / a$, exact where both terms nearly agree.

    Args:
        rate: decay rate $a$ per year, of any sign
        start: of the integral $s$ in years
        end: of the integral $t$ in years

    Returns:
        The integral in years, differentiable as `decay_integral`.

    Example:
        >>> import jax.numpy as jnp
        >>> from neuralrates.core.functions import decay_between
        >>> float(decay_between(jnp.asarray(0.0), jnp.asarray(2.0), jnp.asarray(5.0)))
        3.0
    """
    return jnp.exp(-rate * start) * decay_integral(rate, end - start)


@functools.partial(jax.custom_jvp, nondiff_argnums=(0,))
def _moment(order: int, z: Scalar) -> Scalar:
    """Integral of (-u)^n e^{-z u} over u from zero to one: each is the derivative of the one before.

    By parts, m_n = -((-1)^n e^{-z} + n m_{n-1}) / z; by the power series where that would cancel, which m_0 never does.
    """
    small = jnp.abs(z) < (_SMALL if order else _TINY)
    safe = jnp.where(small, 1.0, z)
    moment = -jnp.expm1(-safe) / safe
    for n in range(1, order + 1):
        moment = -((-1.0) ** n * jnp.exp(-safe) + n * moment) / safe
    return jnp.where(small, _series(order, z) if order else 1.0, moment)


@_moment.defjvp
def _moment_jvp(order: int, primals: tuple[Scalar], tangents: tuple[Scalar]) -> tuple:
    (z,), (dz,) = primals, tangents
    return _moment(order, z), _moment(order + 1, z) * dz


def _series(order: int, z: Scalar) -> Scalar:
    """The moment by its power series."""
    total = jnp.zeros_like(z)
    for k in range(_NUM_TERMS - 1, -1, -1):
        total = total * z + (-1.0) ** (order + k) / (math.factorial(k) * (order + k + 1))
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


def fusion_barrier(values: Float[Array, "_"]) -> Float[Array, "_"]:
    """The same values, as a product with the identity.

    A compiler that fuses whatever is cheap to repeat would compute what leads to them, and back from them in a derivative,
    again for each of the many elements that use them; a product of matrices is where it stops.

    Example:
        >>> import jax.numpy as jnp
        >>> from neuralrates.core.functions import fusion_barrier
        >>> print(fusion_barrier(jnp.array([0.02, 0.03])))
        [0.02 0.03]
    """
    return jnp.asarray(np.eye(values.shape[0], dtype=values.dtype)) @ values
