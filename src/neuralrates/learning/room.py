"""Where a surrogate may come near the bounds of its problem: a small network that says so before they are computed."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float

from neuralrates.core.types import Inputs, Key
from neuralrates.core.units import basis_point
from neuralrates.learning.fitting import fit
from neuralrates.learning.losses.of_labels import value_loss
from neuralrates.problems.domain import Domain
from neuralrates.problems.labels import Labels
from neuralrates.problems.problem import Problem
from neuralrates.surrogates.bounded import Bounded, Bounds
from neuralrates.surrogates.networks.network import Network
from neuralrates.surrogates.scaling import Scaling
from neuralrates.surrogates.surrogate import AbstractSurrogate

_WIDTHS, _STEPS, _BATCH, _RATE = (16, 16), 6000, 2048, 5e-3
_UNIT, _MOST = basis_point, 5.0
_SPARE = 0.1 * basis_point
"""Room of a point that must be found: one beyond a bound has none."""
_SAFETY = 0.25


def fit_room(
    surrogate: AbstractSurrogate,
    bounds: Callable[[Inputs], Bounds],
    domain: Domain,
    *,
    key: Key,
    num_samples: int,
) -> Network:
    """A network that is below zero wherever a surrogate lies beyond its bounds, and hardly anywhere else.

    The room of a point, the distance of the surrogate's price from the nearer bound, is learned as $\\sinh^{-1}$ of basis
    points, up to some; the network is then lowered until every point of the draw with room below a tenth of a basis point is
    found, and a quarter of a unit further.

    Args:
        surrogate: whose first output is to be held
        bounds: between which
        domain: where
        key: of the draw and of the training
        num_samples: how many points; no reference price is needed

    Returns:
        The network, for `Bounded`.
    """
    draw, start, batches = jax.random.split(key, 3)
    x = domain.sample(draw, num_samples)
    room = np.asarray(_room(surrogate, bounds, x))
    wanted = np.minimum(np.arcsinh(room / _UNIT), _MOST)
    labels = Labels.from_arrays(x, wanted)
    scaling = Scaling.from_bounds(domain.low, domain.high)
    network = Network.random(
        scaling, Scaling(jnp.zeros(1), jnp.ones(1)), list(_WIDTHS), key=start, activation="relu"
    )
    optimiser = optax.adam(optax.cosine_decay_schedule(_RATE, _STEPS))
    fitted, _ = fit(network, value_loss(labels, _BATCH), optimiser, key=batches, num_steps=_STEPS)
    said = np.asarray(jax.jit(jax.vmap(fitted))(x))[:, 0]
    close = room < _SPARE
    limit = (np.max(said[close]) if close.any() else np.min(said)) + _SAFETY
    lowered: Network = eqx.tree_at(
        lambda one: one.output_scaling, fitted, Scaling(jnp.full(1, -float(limit)), jnp.ones(1))
    )
    return lowered


@eqx.filter_jit
def _room(
    surrogate: AbstractSurrogate,
    bounds: Callable[[Inputs], Bounds],
    x: Float[Array, "samples inputs"],
) -> Array:
    def one(x: Inputs) -> Any:
        price, between = surrogate(x)[0], bounds(x)
        return jnp.minimum(price - between.low, between.high - price)

    return jax.lax.map(one, x, batch_size=256)


def held_between_bounds(
    surrogate: AbstractSurrogate, problem: Problem, key: Key, num_samples: int = 100_000
) -> Bounded:
    """A surrogate between the bounds of its problem, looked at only where it may come near them.

    Args:
        surrogate: of the target, or the target first
        problem: with bounds
        key: of the draw and of the training
        num_samples: points that the network of `fit_room` sees

    Returns:
        The surrogate; where bounds come cheap beside a baseline they are always looked at.

    Raises:
        ValueError: where the problem knows no bounds
    """
    bounds = problem.bounds
    if bounds is None:
        raise ValueError(f"Argument `problem` must know bounds, but {problem.name} knows none.")
    if problem.bounds_are_cheap:
        return Bounded(bounds, surrogate)
    room = fit_room(surrogate, bounds, problem.domain, key=key, num_samples=num_samples)
    return Bounded(bounds, surrogate, room)
