"""Several Gaussian factors: martingales, limits, the law of the transition, and QuantLib's bond options."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import QuantLib as ql  # noqa: N813
from scipy.stats import norm

import neuralrates as nr
from neuralrates.models.gaussian import square_root
from neuralrates.pricers.quantlib.days import evaluation_date, quantlib_curve

pytestmark = pytest.mark.traced

CURVE = nr.market.NelsonSiegel(0.03, -0.012, 0.01, 2.0)
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(24)
WEIGHTS = WEIGHTS / np.sqrt(2.0 * np.pi)
REVERSIONS = [(0.5, 0.03), (0.0, 0.0), (-0.02, 0.1), (0.2, 0.2), (1.0, 0.0)]
CORRELATION = ((1.0, -0.6), (-0.6, 1.0))

each_reversion = pytest.mark.parametrize("reversions", REVERSIONS, ids=str)


def two_factors(
    reversions: tuple[float, float] = (0.5, 0.03),
    correlation: tuple[tuple[float, ...], ...] = CORRELATION,
    volatilities: tuple[float, float] = (0.01, 0.008),
) -> nr.models.GaussianFactors:
    return nr.models.GaussianFactors(CURVE, reversions, volatilities, correlation)


@eqx.filter_jit
def _expected(model: nr.models.GaussianFactors, now, then, maturity, state) -> jax.Array:
    """Mean at `then` of the deflated bond, by a product rule in the normals of the transition."""
    first, second = (grid.ravel() for grid in np.meshgrid(NODES, NODES))
    weights = np.outer(WEIGHTS, WEIGHTS).ravel()

    def deflated(normal: jax.Array) -> jax.Array:
        later = model.transition(now, then, state, normal)
        return model.bond(then, maturity, later) / model.numeraire(then, later)

    return weights @ jax.vmap(deflated)(jnp.stack([first, second], axis=1))


@each_reversion
@pytest.mark.parametrize("times", [(0.0, 0.5, 3.0), (1.0, 5.0, 12.0), (2.0, 2.0, 7.0)], ids=str)
def test_deflated_bond_is_a_martingale(reversions: tuple, times: tuple) -> None:
    now, then, maturity = (jnp.asarray(time) for time in times)
    model = two_factors(reversions)
    state = jnp.zeros(2) if now == 0.0 else jnp.array([0.01, -0.02])
    value = model.bond(now, maturity, state) / model.numeraire(now, state)
    assert abs(_expected(model, now, then, maturity, state) / value - 1.0) < 1e-12
    if now == 0.0:
        assert abs(value / CURVE.discount_factor(maturity) - 1.0) < 1e-15


def test_bond_at_its_maturity_is_one() -> None:
    states = jnp.linspace(-0.1, 0.1, 18).reshape(9, 2)
    bonds = jax.vmap(lambda x: two_factors().bond(3.0, 3.0, x))(states)
    assert np.max(np.abs(bonds - 1.0)) < 1e-14


@pytest.mark.parametrize("mean_reversion", [-0.02, 0.0, 0.03, 0.5])
def test_one_factor_is_hull_white(mean_reversion: float) -> None:
    one = nr.models.GaussianFactors(CURVE, [mean_reversion], [0.01], [[1.0]])
    other = nr.models.HullWhite(CURVE, mean_reversion, 0.01)
    for x in (-0.03, 0.0, 0.02):
        state, number = jnp.array([x]), jnp.asarray(x)
        moved = one.transition(1.0, 3.0, state, jnp.ones(1))[0]
        pairs = [
            (one.bond(2.0, 9.0, state), other.bond(2.0, 9.0, number)),
            (one.numeraire(2.0, state), other.numeraire(2.0, number)),
            (moved, other.transition(1.0, 3.0, number, jnp.ones(()))),
        ]
        for ours, theirs in pairs:
            assert abs(ours / theirs - 1.0) < 1e-14


def test_two_factors_that_move_together_are_one() -> None:
    model = two_factors((0.1, 0.1), ((1.0, 1.0), (1.0, 1.0)))
    other = nr.models.HullWhite(CURVE, 0.1, 0.018)
    state = model.transition(0.0, 3.0, jnp.zeros(2), jnp.array([0.7, -1.3]))
    number = other.transition(0.0, 3.0, jnp.zeros(()), jnp.asarray(0.7))
    assert abs(jnp.sum(state) / number - 1.0) < 1e-13
    for end in (3.0, 5.0, 20.0):
        assert abs(model.bond(3.0, end, state) / other.bond(3.0, end, number) - 1.0) < 1e-13


@each_reversion
def test_two_steps_are_one_in_law(reversions: tuple) -> None:
    model, root = two_factors(reversions), jnp.eye(2)
    at = jnp.array([0.01, -0.02])

    def steps(start: float, end: float) -> jax.Array:
        """Square root of the covariance of a step, read off the transition."""
        moved = jax.vmap(lambda z: model.transition(start, end, at, z) - at)(root)
        return moved.T

    halves = [steps(1.0, 2.5), steps(2.5, 4.0)]
    whole = steps(1.0, 4.0)
    np.testing.assert_allclose(sum(h @ h.T for h in halves), whole @ whole.T, rtol=1e-12)
    assert jnp.all(model.transition(2.0, 2.0, at, jnp.ones(2)) == at)


def test_square_root_is_cholesky() -> None:
    covariance = two_factors().covariance(4.0)
    np.testing.assert_allclose(square_root(covariance), np.linalg.cholesky(covariance), rtol=1e-14)


def _bond_option(model: nr.models.GaussianFactors, expiry: float, end: float, strike: float):
    """Call on a zero-coupon bond: Black's formula with the variance of the log of the forward bond."""
    spread = model.loadings(end) - model.loadings(expiry)
    deviation = float(jnp.sqrt(spread @ model.covariance(expiry) @ spread))
    near, far = (float(CURVE.discount_factor(time)) for time in (expiry, end))
    high = np.log(far / (near * strike)) / deviation + 0.5 * deviation
    return far * norm.cdf(high) - strike * near * norm.cdf(high - deviation)


@pytest.mark.parametrize("strike", [0.6, 0.75, 0.9])
def test_bond_option_is_quantlib(strike: float) -> None:
    with evaluation_date():
        theirs = ql.G2(quantlib_curve(CURVE, 3650), 0.5, 0.01, 0.03, 0.008, -0.6)
        option = theirs.discountBondOption(ql.Option.Call, strike, 2.0, 9.0)
    assert abs(_bond_option(two_factors(), 2.0, 9.0, strike) - option) < 1e-10


@pytest.mark.parametrize("reversions", [(0.0, 0.0), (0.0, 0.3), (0.2, 0.2)], ids=str)
def test_gradients_are_finite_and_right_in_the_limits(reversions: tuple) -> None:
    state, normal = jnp.array([0.01, -0.02]), jnp.array([0.5, -1.0])

    @jax.jit
    def bond(kappas: jax.Array) -> jax.Array:
        model = two_factors(kappas)
        later = model.transition(1.0, 4.0, state, normal)
        return model.bond(4.0, 9.0, later)

    at, step = jnp.asarray(reversions), 1e-5
    bumped = [(bond(at + step * e) - bond(at - step * e)) / (2.0 * step) for e in jnp.eye(2)]
    np.testing.assert_allclose(jax.grad(bond)(at), jnp.stack(bumped), atol=1e-8)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0.1, 0.2], [0.01, 0.01], [[1.0, 1.2], [1.2, 1.0]]), "`correlation` must be symmetric"),
        (([0.1, 0.2], [0.01, 0.01], [[1.0, 0.2], [0.3, 1.0]]), "`correlation` must be symmetric"),
        (([0.1, 0.2], [0.01, 0.01], [[2.0, 0.2], [0.2, 1.0]]), "`correlation` must be symmetric"),
        (([0.1, 0.2], [0.01, -0.01], CORRELATION), "`volatilities` must be at least 0"),
        (([0.1, 0.2], [0.01, 1.0], CORRELATION), "`volatilities` must be a decimal"),
        (([0.1, np.nan], [0.01, 0.01], CORRELATION), "`mean_reversions` must be finite"),
        (([0.1], [0.01, 0.01], CORRELATION), "per factor"),
    ],
)
def test_bad_input_is_refused(arguments: tuple, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        nr.models.GaussianFactors(CURVE, *arguments)
