"""The recurrence of `neuralrates.engines.recurrence` traced, so that JAX differentiates it to its weights."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.types import Scalar
from neuralrates.engines.recurrence import Recurrence

Features = Float[Array, "exercises features"]


def in_units(weights: Recurrence, features: Features, alive: Float[Array, "exercises"]) -> Scalar:
    """Correction per deviation of value: zero for a single date, whatever the weights are.

    Source: Cho et al. (2014), for the gates.
    """
    scaled = (features - weights.centre[None, :]) / weights.spread[None, :]
    given = jnp.concatenate([scaled, jnp.ones((scaled.shape[0], 1))], axis=1)
    before = jnp.concatenate([alive[1:], jnp.zeros(1)])

    def step(
        state: Float[Array, "members hidden"], at: tuple[Float[Array, "_"], Scalar]
    ) -> tuple[Float[Array, "members hidden"], None]:
        now, counts = at
        update, reset, candidate = jnp.split(
            jnp.einsum("f,mfg->mg", now, weights.inputs), 3, axis=1
        )
        from_update, from_reset, from_state = jnp.split(
            jnp.einsum("mh,mhg->mg", state, weights.states), 3, axis=1
        )
        gate = jax.nn.sigmoid(update + from_update)
        kept = jax.nn.sigmoid(reset + from_reset)
        moved = gate * state + (1.0 - gate) * jnp.tanh(candidate + kept * from_state)
        return jnp.where(counts > 0.0, moved, state), None

    first = jnp.zeros(weights.output.shape)
    state, _ = jax.lax.scan(step, first, (given, before), reverse=True)
    return jnp.mean(jnp.sum(weights.output * state, axis=1))
