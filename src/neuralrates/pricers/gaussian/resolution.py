"""What a quadrature for a Bermudan has to resolve: how narrow its steps are, and how many boundaries its exercises have."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from neuralrates.core.functions import largest, smallest
from neuralrates.core.types import Exercises, Scalar
from neuralrates.pricers.gaussian.jamshidian import SMALLEST_VARIANCE

SMALLEST_STEP = 1e-14
"""Of the variance before it: below, a step is lost in rounding."""


def increasing_steps(variances: Exercises) -> Float[Array, "steps"]:
    """Steps from each variance to the next, never zero; one step fewer than variances."""
    return jnp.maximum(
        jnp.diff(variances), jnp.maximum(SMALLEST_VARIANCE, SMALLEST_STEP * variances[:-1])
    )


def reach(
    variances: Exercises,
    loadings: Float[Array, "flows"],
    present_values: Float[Array, "exercises flows"],
    half_width: float,
) -> tuple[Exercises, Exercises]:
    """Ends of the state space at each exercise time.

    Seen by the holder of one flow the state drifts by minus its loading per unit of variance. The low end is that of the last
    flow. The high end is that of the nearest flow still to come, held until the next exercise and then exchanged for the one
    that is nearest there: a flow long paid, whose loading may be huge beside the others, widens nothing.

    Args:
        variances: of the state at the exercise times, growing
        loadings: of the flow times, years
        present_values: value today of each flow received on exercise
        half_width: standard deviations kept on each side

    Returns:
        Low and high ends, both wider from one exercise to the next.
    """
    last = largest(loadings)
    to_come = jnp.cumsum((present_values != 0.0)[::-1], axis=0)[::-1] > 0
    nearest = jax.vmap(smallest)(jnp.where(to_come, loadings, last))
    held = jnp.concatenate([nearest[:1], nearest[:-1]])
    steps = jnp.diff(jnp.concatenate([jnp.zeros(1), variances]))
    margin = half_width * jnp.sqrt(variances)
    return -last * variances - margin, -jnp.cumsum(held * steps) + margin


def never_taken(present_values: Float[Array, "exercises flows"]) -> Bool[Array, "exercises"]:
    """Exercises that enter what the next one enters: waiting is worth more in every state, if by less than rounding.

    Args:
        present_values: value today of each flow received on exercise

    Returns:
        One truth value per exercise, the last false.
    """
    same = jnp.all(present_values[:-1] == present_values[1:], axis=1)
    return jnp.concatenate([same, jnp.zeros(1, dtype=bool)])


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
    variances = jnp.maximum(variances, SMALLEST_VARIANCE)
    lows, highs = reach(variances, loadings, present_values, half_width)
    ratios = (highs - lows)[1:] / jnp.sqrt(increasing_steps(variances))
    width = jnp.max(jnp.where(alive[1:], ratios, 0.0), initial=0.0)
    kept = jnp.where(present_values == 0.0, 0.0, loadings[None, :])
    exponents = -kept * lows[:, None] - 0.5 * kept**2 * variances[:, None]
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
