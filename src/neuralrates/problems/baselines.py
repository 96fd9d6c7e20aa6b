"""What closed forms nearly say of a callable: the ground on which a network learns the rest."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.functions import normal_density, normal_distribution
from neuralrates.core.types import Inputs, Scalar
from neuralrates.models.hull_white import HullWhite
from neuralrates.models.model import State
from neuralrates.products.callable import AbstractBondCallable
from neuralrates.surrogates.corrected import Baseline

_POWER = 8
_SMALLEST = 1e-12
_SAME_TIME = 1e-9
_SATURATION = 3.0


def coterminal_baseline(
    x: Inputs,
    model: HullWhite,
    right: AbstractBondCallable,
    time: Scalar,
    state: State,
    beside: Scalar,
) -> Baseline:
    """Baseline of a right held at a date, and of its coterminal Europeans.

    The value on exercise is taken as normal, $d_m + s_m Z$, with $d_m$ its forward value and $s_m$ its slope in the state
    times the state's deviation up to expiry m. The Europeans are then Bachelier's, $s_m (\\phi(u) + u \\Phi(u))$ with $u =
    d_m / s_m$, and the right is near their norm of order eight, which lies between the largest and the sum. Corrections are
    measured in $s_m$; in all $s_m$ together for the right.

    Args:
        x: raw inputs, features themselves
        model: one Gaussian factor
        right: what may be exercised
        time: when it is held, years
        state: of the model then
        beside: value of what is held beside the right

    Returns:
        Features x, the saturated u and log s of every exercise time; outputs the whole, then each European. Exercise times
        no later than `time` have European zero.

    Source: Bachelier (1900) for the formula; the norm is ours.
    """
    unit = model.numeraire(time, state)
    bonds = unit * jax.vmap(lambda end: model.deflated_bond(time, end, state))(right.flow_times)
    loadings = jax.vmap(model.loading)(right.flow_times) - model.loading(time)
    amounts = right.flows * bonds[None, :]
    ahead = jax.vmap(model.variance)(right.exercise_times) - model.variance(time)
    live = right.exercise_times > time + _SAME_TIME
    deviations = jnp.sqrt(jnp.where(live, ahead, 1.0))
    spread = jnp.where(live, jnp.abs(amounts @ loadings) * deviations, 0.0)
    moneyness = jnp.sum(amounts, axis=1) / jnp.where(live, spread, 1.0)
    europeans = spread * _bachelier(moneyness)
    largest = jnp.sum((europeans + _SMALLEST) ** _POWER) ** (1.0 / _POWER)
    together = jnp.sqrt(jnp.sum(spread**2) + _SMALLEST**2)
    return Baseline(
        features=jnp.concatenate(
            [
                x,
                jnp.where(live, jnp.tanh(moneyness / _SATURATION), 0.0),
                jnp.where(live, jnp.log(jnp.where(live, spread, 1.0)), 0.0),
            ]
        ),
        value=jnp.concatenate([jnp.reshape(beside + largest, (1,)), europeans]),
        scale=jnp.concatenate([jnp.reshape(together, (1,)), spread]),
    )


def _bachelier(moneyness: Float[Array, "exercises"]) -> Float[Array, "exercises"]:
    """Option on a normal variable of unit deviation."""
    return normal_density(moneyness) + moneyness * normal_distribution(moneyness)
