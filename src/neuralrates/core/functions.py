"""Elementary functions with their limits, safe to differentiate."""

import functools
import math
from collections.abc import Callable, Sequence

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
    """Integral of (-u)^n e^{-z u} over u from zero to one: each is the derivative of the one before."""
    return _named_moment(order)(z)


@functools.cache
def _named_moment(order: int) -> Callable[[Scalar], Scalar]:
    """The moment, compiled under a name of its own."""

    def moment(z: Scalar) -> Scalar:
        return _moment_by_parts(order, z)

    moment.__name__ = f"decay_moment_{order}"
    return jax.jit(moment)


def _moment_by_parts(order: int, z: Scalar) -> Scalar:
    """The moment from those before it.

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
    return _distribution(jnp.asarray(x))


@jax.custom_jvp
def _distribution(x: Float[Array, "..."]) -> Float[Array, "..."]:
    return _named_distribution(x)


@_distribution.defjvp
def _distribution_jvp(primals: tuple, tangents: tuple) -> tuple:
    (x,), (dx,) = primals, tangents
    return _distribution(x), normal_density(x) * dx


def _normal_distribution(x: Float[Array, "..."]) -> Float[Array, "..."]:
    return jax.scipy.special.ndtr(x)


_normal_distribution.__name__ = "normal_distribution"
_named_distribution = jax.jit(_normal_distribution)
"""Compiled under a name of its own, by which a graph of it knows what it is."""


def polynomial(coefficients: Sequence[float], x: Float[Array, "..."]) -> Float[Array, "..."]:
    """Value of a polynomial on [-1, 1], with derivatives by its own coefficients.

    Args:
        coefficients: lowest power first
        x: from -1 to 1

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from neuralrates.core.functions import polynomial
        >>> cubic = lambda x: polynomial((1.0, 0.0, 0.0, 2.0), x)
        >>> float(cubic(jnp.asarray(0.5))), float(jax.grad(cubic)(jnp.asarray(0.5)))
        (1.25, 1.5)
    """
    return _polynomial(tuple(coefficients), x)


@functools.partial(jax.custom_jvp, nondiff_argnums=(0,))
def _polynomial(coefficients: tuple[float, ...], x: Float[Array, "..."]) -> Float[Array, "..."]:
    return _named_polynomial(jnp.asarray(coefficients), x)


@_polynomial.defjvp
def _polynomial_jvp(coefficients: tuple[float, ...], primals: tuple, tangents: tuple) -> tuple:
    (x,), (dx,) = primals, tangents
    slopes = tuple(k * c for k, c in enumerate(coefficients))[1:] or (0.0,)
    return _polynomial(coefficients, x), _polynomial(slopes, x) * dx


def _horner(coefficients: Float[Array, "_"], x: Float[Array, "..."]) -> Float[Array, "..."]:
    total = jnp.zeros_like(x)
    for k in reversed(range(coefficients.shape[0])):
        total = total * x + coefficients[k]
    return total


_horner.__name__ = "polynomial"
_named_polynomial = jax.jit(_horner)


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
