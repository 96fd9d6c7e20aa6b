"""What a quadrature for a Bermudan has to resolve: how narrow its steps are, and how many boundaries its exercises have."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from neuralrates.core.functions import largest, smallest
from neuralrates.core.types import Exercises, Scalar
from neuralrates.pricers.gaussian.jamshidian import SMALLEST_VARIANCE

_SMALLEST_STEP = 1e-14
"""Of the variance before it: below, a step is lost in rounding."""


def increasing_steps(variances: Exercises) -> Float[Array, "steps"]:
    """Steps from each variance to the next, never zero; one step fewer than variances."""
    return jnp.maximum(
        jnp.diff(variances), jnp.maximum(SMALLEST_VARIANCE, _SMALLEST_STEP * variances[:-1])
    )


def survey(
    variances: Exercises,
    loadings: Float[Array, "flows"],
    present_values: Float[Array, "exercises flows"],
    half_width: float,
) -> tuple[Scalar, Int[Array, ""]]:
    """Width of the state space over the narrowest step, and the most boundaries an exercise time can have.

    Laguerre's rule: a sum of exponentials has, beyond any state, at most as many roots as its partial sums there, the
    shortest maturity first, have sign changes; they are counted at the low end of the state space. Exercises after the last
    that has any flows do not count.

    Args:
        variances: of the state at the exercise times
        loadings: of the flow times, years
        present_values: value today of each flow received on exercise
        half_width: standard deviations kept

    Returns:
        The width, in standard deviations of the step, and the number of boundaries.
    """
    alive = jnp.cumsum(jnp.any(present_values != 0.0, axis=1)[::-1])[::-1] > 0
    spread = largest(loadings) - smallest(loadings)
    variances = jnp.maximum(variances, SMALLEST_VARIANCE)
    widths = spread * variances + 2.0 * half_width * jnp.sqrt(variances)
    ratios = widths[1:] / jnp.sqrt(increasing_steps(variances))
    width = jnp.max(jnp.where(alive[1:], ratios, 0.0), initial=0.0)
    lows = -largest(loadings) * variances - half_width * jnp.sqrt(variances)
    exponents = (
        -loadings[None, :] * lows[:, None] - 0.5 * loadings[None, :] ** 2 * variances[:, None]
    )
    amounts = present_values * jnp.exp(exponents)
    sums = jnp.cumsum(amounts, axis=1)
    scale = jnp.max(jnp.abs(amounts), axis=1, keepdims=True)
    signs = jnp.where(jnp.abs(sums) > 1e-12 * scale, jnp.sign(sums), 0.0)
    return width, jnp.max(jax.vmap(_sign_changes)(signs))


def _sign_changes(signs: Float[Array, "flows"]) -> Int[Array, ""]:
    """Changes of sign along a sequence, zeros skipped."""

    def follow(last: Scalar, sign: Scalar) -> tuple[Scalar, Int[Array, ""]]:
        change = (sign * last < 0.0).astype(jnp.int64)
        return jnp.where(sign == 0.0, last, sign), change

    return jnp.sum(jax.lax.scan(follow, jnp.zeros(()), signs)[1])
