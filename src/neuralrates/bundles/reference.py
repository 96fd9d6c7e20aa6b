"""The reference of a bundle's problem at many points: compiled once for a problem and a size."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.core.wanted import check_wanted
from neuralrates.problems.problem import Problem

_LARGEST_CALL, _BATCH_SIZE = 256, 8


def reference_prices(
    problem: Problem, points: Float[np.ndarray, "batch inputs"]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values, derivatives and errors by the problem's own pricer.

    Args:
        problem: with its reference
        points: one a row, at least one

    Returns:
        Values, derivatives to every input, and errors; per unit notional.

    Raises:
        UnwantedError: where nobody waits for them any more
    """
    size = len(points)
    batch = min(_LARGEST_CALL, 1 << (size - 1).bit_length())
    filler = np.repeat(points[-1:], -size % batch, axis=0)
    parts = np.concatenate([points, filler]).reshape(-1, batch, points.shape[1])
    results = []
    for part in parts:
        check_wanted()
        results.append(jax.block_until_ready(_priced(problem, jnp.asarray(part))))
    values, errors, slopes = (
        np.concatenate([*map(np.asarray, r)]) for r in zip(*results, strict=True)
    )
    return values[:size], slopes[:size], errors[:size]


@eqx.filter_jit
def _priced(problem: Problem, points: Array) -> tuple[Array, Array, Array]:
    """Values, errors and derivatives of one batch."""

    def one(x: Array) -> tuple[Array, Array]:
        price = problem(x)
        return price.value, price.error

    with_slopes = jax.value_and_grad(one, has_aux=True)
    (values, errors), slopes = jax.lax.map(with_slopes, points, batch_size=_BATCH_SIZE)
    return values, errors, slopes
