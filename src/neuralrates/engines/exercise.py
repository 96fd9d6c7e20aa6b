"""How likely exercise is at each date."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.core.functions import decay_between, normal_density
from neuralrates.core.types import Exercises, Scalar
from neuralrates.pricers.gaussian.averages import averaged
from neuralrates.pricers.gaussian.backward_induction import BackwardInduction, Induction

_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(12)


def exercise_probabilities(
    pricer: BackwardInduction,
    run: Induction,
    expiries: Exercises,
    mean_reversion: Scalar,
    end: Scalar,
) -> Exercises:
    """Risk-neutral probability of exercise at each time, by pushing the density of the state forward.

    In the bank-account measure the state drifts by $-\\int (H - H(T_n)) d\\zeta$, where loadings count from that of $T_n$. The
    density of paths not yet exercised is carried from the nodes of one exercise time to those of the next; what lands where
    exercise is worth more stops there.

    Args:
        pricer: settings of the induction
        run: backward induction, which knows where exercise is worth more
        expiries: exercise times, years
        mean_reversion: of the model, per year
        end: time $T_n$ that the loadings of the run count from, years

    Returns:
        Probabilities; they sum to one less the probability that the right is never exercised.

    Source: Hagan (2002), equation 2.1, for the change of measure.
    """
    zero = jnp.zeros(1)
    steps = jnp.diff(jnp.concatenate([zero, run.variances]))
    starts = jnp.concatenate([zero, expiries[:-1]])
    drifts = -steps * jax.vmap(_mean_loading, in_axes=(0, 0, None, None))(
        starts, expiries, mean_reversion, end
    )

    def forward(carry: tuple, exercise: tuple) -> tuple:
        edges, density = carry
        next_edges, states, weights, exercised, step, drift = exercise
        arriving = averaged(edges, density, step, pricer.local)
        arrived = jax.vmap(lambda state: arriving(state - drift)[0])(states)
        return (next_edges, arrived * (1.0 - exercised)), jnp.sum(weights * arrived * exercised)

    first = normal_density((run.states[0] - drifts[0]) / jnp.sqrt(steps[0])) / jnp.sqrt(steps[0])
    stopped = jnp.sum(run.weights[0] * first * run.exercised[0])
    start = run.edges[0], first * (1.0 - run.exercised[0])
    rows = run.edges, run.states, run.weights, run.exercised, steps, drifts
    _, later = jax.lax.scan(forward, start, jax.tree.map(lambda row: row[1:], rows))
    return jnp.concatenate([stopped[None], later])


def _mean_loading(start: Scalar, stop: Scalar, mean_reversion: Scalar, end: Scalar) -> Scalar:
    """Average of H - H(end) over [start, stop], weighted by the growth of the variance at constant volatility."""
    times: Float[Array, "times"] = start + 0.5 * (stop - start) * (1.0 + jnp.asarray(_POINTS))
    weights = jnp.asarray(_WEIGHTS) * jnp.exp(2.0 * mean_reversion * (times - start))
    loadings = -jax.vmap(lambda t: decay_between(mean_reversion, t, end))(times)
    return jnp.sum(weights * loadings) / jnp.sum(weights)
