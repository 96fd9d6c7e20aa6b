"""The European swaptions a Bermudan competes with, and the variances that give them their quotes."""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.functions import largest, normal_density, normal_distribution
from neuralrates.core.types import Exercises, Scalar
from neuralrates.pricers.gaussian.bachelier import bachelier
from neuralrates.pricers.gaussian.batched.coterminals import SMALLEST_TARGET
from neuralrates.pricers.gaussian.boundary import Portfolio, log_ratio, spanned
from neuralrates.pricers.gaussian.jamshidian import SMALLEST_VARIANCE, european_value
from neuralrates.products.swaption import Swaption

Flows = Float[Array, "flows"]
_STEPS = 8
_SMALLEST_DEVIATION = 1e-10
_SMALLEST_SLOPE = 1e-8


class Coterminals(eqx.Module):
    """The European swaptions of a Bermudan's exercise times, seen as receivers.

    Args:
        present_values: value today of each flow of each receiver swap
        annuity_values: value today of what a unit of strike pays at each flow time
        forwards: forward swap rates, decimals
        strike: fixed rate, decimal
        expiries: exercise times, years
    """

    present_values: Float[Array, "exercises flows"]
    annuity_values: Float[Array, "exercises flows"]
    forwards: Exercises
    strike: Scalar
    expiries: Exercises

    @classmethod
    def of(cls, product: Swaption, discount_factors: Flows) -> "Coterminals":
        """Coterminals of a swaption, given the discount factors of its flow times."""
        annuity_values = product.annuity_weights * discount_factors[None, :]
        floating_values = product.floating_weights * discount_factors[None, :]
        return cls(
            product.strike * annuity_values - floating_values,
            annuity_values,
            jnp.sum(floating_values, axis=1) / jnp.sum(annuity_values, axis=1),
            product.strike,
            product.exercise_times,
        )

    @property
    def annuities(self) -> Exercises:
        """Value of a unit of strike, years."""
        return jnp.sum(self.annuity_values, axis=1)

    def variances(self, loadings: Flows, normal_volatilities: Exercises) -> Exercises:
        """Variances of the state at which each European is worth its quoted volatility.

        Each depends on its own variance alone, so the equations decouple; each is solved for the European that is out
        of the money, in the logarithm of its value, where Newton's method is nearly straight. Derivatives of any order
        follow from the implicit function theorem.

        Args:
            loadings: $H(T_k)$ of the flow times, years, up to a constant
            normal_volatilities: quoted, per exercise

        Returns:
            Variance of the state at each exercise time. Where the volatility is zero it is next to nothing and grows slightly
            from one time to the next, so that the model is defined and worth its intrinsic value; its derivative to the
            volatility is zero.
        """
        unmoved = still(normal_volatilities, self.expiries)
        moving = jnp.where(unmoved, 0.01, normal_volatilities)
        found = jax.vmap(_variance, in_axes=(0, 0, 0, None, 0, 0, None))(
            self.present_values,
            self.annuity_values,
            self.forwards,
            self.strike,
            self.expiries,
            moving,
            loadings,
        )
        nothing = SMALLEST_VARIANCE * jnp.arange(1.0, 1.0 + unmoved.shape[0])
        return jnp.where(unmoved, nothing, found)

    def implied_volatilities(self, loadings: Flows, variances: Exercises) -> Exercises:
        """Normal volatilities at which the model with these variances values each European."""
        moves, slopes, _ = jax.vmap(rate_moves, in_axes=(0, 0, None))(
            self.present_values, self.annuity_values, loadings
        )
        return jax.vmap(_implied, in_axes=(0, 0, 0, None, 0, 0, 0))(
            self.present_values,
            self.annuities,
            self.forwards,
            self.strike,
            self.expiries,
            jnp.sqrt(variances) * slopes,
            moves,
        )

    def misfits(
        self, loadings: Flows, variances: Exercises, normal_volatilities: Exercises
    ) -> Exercises:
        """Model minus quoted normal volatility; zero where the quote leaves the option no time value."""
        found = self.implied_volatilities(loadings, variances) - normal_volatilities
        targets = jax.vmap(out_of_the_money, in_axes=(0, 0, None, 0, 0))(
            self.annuities, self.forwards, self.strike, self.expiries, normal_volatilities
        )
        worthless = (targets < SMALLEST_TARGET) & (normal_volatilities > 0.0)
        unmoved = still(normal_volatilities, self.expiries)
        return jnp.where(worthless | unmoved, 0.0, found)


def still(normal_volatilities: Exercises, expiries: Exercises) -> Array:
    """Where a quote says that the rate does not move."""
    deviations = normal_volatilities * jnp.sqrt(expiries)
    return (deviations >= 0.0) & (deviations <= _SMALLEST_DEVIATION)


def out_of_the_money(
    annuity: Scalar, forward: Scalar, strike: Scalar, expiry: Scalar, normal_volatility: Scalar
) -> Scalar:
    """Quoted value of the European that is out of the money."""
    sign = jax.lax.stop_gradient(jnp.where(forward > strike, -1.0, 1.0))
    return annuity * bachelier(forward, strike, normal_volatility, expiry, sign)


class RateMoves(NamedTuple):
    """Loadings for a state counted in the swap rate near the money.

    Args:
        moves: of the flows of the swap, those of others zero
        slope: movement of the swap rate per unit of the state
        centre: average of the loadings, weighted by the annuity
    """

    moves: Flows
    slope: Scalar
    centre: Scalar


def rate_moves(present_values: Flows, annuity_values: Flows, loadings: Flows) -> RateMoves:
    """Loadings for a state counted in the swap rate near the money, and the movement of that rate per unit of the state.

    Prices do not change where all loadings are shifted by a constant, or scaled against the deviation. Counted from their
    average and in this unit they are of one size for every expiry and mean reversion; flows of other swaps have none.
    """
    annuity = jnp.sum(annuity_values)
    paid = spanned((present_values != 0.0) | (annuity_values != 0.0))
    centre = jnp.sum(annuity_values * loadings) / annuity
    centred = jnp.where(paid, loadings - centre, 0.0)
    slope = jnp.abs(jnp.sum(present_values * centred)) / annuity
    slope = jnp.maximum(slope, _SMALLEST_SLOPE * largest(jnp.abs(centred)))
    return RateMoves(centred / slope, slope, centre)


def _variance(
    present_values: Flows,
    annuity_values: Flows,
    forward: Scalar,
    strike: Scalar,
    expiry: Scalar,
    normal_volatility: Scalar,
    loadings: Flows,
) -> Scalar:
    sign = jax.lax.stop_gradient(jnp.where(forward > strike, -1.0, 1.0))
    target = out_of_the_money(jnp.sum(annuity_values), forward, strike, expiry, normal_volatility)
    moves, slope, _ = rate_moves(present_values, annuity_values, loadings)
    start = normal_volatility * jnp.sqrt(expiry)
    worthless = target < SMALLEST_TARGET
    target = jnp.where(worthless, 1.0, target)
    option = -sign * present_values

    def misfit(deviation: Scalar) -> Scalar:
        value = european_value(option, moves, deviation**2)
        return jnp.where(worthless, deviation - start, jnp.log(jnp.maximum(value, 1e-300) / target))

    def solve(_: object, deviation: Scalar) -> Scalar:
        found = _deviation(option, moves, -sign, target, deviation)
        return jnp.where(worthless, start, found)

    deviation = jax.lax.custom_root(
        misfit, jax.lax.stop_gradient(start), solve, lambda slope, y: y / slope(jnp.ones_like(y))
    )
    return (deviation / slope) ** 2


def _deviation(
    option: Flows, loadings: Flows, side: Scalar, target: Scalar, start: Scalar
) -> Scalar:
    """Deviation at which the European is worth its target; break-even state and deviation converge together."""
    nothing = (jnp.zeros(()), jnp.zeros(()))

    def improve(_: object, guess: tuple[Scalar, Scalar]) -> tuple[Scalar, Scalar]:
        deviation, state = guess
        amounts = option * jnp.exp(-0.5 * (loadings * deviation) ** 2)
        portfolio = Portfolio.of(amounts, loadings)
        for _ in range(2):
            ratio, slope = log_ratio(portfolio, state, nothing)
            state = state - ratio / slope
        distance = side * (state / deviation + loadings * deviation)
        value = jnp.maximum(jnp.sum(option * normal_distribution(distance)), 1e-300)
        vega = side * jnp.sum(option * loadings * normal_density(distance))
        step = value * jnp.log(value / target) / vega
        return jnp.clip(deviation - step, 0.5 * deviation, 2.0 * deviation), state

    return jax.lax.fori_loop(0, _STEPS, improve, (start, jnp.zeros(())))[0]


def _implied(
    present_values: Flows,
    annuity: Scalar,
    forward: Scalar,
    strike: Scalar,
    expiry: Scalar,
    deviation: Scalar,
    moves: Flows,
) -> Scalar:
    sign = jnp.where(forward > strike, -1.0, 1.0)
    value = european_value(-sign * present_values, moves, deviation**2) / annuity
    target = jnp.maximum(value, 1e-300)

    def improve(_: object, volatility: Scalar) -> Scalar:
        now = jnp.maximum(bachelier(forward, strike, volatility, expiry, sign), 1e-300)
        vega = jnp.sqrt(expiry) * normal_density(
            (forward - strike) / (volatility * jnp.sqrt(expiry))
        )
        step = now * jnp.log(now / target) / jnp.maximum(vega, 1e-300)
        return jnp.clip(volatility - step, 0.5 * volatility, 2.0 * volatility)

    return jax.lax.fori_loop(0, 12, improve, deviation / jnp.sqrt(expiry))
