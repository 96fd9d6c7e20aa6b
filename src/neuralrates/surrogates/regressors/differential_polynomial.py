"""Polynomials of several inputs, of a total degree, with several outputs."""

import itertools
import math
from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.core.types import Inputs, Outputs
from neuralrates.surrogates.scaling import Scaling
from neuralrates.surrogates.surrogate import AbstractSurrogate


class DifferentialPolynomial(AbstractSurrogate):
    """Polynomial of a total degree in standardised inputs; fitted by `nr.learning.fit_polynomial`.

    The basis is products of Hermite polynomials, orthonormal for inputs spread like independent standard normals. The
    coefficients are the solution of a linear system: there is nothing to train.

    Args:
        input_scaling: raw inputs to numbers of size one
        coefficients: of each product, per output, in raw units
        degree: total degree

    Raises:
        ValueError: where the coefficients are not as many as the products

    Source: Huge and Savine (2020), appendix 3.

    Example:
        >>> import jax.numpy as jnp
        >>> import neuralrates as nr
        >>> unit = nr.surrogates.Scaling([0.0, 0.0], [1.0, 1.0])
        >>> line = nr.surrogates.DifferentialPolynomial(unit, jnp.array([[1.0, 10.0, 100.0]]), degree=1)
        >>> float(line(jnp.array([5.0, 3.0]))[0])
        351.0
    """

    frozen: ClassVar[bool] = True
    input_scaling: Scaling
    coefficients: Float[Array, "outputs _"]
    degree: int = eqx.field(static=True)

    def __check_init__(self) -> None:
        products = math.comb(self.input_scaling.shift.shape[0] + self.degree, self.degree)
        if self.coefficients.shape[1] != products:
            raise ValueError(
                f"Argument `coefficients` must have {products} columns, one per product, but has "
                f"{self.coefficients.shape[1]}."
            )

    def __call__(self, x: Inputs) -> Outputs:
        return self.coefficients @ hermite_products(self.input_scaling(x), self.degree)


def hermite_products(z: Inputs, degree: int) -> Float[Array, "_"]:
    """Products of Hermite polynomials up to a total degree at one point, the constant first.

    Args:
        z: standardised point
        degree: total degree

    Returns:
        One number per product.
    """
    powers = _powers(z.shape[0], degree)
    hermite = [jnp.ones_like(z), z]
    for n in range(1, degree):
        hermite.append(z * hermite[n] - n * hermite[n - 1])
    table = jnp.stack([h / math.sqrt(math.factorial(n)) for n, h in enumerate(hermite)])
    product = jnp.ones(powers.shape[0])
    for j in range(z.shape[0]):
        # A matrix of ones and zeros picks the power: its derivative is cheaper than that of indexing.
        chosen = (powers[:, j][:, None] == np.arange(table.shape[0])[None, :]).astype(np.float64)
        product = product * (jnp.asarray(chosen) @ table[:, j])
    return product


def jet(z: Inputs, degree: int) -> tuple[Float[Array, "_"], Float[Array, "inputs _"]]:
    """The products at one point, and their derivatives in each standardised input."""

    def products(point: Inputs) -> Float[Array, "_"]:
        return hermite_products(point, degree)

    return products(z), jax.jacfwd(products)(z).T


def _powers(inputs: int, degree: int) -> np.ndarray:
    """Degrees in each input, one row per product, by total degree and the first input first."""
    every = itertools.product(range(degree, -1, -1), repeat=inputs)
    return np.array(sorted((p for p in every if sum(p) <= degree), key=sum))
