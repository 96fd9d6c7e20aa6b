"""Bermudans under two factors: limits with closed forms, an independent integration, derivatives, and error estimates."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr
from neuralrates.core.errors import RefusalError
from neuralrates.pricers.gaussian.european import conditional_european

CURVE = nr.market.NelsonSiegel(0.035, -0.02, 0.01, 2.0)
FINE = nr.pricers.TwoFactorInduction(1e-10)
USUAL = nr.pricers.TwoFactorInduction()
LIMIT = 1e-10  # per unit notional: what the requirement allows
BAND = 1e-6  # largest error that an answer at the usual tolerance may have


def model(
    fast: float = 0.01,
    slow: float = 0.008,
    correlation: float = -0.7,
    reversions: tuple[float, float] = (0.5, 0.03),
) -> nr.models.GaussianFactors:
    matrix = jnp.array([[1.0, correlation], [correlation, 1.0]])
    return nr.models.GaussianFactors(CURVE, reversions, jnp.stack([fast, slow]), matrix)


def swaption(
    exercises: int = 5, side: str = "receiver", first: float = 1.0
) -> nr.products.Swaption:
    times = first + np.arange(exercises)
    payments = first + 1.0 + np.arange(exercises)
    return nr.products.Swaption(times, payments, np.ones(exercises), 0.032, side)


@pytest.mark.traced
@pytest.mark.parametrize("volatility", [0.0, 1e-12], ids=str)
@pytest.mark.parametrize("side", ["payer", "receiver"])
def test_without_a_second_factor_the_price_is_that_of_one(volatility: float, side: str) -> None:
    one = nr.models.HullWhite(CURVE, 0.03, 0.008)
    exact = nr.pricers.BackwardInduction(1e-12)(one, swaption(side=side)).value
    assert abs(FINE(model(fast=volatility), swaption(side=side)).value - exact) < LIMIT


def test_two_factors_that_move_together_are_one() -> None:
    both = model(0.003, 0.005, 1.0, (0.03, 0.03))
    exact = nr.pricers.BackwardInduction(1e-12)(nr.models.HullWhite(CURVE, 0.03, 0.008), swaption())
    assert abs(FINE(both, swaption()).value - exact.value) < LIMIT


def test_one_exercise_is_a_european() -> None:
    european = nr.pricers.GaussianEuropean(24)(model(), swaption(1)).value
    assert abs(USUAL(model(), swaption(1)).value - european) < LIMIT


def test_exercises_that_cannot_pay_leave_a_european() -> None:
    """Entering the same swap a year before gives up the right to wait, so the right is worth its last exercise alone."""
    early = nr.products.Swaption(
        [1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [1.0] * 3, 0.032, "payer", [3.0, 3.0, 3.0]
    )
    last = nr.products.Swaption([3.0], [4.0, 5.0, 6.0], [1.0] * 3, 0.032, "payer")
    european = nr.pricers.GaussianEuropean(24)(model(), last).value
    assert abs(FINE(model(), early).value - european) < 1e-9


def test_the_order_of_the_factors_does_not_matter() -> None:
    swapped = model(0.008, 0.01, -0.7, (0.03, 0.5))
    assert abs(FINE(model(), swaption()).value - FINE(swapped, swaption()).value) < LIMIT


@pytest.mark.traced
def test_bermudan_against_tensor_integration() -> None:
    """Two exercises: the inner value is a European in closed form, the outer an integral over both factors on a dense grid."""
    product, law = swaption(2), model()
    assert abs(FINE(law, product).value - _two_exercises(law, product)) < BAND


def _two_exercises(law: nr.models.GaussianFactors, product: nr.products.Swaption) -> jax.Array:
    """Value by the trapezoidal rule: a kink of slope 0.03 leaves at most its square spacing over twelve times that, 9e-6 of
    a line, of either sign from line to line.
    """
    times = product.exercise_times
    root = jnp.linalg.cholesky(law.covariance(times[0]))
    step = law.covariance(times[1]) - law.covariance(times[0])
    loadings = jax.vmap(law.loadings)(product.flow_times)
    factors = jax.vmap(law.curve.discount_factor)(product.flow_times)

    def value(normals: jax.Array) -> jax.Array:
        state = root @ normals
        convexity = jnp.sum(loadings @ law.covariance(times[0]) * loadings, axis=1)
        bonds = factors * jnp.exp(-loadings @ state - 0.5 * convexity)
        wait = conditional_european(product.flows[1] * bonds, loadings, step, 12)
        return jnp.maximum(jnp.sum(product.flows[0] * bonds), wait)

    def integral() -> jax.Array:
        nodes = jnp.linspace(-6.5, 6.5, 241)
        grid = jnp.stack(jnp.meshgrid(nodes, nodes, indexing="ij"), axis=-1).reshape(-1, 2)
        density = jnp.exp(-0.5 * jnp.sum(grid**2, axis=1)) / (2.0 * jnp.pi)
        values = jax.lax.map(value, grid, batch_size=1024)
        return jnp.sum(density * values) * (nodes[1] - nodes[0]) ** 2

    return jax.jit(integral)()


@pytest.mark.parametrize("correlation", [-0.9, 0.0, 0.7])
def test_error_covers_what_a_fine_price_shows(correlation: float) -> None:
    law, product = model(0.012, 0.008, correlation), swaption(7, first=0.5)
    price, exact = USUAL(law, product), FINE(law, product)
    assert abs(price.value - exact.value) < price.error + exact.error
    assert price.error < BAND


def test_sub_bermudans_are_prices_of_their_own() -> None:
    rights = FINE.sub_bermudans(model(), swaption(4))
    for start in range(3):
        product = nr.products.Swaption(
            swaption(4).exercise_times[start:],
            swaption(4).flow_times[1 + start :],
            np.ones(4 - start),
            0.032,
            "receiver",
        )
        assert abs(rights[start] - FINE(model(), product).value) < LIMIT
    assert abs(rights[3] - nr.pricers.GaussianEuropean(24)(model(), product_of_last()).value) < 1e-9


def product_of_last() -> nr.products.Swaption:
    return nr.products.Swaption([4.0], [5.0], [1.0], 0.032, "receiver")


def test_piecewise_volatilities_that_are_equal_are_one() -> None:
    matrix = [[1.0, -0.7], [-0.7, 1.0]]
    pieces = nr.models.GaussianFactors(
        CURVE, [0.5, 0.03], [[0.01, 0.01], [0.008, 0.008]], matrix, [2.5]
    )
    assert abs(USUAL(pieces, swaption()).value - USUAL(model(), swaption()).value) < 1e-12
    louder = nr.models.GaussianFactors(
        CURVE, [0.5, 0.03], [[0.01, 0.012], [0.008, 0.01]], matrix, [2.5]
    )
    assert USUAL(louder, swaption()).value > USUAL(model(), swaption()).value + 1e-4


@pytest.mark.traced
def test_gradient_is_that_of_differences() -> None:
    """To volatilities, correlation, mean reversion and the curve, traced, in one call for several models."""

    def value(x: jax.Array) -> jax.Array:
        matrix = jnp.array([[1.0, x[2]], [x[2], 1.0]])
        law = nr.models.GaussianFactors(
            nr.market.FlatCurve(x[4]), jnp.stack([x[3], 0.03]), x[:2], matrix
        )
        return FINE(law, swaption(4)).value

    base, steps = jnp.array([0.01, 0.008, -0.6, 0.4, 0.03]), 1e-4 * jnp.array([0.1, 0.1, 10, 10, 1])
    moved = jnp.concatenate([base[None] + jnp.diag(steps), base[None] - jnp.diag(steps)])
    values = jax.jit(jax.vmap(value))(moved)
    slopes = (values[:5] - values[5:]) / (2.0 * steps)
    np.testing.assert_allclose(jax.grad(value)(base), slopes, rtol=1e-4)


def test_odd_coupons_with_several_boundaries() -> None:
    """A swap whose sides change: exercise pays in a band of rates, and the multi-boundary rule is a rule like the other."""
    times, flows = np.array([1.0, 2.0]), np.array([1.0, 2.0, 3.0, 4.0, 8.0])
    weights = np.array([[1.0, 0.02, -2.1, 0.03, 1.03], [0.0, 1.0, -2.1, 0.03, 1.03]])
    product = nr.products.Swaption.from_weights(
        times, flows, 0.0 * weights, -0.5 * weights, 0.03, "receiver"
    )
    law = model(0.02, 0.015)
    assert abs(FINE(law, product).value - _two_exercises(law, product)) < BAND


def test_other_numbers_of_factors_are_refused() -> None:
    one = nr.models.GaussianFactors(CURVE, [0.03], [0.01], [[1.0]])
    with pytest.raises(RefusalError, match="two factors"):
        USUAL(one, swaption())


@pytest.mark.traced
def test_a_strong_mean_reversion_does_not_overflow() -> None:
    product = nr.products.Swaption(
        np.arange(1.0, 30.0), np.arange(2.0, 31.0), np.ones(29), 0.032, "payer"
    )
    price = USUAL(model(0.02, 0.008, -0.5, (1.0, 0.03)), product)
    assert 0.05 < price.value < 0.3
    assert price.error < BAND
