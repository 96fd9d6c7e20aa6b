"""Cheap labels by simulation: few paths at each point, other random numbers at every point."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
from jaxtyping import Array, Float

from neuralrates.core.types import Inputs, Key, Scalar
from neuralrates.pricers.price import Price
from neuralrates.problems.labels import Labels
from neuralrates.problems.problem import Problem
from neuralrates.problems.shards import Progress, in_shards

_PLAN = "simulated-labels-plan"
_BATCH_SIZE = 4

Simulate = Callable[[Inputs, Key], Price]


def simulated_labels(
    problem: Problem,
    simulate: Simulate,
    key: Key,
    num_samples: int,
    *,
    settings: str,
    gradient: bool = True,
    batch: int = 512,
    folder: str | Path | None = None,
    progress: Progress | None = None,
) -> Labels:
    """Values and differentials, unbiased and noisy, at points drawn from a problem's domain.

    Args:
        problem: gives the points
        simulate: point and key to a price that has no bias over keys, differentiable in the point
        key: of the points and of the simulations
        num_samples: how many points
        settings: what decides `simulate`, in words: labels in a folder are used again for the same words only
        gradient: whether differentials are wanted
        batch: points per compiled call
        folder: where finished batches are kept
        progress: called with the number of samples done and to do

    Returns:
        Labels with standard errors.

    Source: Huge and Savine (2020), for differentials path by path.
    """
    points, paths = jax.random.split(key)
    x = problem.domain.sample(points, num_samples)
    record = {"kind": _PLAN, "problem": problem.record(), "simulation": settings}

    def evaluate(x: Float[Array, "batch inputs"], shard: int) -> Labels:
        keys = jax.random.split(jax.random.fold_in(paths, shard), x.shape[0])
        return _evaluate(simulate, gradient, x, keys)

    return in_shards(x, batch, evaluate, record, folder, progress)


@eqx.filter_jit
def _evaluate(
    simulate: Simulate, gradient: bool, x: Float[Array, "batch inputs"], keys: Any
) -> Labels:
    def priced(x: Inputs, key: Key) -> tuple[Scalar, Scalar]:
        price = simulate(x, key)
        return price.value, price.error

    def one(at: tuple[Inputs, Key]) -> tuple[Array, Array, Array | None]:
        if not gradient:
            return *priced(*at), None
        (value, error), slope = jax.value_and_grad(priced, has_aux=True)(*at)
        return value, error, slope

    value, error, slope = jax.lax.map(one, (x, keys), batch_size=_BATCH_SIZE)
    slopes = None if slope is None else slope[:, None, :]
    return Labels(x, value[:, None], slopes, error[:, None])
