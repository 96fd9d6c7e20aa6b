"""Caplets and swaptions on curve nodes: their points, their baseline, and what a network of nothing says."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr
from neuralrates.problems.forward_curve import VOLATILITY, contract

CURVE = nr.market.Svensson(0.045, -0.02, 0.01, 0.02, 1.5, 8.0)


def point(kind: str, num_nodes: int, expiry: float, length: float, strike: float) -> jax.Array:
    tenors = np.linspace(0.0, contract(kind, num_nodes).horizon, num_nodes)
    nodes = jax.jit(jax.vmap(CURVE.instantaneous_forward_rate))(tenors)
    return jnp.asarray(np.concatenate([nodes, [1.0, expiry, length, strike]]))


@pytest.mark.parametrize("problem", [nr.problems.forward_caplet, nr.problems.forward_swaption])
def test_points_lie_in_the_domain_and_bent_curves_do_not(problem):
    domain = problem(25).domain
    x = np.asarray(domain.sample(jax.random.key(0), 64))
    assert np.all(jax.jit(jax.vmap(domain.contains))(x))
    jagged = x[0].copy()
    jagged[:25] = np.where(np.arange(25) % 2 == 0, 0.02, 0.08)
    assert domain.outside(jagged) == ["the point is none that bend by at most 0.4 per year cubed"]
    low = x[0].copy()
    low[3] = 0.001
    assert domain.outside(low) == ["forward_3 = 0.001 is outside [0.005, 0.1]"]


def test_a_caplets_baseline_is_the_square_root_formula_on_the_curve():
    problem = nr.problems.forward_caplet(50)
    x = point("caplet", 50, 3.1, 0.5, 0.04)
    known = jax.jit(problem.baseline)(x)
    volatility = nr.models.TenorVolatility(jnp.asarray(VOLATILITY))

    @jax.jit
    def formula():
        model = nr.models.ForwardCurve(CURVE, volatility)
        return nr.pricers.SquareRootCaplet()(model, nr.products.Caplet(3.1, 3.6, 0.04)).value

    expected = formula()
    assert float(known.value[0]) == pytest.approx(float(expected), abs=1e-7)
    assert np.all(np.isfinite(known.features))
    assert float(known.scale[0]) > 0.0


def test_a_swaptions_baseline_is_near_the_simulation_and_the_floating_leg_without_a_strike():
    problem = nr.problems.forward_swaption(25)
    baseline = jax.jit(problem.baseline)
    x = point("swaption", 25, 4.0, 2.5, 0.045)
    simulation = nr.pricers.ForwardSimulation(256, 8, 4)
    price = jax.jit(lambda x: simulation(*problem.build(x)))(x)
    assert float(baseline(x).value[0]) == pytest.approx(float(price.value), abs=1e-4)
    free = point("swaption", 25, 4.0, 2.5, 0.0)
    bonds = jax.jit(
        lambda x: jax.vmap(problem.build(x)[0].curve.discount_factor)(np.array([4.0, 6.5]))
    )(free)
    assert float(baseline(free).value[0]) == pytest.approx(float(bonds[0] - bonds[1]), abs=1e-8)
    assert float(baseline(free).scale[0]) == pytest.approx(0.0, abs=1e-12)


def test_the_last_period_of_a_broken_length_is_short():
    build = jax.jit(nr.problems.forward_swaption(25).build)
    _, product = build(point("swaption", 25, 4.0, 2.5, 0.045))
    np.testing.assert_allclose(product.flow_times[:5], [4.0, 5.0, 6.0, 6.5, 6.5])
    np.testing.assert_allclose(product.annuity_weights[0, :5], [0.0, 1.0, 1.0, 0.5, 0.0])
