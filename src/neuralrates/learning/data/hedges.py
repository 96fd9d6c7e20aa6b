"""Hedges of simulated paths: coterminal Europeans as martingales, exactly known in every state."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.functions import largest, normal_distribution, smallest
from neuralrates.core.types import Exercises, Scalar
from neuralrates.learning.data.paths import SAME_TIME, Position, beginnings, kept_until, to_come
from neuralrates.models.hull_white import HullWhite
from neuralrates.pricers.gaussian.boundary import Portfolio, break_even, log_ratio
from neuralrates.products.callable import AbstractBondCallable

Martingales = Float[Array, "times exercises"]
_HALF_WIDTH = 12.0
_SMALLEST = 1e-18


def gains_of_europeans(
    model: HullWhite, held: Position, states: Float[Array, "exercises factors"], stops: Exercises
) -> Scalar:
    """Gains, in units of the numeraire, of always holding the European worth most, up to the exercise.

    Args:
        model: one Gaussian factor
        held: position at the start
        states: of the path at the exercise times
        stops: one where the holder stops
    """
    worth, expiries = european_martingales(model, held, states), held.right.exercise_times
    alive = expiries[None, :] > beginnings(held)[:, None] + SAME_TIME
    best = jnp.argmax(jnp.where(alive, worth[:-1], -1.0), axis=1)
    chosen = alive & (jnp.arange(expiries.shape[0])[None, :] == best[:, None])
    gains = jnp.sum(jnp.where(chosen, worth[1:] - worth[:-1], 0.0), axis=1)
    return jnp.sum(jnp.where(to_come(held), kept_until(stops) * gains, 0.0))


def european_martingales(
    model: HullWhite, held: Position, states: Float[Array, "exercises factors"]
) -> Martingales:
    """Every coterminal European at the start and at every exercise time of a path, in units of the numeraire.

    Up to its expiry it is worth its closed form; after that, what it paid. The break-even state of each is found once: the
    value does not change with it to first order, so that derivatives may hold it fixed.

    Args:
        model: one Gaussian factor
        held: position at the start
        states: of the path at the exercise times

    Returns:
        Row 0 at the start, row i at exercise time i; one column per expiry. Expiries before the start are worth nothing.

    Raises:
        ValueError: where exercise does not give a portfolio of bonds

    Source: Jamshidian (1989).
    """
    right = held.right
    if not isinstance(right, AbstractBondCallable):
        raise ValueError(
            "Argument `payoff` must not be `hedged` for a product that is not made of bonds."
        )
    loadings = jax.vmap(model.loading)(right.flow_times)
    amounts = right.flows * jax.vmap(model.curve.discount_factor)(right.flow_times)[None, :]
    variances = jax.vmap(model.variance)(right.exercise_times)
    crossings, sides = jax.vmap(_crossing, in_axes=(0, None, 0))(
        *jax.lax.stop_gradient((amounts, loadings, variances))
    )
    at = jnp.concatenate([jnp.reshape(jnp.asarray(held.state), (1,)), states[:, 0]])
    time_variances = jnp.concatenate([jnp.reshape(model.variance(held.start), (1,)), variances])

    def row(state: Scalar, variance: Scalar) -> Exercises:
        bonds = amounts * jnp.exp(-loadings * state - 0.5 * loadings**2 * variance)[None, :]
        steps = variances - variance
        return jax.vmap(_worth, in_axes=(0, None, 0, 0, 0, None))(
            bonds, loadings, steps, crossings, sides, state
        )

    worth = jax.vmap(row)(at, time_variances)
    alive = right.exercise_times >= held.start + 1e-9
    return _paid(worth, jnp.where(alive, 1.0, 0.0))


def _crossing(
    amounts: Float[Array, "flows"], loadings: Float[Array, "flows"], variance: Scalar
) -> tuple[Scalar, Scalar]:
    """State in which exercise at this variance breaks even, and the side on which it pays: 1 below, -1 above."""
    deviation = jnp.sqrt(variance)
    portfolio = Portfolio.of(amounts * jnp.exp(-0.5 * loadings**2 * variance), loadings)
    low = -largest(loadings) * variance - _HALF_WIDTH * deviation
    high = -smallest(loadings) * variance + _HALF_WIDTH * deviation
    state = break_even(portfolio, low, high)
    _, slope = log_ratio(portfolio, state, (jnp.zeros(()), jnp.zeros(())))
    return state, jnp.where(slope < 0.0, 1.0, -1.0)


def _worth(
    bonds: Float[Array, "flows"],
    loadings: Float[Array, "flows"],
    step: Scalar,
    crossing: Scalar,
    side: Scalar,
    state: Scalar,
) -> Scalar:
    """European whose exercise is this much variance away; its payoff where there is none left."""
    live = step > _SMALLEST
    deviation = jnp.sqrt(jnp.where(live, step, 1.0))
    distance = side * (crossing - state + loadings * step) / deviation
    european = jnp.sum(bonds * normal_distribution(distance))
    return jnp.where(live, european, jnp.maximum(jnp.sum(bonds), 0.0))


def _paid(worth: Martingales, alive: Exercises) -> Martingales:
    """After its expiry a European stays worth what it paid."""
    count = worth.shape[1]
    rows, columns = jnp.arange(count + 1)[:, None], jnp.arange(count)[None, :]
    last = jnp.minimum(rows, columns + 1)
    held = jnp.take_along_axis(worth, last, axis=0)
    return held * alive[None, :]
