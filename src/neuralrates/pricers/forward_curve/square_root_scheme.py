"""Steps of second order for processes whose volatility is the root of their level, absorbed at zero."""

from collections.abc import Callable

import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.types import Scalar

Levels = Float[Array, "paths nodes"]
Loadings = Float[Array, "factors nodes"]


def advance(
    levels: Levels,
    loadings: Loadings,
    normals: Float[Array, "factors paths"],
    step: Scalar,
    drift: Callable[[Levels], Levels],
    cap: float,
) -> Levels:
    """One step of $dx_i = b_i(x) dt + \\min(\\sqrt{x_i}, M) \\sum_j s_{ji} dW_j$, each level staying at zero once there.

    Half a step of the drift (Stratonovich's), the diffusion exactly, half a step of the drift. All diffusion fields commute,
    for in $z = 2 \\sqrt x$ (and linearly above the cap) they are constant. Weak order two away from zero.

    Args:
        levels: x at the start of the step, not negative
        loadings: s, by factor and component
        normals: independent standard normals
        step: years
        drift: b, of all levels at once
        cap: M

    Returns:
        Levels after the step.

    Source: Ninomiya and Victoir (2008), equation 1.4, in which one order of commuting fields is enough.
    """
    half_variance = 0.25 * jnp.sum(loadings**2, axis=0)

    def rate(x: Levels) -> Levels:
        return drift(x) - jnp.where(x < cap**2, half_variance[None, :], 0.0)

    def drifted(x: Levels) -> Levels:
        middle = jnp.maximum(x + 0.25 * step * rate(x), 0.0)
        return jnp.where(x > 0.0, jnp.maximum(x + 0.5 * step * rate(middle), 0.0), 0.0)

    x = drifted(levels)
    moved = _from_flow(_to_flow(x, cap) + jnp.sqrt(step) * (normals.T @ loadings), cap)
    return drifted(jnp.where(x > 0.0, moved, 0.0))


def _to_flow(x: Levels, cap: float) -> Levels:
    """Coordinate in which the diffusion has constant coefficients."""
    low = (x > 0.0) & (x < cap**2)
    root = jnp.where(low, jnp.sqrt(jnp.where(low, x, 1.0)), 0.0)
    return jnp.where(x < cap**2, 2.0 * root, 2.0 * cap + (x - cap**2) / cap)


def _from_flow(z: Levels, cap: float) -> Levels:
    """Its inverse; what falls below zero is at zero."""
    below = z < 2.0 * cap
    return jnp.where(below, (0.5 * jnp.maximum(z, 0.0)) ** 2, cap**2 + (z - 2.0 * cap) * cap)
