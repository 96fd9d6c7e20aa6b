"""Normals for simulation from Sobol points: a Brownian bridge on any clock, turned towards what matters."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from scipy.stats import qmc

from neuralrates.core.types import Key, Times

Normals = Float[Array, "steps factors paths"]
_SMALLEST, _LEAST = 1e-14, 1e-15


@functools.lru_cache(maxsize=16)
def _sobol(num_numbers: int, num_points: int) -> np.ndarray:
    """Scrambled Sobol points, a row for each number of a point."""
    points = qmc.Sobol(num_numbers, rng=np.random.default_rng(0)).random(num_points)
    return np.ascontiguousarray(points.T)


def shifted_normals(key: Key, num_steps: int, num_factors: int, num_points: int) -> Normals:
    """Standard normals from Sobol points, all moved by the same random numbers; the first steps use the best dimensions.

    Args:
        key: of the move
        num_steps: steps of a path
        num_factors: normals of a step
        num_points: paths, a power of two

    Returns:
        Normals; averages over them are unbiased over keys.

    Source: Cranley and Patterson (1976) for the move; Owen (1998) for the scrambling.

    Example:
        >>> import jax
        >>> from neuralrates.pricers.forward_curve.low_discrepancy import shifted_normals
        >>> normals = shifted_normals(jax.random.key(0), 4, 2, 1024)
        >>> normals.shape, bool(abs(normals.mean()) < 1e-3)
        ((4, 2, 1024), True)
    """
    points = jnp.asarray(_sobol(num_steps * num_factors, num_points))
    moved = points + jax.random.uniform(key, (num_steps * num_factors, 1), jnp.float64)
    inside = jnp.clip(moved - jnp.floor(moved), _LEAST, 1.0 - _LEAST)
    return jax.scipy.special.ndtri(inside).reshape(num_steps, num_factors, num_points)


def bridge(variances: Times) -> Float[Array, "times times"]:
    """Brownian bridge over steps of these variances, as an orthogonal map from normals to unit increments.

    The first normal decides where the path ends, the second where it is when half of the steps are done, and so on.

    Args:
        variances: of the steps, positive; a power of two of them

    Returns:
        A row for each step, a column for each normal.

    Source: Glasserman (2004), section 3.1.

    Example:
        >>> import jax.numpy as jnp
        >>> from neuralrates.pricers.forward_curve.low_discrepancy import bridge
        >>> print(bridge(jnp.array([1.0, 3.0])))
        [[ 0.5        0.8660254]
         [ 0.8660254 -0.5      ]]
    """
    count = variances.shape[0]
    clock = jnp.concatenate([jnp.zeros(1), jnp.cumsum(variances)])
    nothing = jnp.zeros(count)
    levels = {0: nothing, count: nothing.at[0].set(jnp.sqrt(clock[count]))}
    gaps, column = [(0, count)], 1
    while gaps:
        left, right = gaps.pop(0)
        if right - left < 2:
            continue
        middle = (left + right) // 2
        ahead, behind = clock[middle] - clock[left], clock[right] - clock[middle]
        mean = (behind * levels[left] + ahead * levels[right]) / (ahead + behind)
        deviation = jnp.sqrt(ahead * behind / (ahead + behind))
        levels[middle] = mean.at[column].add(deviation)
        column += 1
        gaps += [(left, middle), (middle, right)]
    moves = jnp.stack([levels[k + 1] - levels[k] for k in range(count)])
    return moves / jnp.sqrt(variances)[:, None]


def along(directions: Float[Array, "steps factors"], normals: Normals) -> Normals:
    """Normals of which the first decides how far a path goes along the directions.

    Each step's normals are reflected so that their first one acts along that step's direction; the bridge of the first runs on
    the clock of the squared lengths, those of the others on equal steps.

    Args:
        directions: what moves the payoff at each step, not zero
        normals: independent standard normals

    Returns:
        Normals of the same law.

    Source: Imai and Tan (2006), for putting first what moves the payoff most.
    """
    num_steps, num_factors = directions.shape
    lengths = jnp.linalg.norm(directions, axis=1)
    first = bridge(lengths**2) @ normals[:, 0]
    rest = jnp.einsum("ks,sfp->kfp", bridge(jnp.ones(num_steps)), normals[:, 1:])
    bridged = jnp.concatenate([first[:, None], rest], axis=1)
    axis = jnp.eye(num_factors)[0][None, :] - directions / lengths[:, None]
    size = jnp.maximum(jnp.sum(axis**2, axis=1), _SMALLEST)
    shadow = jnp.einsum("kf,kfp->kp", axis, bridged)
    return bridged - (2.0 / size)[:, None, None] * axis[:, :, None] * shadow[:, None, :]
