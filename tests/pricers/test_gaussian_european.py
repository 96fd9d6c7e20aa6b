"""Europeans under several Gaussian factors: against Jamshidian's formula, and against more points of the rule."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr

pytestmark = pytest.mark.traced

CURVE = nr.market.NelsonSiegel(0.03, -0.012, 0.01, 2.0)
CORRELATION = np.exp(-0.5 * np.abs(np.subtract.outer(np.arange(3), np.arange(3))))


def trade(exercise_times: list[float], strike: float = 0.03) -> nr.products.Swaption:
    return nr.products.Swaption(
        exercise_times, [3, 4, 5, 6, 7], [1] * 5, strike=strike, side="payer"
    )


def test_one_factor_is_jamshidian() -> None:
    one = nr.models.GaussianFactors(CURVE, [0.03], [0.01], [[1.0]])
    other = nr.pricers.Jamshidian()(nr.models.HullWhite(CURVE, 0.03, 0.01), trade([2.0]))
    assert abs(nr.pricers.GaussianEuropean()(one, trade([2.0])).value - other.value) < 1e-15


@pytest.mark.parametrize("strike", [-0.03, 0.03, 0.12])
def test_few_points_suffice_near_and_far_from_the_money(strike: float) -> None:
    model = nr.models.GaussianFactors(CURVE, [0.0, 0.2, 1.0], [0.006, 0.004, 0.004], CORRELATION)
    prices = [nr.pricers.GaussianEuropean(n)(model, trade([2.0], strike)) for n in (8, 24)]
    assert abs(prices[0].value - prices[1].value) < 1e-12
    assert prices[0].error < 1e-10


def test_gradient_is_that_of_differences() -> None:
    def value(kappas: jax.Array) -> jax.Array:
        model = nr.models.GaussianFactors(CURVE, kappas, [0.01, 0.008], [[1.0, -0.5], [-0.5, 1.0]])
        return nr.pricers.GaussianEuropean()(model, trade([2.0])).value

    at, step = jnp.array([0.2, 0.2]), 1e-5
    bumps = step * jnp.concatenate([jnp.eye(2), -jnp.eye(2)])
    up, down = np.split(np.asarray(jax.jit(jax.vmap(value))(at[None, :] + bumps)), 2)
    np.testing.assert_allclose(jax.jit(jax.grad(value))(at), (up - down) / (2.0 * step), atol=1e-8)


def test_more_exercises_are_refused() -> None:
    model = nr.models.GaussianFactors(CURVE, [0.03], [0.01], [[1.0]])
    with pytest.raises(ValueError, match="must have one exercise time"):
        nr.pricers.GaussianEuropean()(model, trade([2.0, 3.0]))


def test_strong_mean_reversion_against_integration_over_both_factors() -> None:
    """In the last bond, where no weight grows: by the trapezoidal rule, whose error at a kink is of the square of its step."""
    product = nr.products.Swaption([8.4], 9.4 + np.arange(5), np.ones(5), 0.029, "payer")
    model = nr.models.GaussianFactors(
        CURVE, [0.96, 0.25], [0.0043, 0.0103], [[1.0, -0.2], [-0.2, 1.0]]
    )
    times = np.asarray(product.flow_times)
    loadings = np.asarray(jax.vmap(model.loadings)(times))
    root = np.linalg.cholesky(np.asarray(model.covariance(8.4)))
    moved = (loadings - loadings[-1]) @ root
    present_values = np.asarray(product.flows[0] * jax.vmap(CURVE.discount_factor)(times))
    nodes = np.linspace(-8.0, 8.0, 1601)
    density = np.exp(-0.5 * nodes**2) / np.sqrt(2.0 * np.pi) * (nodes[1] - nodes[0])
    value = 0.0
    for node, weight in zip(nodes, density, strict=True):
        states = np.stack([np.full(nodes.shape, node), nodes])
        worth = np.exp(-moved @ states - 0.5 * np.sum(moved**2, axis=1)[:, None])
        value += weight * float(density @ np.maximum(present_values @ worth, 0.0))
    for points in (8, 24):
        assert abs(nr.pricers.GaussianEuropean(points)(model, product).value - value) < 1e-8
