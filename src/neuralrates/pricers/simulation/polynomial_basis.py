"""Polynomials of several variables for regression."""

import itertools
import math

import jax.numpy as jnp
from jaxtyping import Array, Float


def hermite_products(z: Float[Array, "paths factors"], degree: int) -> Float[Array, "paths inputs"]:
    """Products of Hermite polynomials, orthonormal under the standard normal law, up to a total degree.

    Args:
        z: points, standardised
        degree: total degree

    Returns:
        One row per point, one column per product, the constant first.

    Example:
        >>> import jax.numpy as jnp
        >>> from neuralrates.pricers.simulation.polynomial_basis import hermite_products
        >>> print(hermite_products(jnp.array([[2.0, 3.0]]), 1))
        [[1. 3. 2.]]
    """
    hermite = [jnp.ones_like(z), z]
    for n in range(1, degree):
        hermite.append(z * hermite[n] - n * hermite[n - 1])
    scaled = [h / math.sqrt(math.factorial(n)) for n, h in enumerate(hermite)]
    powers = itertools.product(range(degree + 1), repeat=z.shape[1])
    columns = [
        math.prod((scaled[n][:, j] for j, n in enumerate(power)), start=jnp.ones_like(z[:, 0]))
        for power in powers
        if sum(power) <= degree
    ]
    return jnp.stack(columns, axis=1)
