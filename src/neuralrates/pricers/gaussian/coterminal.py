"""Europeans into the rest of one swap, all at once: arrays of exercises by flows, with nothing that depends on a search."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from neuralrates.core.functions import normal_distribution
from neuralrates.core.types import Exercises
from neuralrates.models.hull_white import HullWhite
from neuralrates.pricers.gaussian.jamshidian import SMALLEST_VARIANCE
from neuralrates.products.callable import AbstractBondCallable
from neuralrates.products.held import HeldProduct

_HALF_WIDTH = 12.0
_STEPS = 5
_SAME_TIME, _ANY_VARIANCE = 1e-9, 1e-6

Table = Float[Array, "exercises flows"]


def coterminal_europeans(
    present_values: Table,
    loadings: Float[Array, "flows"],
    variances: Exercises,
    paid: Bool[np.ndarray, "exercises flows"],
) -> Exercises:
    """Values of the rights to receive bond portfolios, one at each exercise time, by their break-even states.

    The formula is that of `european_value`. As the exercise is worth nothing at the break-even state, the value does not move
    with it to first order: derivatives hold it still.

    Args:
        present_values: value today of each flow of each exercise, negative if paid
        loadings: $H(T_k)$ of each flow, increasing, up to a constant
        variances: of the state at each exercise
        paid: which flows an exercise has: the first of them is given or received against all others

    Returns:
        Values per unit notional; differentiable once.

    Source: Jamshidian (1989); Hagan (2002), equation 3.9.

    Example:
        >>> import jax.numpy as jnp
        >>> import numpy as np
        >>> import neuralrates as nr
        >>> from neuralrates.pricers.gaussian.coterminal import coterminal_europeans
        >>> from neuralrates.pricers.gaussian.jamshidian import european_value
        >>> flows, loadings = jnp.array([[-1.0, 0.03, 1.02]]), jnp.array([1.0, 2.0, 3.0])
        >>> paid = np.array([[True, True, True]])
        >>> one = coterminal_europeans(flows, loadings, jnp.array([1e-4]), paid)[0]
        >>> bool(jnp.abs(one - european_value(flows[0], loadings, jnp.array(1e-4))) < 1e-14)
        True
    """
    first = np.argmax(paid, axis=1)
    each = jnp.where(paid, loadings[None, :], loadings[first][:, None])
    variance = jnp.maximum(variances, SMALLEST_VARIANCE)[:, None]
    state, side = _break_even(present_values, each, variance)
    distance = side * (state + each * variance) / jnp.sqrt(variance)
    return jnp.sum(present_values * normal_distribution(distance), axis=1)


def _break_even(present_values: Table, loadings: Table, variance: Array) -> tuple[Array, Array]:
    """State in which exercise is worth nothing, and on which side of it exercise pays; no derivatives."""
    present_values, loadings, variance = map(
        jax.lax.stop_gradient, (present_values, loadings, variance)
    )
    amounts = present_values * jnp.exp(-0.5 * loadings**2 * variance)
    received, given = jnp.maximum(amounts, 0.0), jnp.maximum(-amounts, 0.0)
    reach = _HALF_WIDTH * jnp.sqrt(variance)
    low, high = -loadings[:, -1:] * variance - reach, -loadings[:, :1] * variance + reach
    state = 0.5 * (low + high)
    slope = jnp.zeros_like(state)
    for _ in range(_STEPS):
        growth = jnp.exp(-loadings * state)
        one, other = received * growth, given * growth
        gain, cost = jnp.sum(one, axis=1, keepdims=True), jnp.sum(other, axis=1, keepdims=True)
        slope = (
            jnp.sum(loadings * other, axis=1, keepdims=True) / cost
            - jnp.sum(loadings * one, axis=1, keepdims=True) / gain
        )
        state = jnp.minimum(jnp.maximum(state - jnp.log(gain / cost) / slope, low), high)
    return state, jnp.where(slope < 0.0, 1.0, -1.0)


def coterminal_values_at_once(model: HullWhite, product: AbstractBondCallable) -> Exercises:
    """Values today of the Europeans at each exercise time of a swaption whose exercise k has the flows from k on.

    Args:
        model: one Gaussian factor
        product: n exercises, n + 1 flows, the first of each exercise at its start

    Returns:
        One value per exercise, per unit notional.
    """
    discount_factors = jax.vmap(model.curve.discount_factor)(product.flow_times)
    loadings = jax.vmap(model.loading)(product.flow_times)
    variances = jax.vmap(model.variance)(product.exercise_times)
    present_values = product.flows * discount_factors[None, :]
    return coterminal_europeans(present_values, loadings, variances, _triangle(product))


def held_values_at_once(model: HullWhite, product: HeldProduct) -> Exercises:
    """The same at a date, of the rights kept, in currency of the date; zero for those expired."""
    right, time, state = product.right, product.time, product.state
    deflated = jax.vmap(lambda end: model.deflated_bond(time, end, state))(right.flow_times)
    loadings = jax.vmap(model.loading)(right.flow_times)
    ahead = jax.vmap(model.variance)(right.exercise_times) - model.variance(time)
    later = right.exercise_times > time + _SAME_TIME
    values = coterminal_europeans(
        right.flows * deflated[None, :],
        loadings,
        jnp.where(later, ahead, _ANY_VARIANCE),
        _triangle(right),
    )
    return jnp.where(later, model.numeraire(time, state) * values, 0.0)


def _triangle(product: AbstractBondCallable) -> Bool[np.ndarray, "exercises flows"]:
    """Exercise k has the flows from k on."""
    return np.triu(np.ones(product.flows.shape, dtype=bool))
