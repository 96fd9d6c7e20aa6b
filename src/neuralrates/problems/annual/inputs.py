"""The inputs of an annual Bermudan by name, and what follows from them in closed form."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.functions import decay_integral
from neuralrates.core.types import Exercises, Inputs, Scalar

Flows = Float[Array, "flows"]


class AnnualInputs(NamedTuple):
    """An annual Bermudan and all that its price depends on, seen from the start of the first swap.

    Exercise k enters the periods k to n. Rates are per year of spacing, the time between two starts.

    Args:
        mean_reversion: per year
        forwards: simple forward rate of each period, $(D_k / D_{k+1} - 1) / \\tau_k$
        total_volatilities: normal volatility at the strike times the root of the time to exercise, per exercise
        strike: what the fixed leg pays, over the spacing
        spacings: $\\tau_k$, length of each period in years
    """

    mean_reversion: Scalar
    forwards: Exercises
    total_volatilities: Exercises
    strike: Scalar
    spacings: Exercises

    @classmethod
    def of(cls, x: Inputs) -> "AnnualInputs":
        """The parts of a point: mean reversion, forwards, total volatilities, strike, spacings."""
        n = (x.shape[0] - 2) // 3
        return cls(x[0], x[1 : n + 1], x[n + 1 : 2 * n + 1], x[2 * n + 1], x[2 * n + 2 :])

    @property
    def point(self) -> Inputs:
        """The parts as one vector, as `of` takes it."""
        one = (1,)
        return jnp.concatenate(
            [
                jnp.reshape(self.mean_reversion, one),
                self.forwards,
                self.total_volatilities,
                jnp.reshape(self.strike, one),
                self.spacings,
            ]
        )

    @property
    def times(self) -> Flows:
        """Starts of the periods and the last end, in years from the first start."""
        return jnp.concatenate([jnp.zeros(1), jnp.cumsum(self.spacings)])

    @property
    def discount_factors(self) -> Flows:
        """Discount factors to those times, from the first start."""
        growth = jnp.log1p(self.spacings * self.forwards)
        return jnp.exp(-jnp.concatenate([jnp.zeros(1), jnp.cumsum(growth)]))

    @property
    def loadings(self) -> Flows:
        """$H$ of those times, up to the scale and shift that no price depends on."""
        return jax.vmap(lambda time: decay_integral(self.mean_reversion, time))(self.times)

    @property
    def annuities(self) -> Exercises:
        """Value of a unit of strike over the periods that each exercise enters, years."""
        return from_the_end(self.spacings * self.discount_factors[1:])

    @property
    def swap_rates(self) -> Exercises:
        """Forward swap rate of the periods that each exercise enters."""
        factors = self.discount_factors
        return (factors[:-1] - factors[-1]) / self.annuities

    @property
    def slopes(self) -> Exercises:
        """Movement of each swap rate per unit of the Gaussian state, at today's curve."""
        factors, loadings = self.discount_factors, self.loadings
        weights = self.spacings * factors[1:]
        mean = from_the_end(weights * loadings[1:]) / self.annuities
        centred_end = factors[-1] * (loadings[-1] - mean)
        coupons = self.swap_rates * (from_the_end(weights * loadings[1:]) - mean * self.annuities)
        return (centred_end + coupons - factors[:-1] * (loadings[:-1] - mean)) / self.annuities

    @property
    def deviations(self) -> Exercises:
        """Standard deviation of the state at each exercise, to first order."""
        return self.total_volatilities / self.slopes


def from_the_end(amounts: Exercises) -> Exercises:
    """Sums of each element and all later ones."""
    return jnp.cumsum(amounts[::-1])[::-1]
