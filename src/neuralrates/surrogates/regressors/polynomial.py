"""Polynomials in scaled inputs: what linear, ridge and lasso regressions learn."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Int
from pydantic import Field

from neuralrates.core.schema import Strict
from neuralrates.core.types import Inputs, Outputs, Scalar
from neuralrates.surrogates.registry import Size, Width, register
from neuralrates.surrogates.scaling import Scaling
from neuralrates.surrogates.surrogate import AbstractSurrogate


class PolynomialRecord(Strict):
    """What a manifest says of one."""

    architecture: Literal["polynomial"]
    terms: Size
    inputs: Width
    degree: Annotated[int, Field(ge=0, le=100)]


@register("polynomial")
class Polynomial(AbstractSurrogate):
    """Sum of coefficients times monomials of the scaled inputs.

    Args:
        scaling: raw inputs to numbers of size one
        exponents: power of each input in each monomial
        coefficients: raw output per monomial
        constant: raw output of none
        degree: largest power of one input

    Example:
        >>> import jax.numpy as jnp
        >>> import neuralrates as nr
        >>> unit = nr.surrogates.Scaling([0.0, 0.0], [1.0, 1.0])
        >>> square = nr.surrogates.Polynomial(unit, jnp.array([[2, 1]]), jnp.array([3.0]), jnp.array(1.0), 2)
        >>> print(square(jnp.array([2.0, 0.5])))
        [7.]
    """

    schema: ClassVar[type[Strict]] = PolynomialRecord
    frozen: ClassVar[bool] = True
    scaling: Scaling
    exponents: Int[Array, "terms inputs"]
    coefficients: Float[Array, "terms"]
    constant: Scalar
    degree: int = eqx.field(static=True)

    def __call__(self, x: Inputs) -> Outputs:
        z = self.scaling(x)
        powers = [jnp.ones_like(z)]
        for _ in range(self.degree):
            powers.append(powers[-1] * z)
        # A table of powers, so that derivatives at zero are numbers.
        chosen = jnp.stack(powers)[self.exponents, jnp.arange(z.shape[0])[None, :]]
        return (self.constant + jnp.prod(chosen, axis=1) @ self.coefficients)[None]

    def record(self) -> dict[str, Any]:
        """What a manifest says of the architecture; the arrays are kept apart."""
        terms, inputs = self.exponents.shape
        return {
            "architecture": "polynomial",
            "terms": terms,
            "inputs": inputs,
            "degree": self.degree,
        }

    @classmethod
    def blank(cls, record: Mapping[str, Any]) -> "Polynomial":
        """Polynomial of the shape that a record states, its arrays to be filled in."""
        terms, inputs = record["terms"], record["inputs"]
        scaling = Scaling(jnp.zeros(inputs), jnp.ones(inputs))
        exponents = jnp.zeros((terms, inputs), jnp.int64)
        return cls(scaling, exponents, jnp.zeros(terms), jnp.zeros(()), record["degree"])
