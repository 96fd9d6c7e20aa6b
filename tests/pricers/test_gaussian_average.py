"""Gaussian averages against closed forms, for a Gaussian far narrower than the nodes are dense and for a wide one."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import norm

from neuralrates.pricers.gaussian.averages import averaged, nodes_and_weights

pytestmark = pytest.mark.traced

EDGES = jnp.asarray(np.array([-1.5, 0.2, 2.0]))
POINTS = 24


def exact(state: float, deviation: float) -> float:
    """Average of e^x below the kink and of one above it, zero beyond the ends."""
    low, kink, high = np.asarray(EDGES)
    shifted = state + deviation**2
    below = norm.cdf((kink - shifted) / deviation) - norm.cdf((low - shifted) / deviation)
    above = norm.cdf((high - state) / deviation) - norm.cdf((kink - state) / deviation)
    return float(np.exp(state + 0.5 * deviation**2) * below + above)


@pytest.mark.parametrize("deviation", [1e-7, 1e-3, 0.05, 1.0])
@pytest.mark.parametrize("state", [-1.2, 0.2, 0.2001, 1.9])
def test_local_averages_are_exact_however_narrow_the_step(state: float, deviation: float) -> None:
    nodes, _ = nodes_and_weights(EDGES, POINTS)
    values = jnp.where(nodes < EDGES[1], jnp.exp(nodes), 1.0)
    average = averaged(EDGES, values, jnp.asarray(deviation**2), local=True)
    value, slope = average(jnp.asarray(state))
    assert float(value) == pytest.approx(exact(state, deviation), abs=1e-9)
    moved = 1e-3 * deviation
    difference = exact(state + moved, deviation) - exact(state - moved, deviation)
    assert float(slope) == pytest.approx(difference / (2.0 * moved), abs=1e-5 / deviation)


def test_both_rules_agree_where_the_step_is_wide() -> None:
    nodes, _ = nodes_and_weights(EDGES, POINTS)
    values = jnp.sin(nodes)
    local, kernel = (
        averaged(EDGES, values, jnp.asarray(0.5), rule)(jnp.asarray(0.3)) for rule in (True, False)
    )
    assert jax.tree.map(float, local) == pytest.approx(jax.tree.map(float, kernel), abs=1e-12)
