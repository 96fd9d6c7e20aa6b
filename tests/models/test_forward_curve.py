"""The forward-curve model against formulas written out by hand and against Hull-White."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr

SVENSSON = (0.045, -0.02, 0.01, 0.03, 1.5, 11.0)
COEFFICIENTS = [
    [0.045, 0.013, 0.016, 0.001],
    [0.006, -0.049, -0.013, -0.005],
    [-0.007, 0.016, -0.026, 0.008],
]
MODEL = nr.models.ForwardCurve(
    nr.market.Svensson(*SVENSSON), nr.models.TenorVolatility(COEFFICIENTS)
)


def by_hand(tau):
    """Forward and slope, equations 11 and 15 of Mott (2026)."""
    b0, b1, b2, b3, t1, t2 = SVENSSON
    first, second = np.exp(-tau / t1), np.exp(-tau / t2)
    rate = b0 + (b1 + b2 * tau / t1) * first + b3 * tau / t2 * second
    slope = (-b1 / t1 + b2 / t1 * (1.0 - tau / t1)) * first + b3 / t2 * (1.0 - tau / t2) * second
    return rate, slope


@pytest.mark.traced
def test_the_drift_is_that_of_musiela():
    """Against the paper's formulas and a trapezoid of a hundred thousand steps."""
    tenors = np.array([0.0, 0.3, 2.0, 5.75])
    grid = np.linspace(0.0, 5.75, 115_001)
    angle = 2.0 * grid / 30.0 - 1.0
    sigma = np.polynomial.chebyshev.chebval(angle, np.transpose(COEFFICIENTS))
    loading = sigma * np.sqrt(by_hand(grid)[0])
    steps = 0.5 * (loading[:, 1:] + loading[:, :-1]) * (grid[1] - grid[0])
    integral = np.concatenate([np.zeros((3, 1)), np.cumsum(steps, axis=1)], axis=1)
    places = np.searchsorted(grid, tenors - 1e-9)
    expected = by_hand(tenors)[1] + (loading * integral).sum(axis=0)[places]
    found = jax.jit(lambda model, at: model.drift(at))(MODEL, jnp.asarray(tenors))
    np.testing.assert_allclose(found, expected, rtol=0.0, atol=1e-11)


@pytest.mark.parametrize("count", [1, 2, 4])
def test_the_volatility_of_a_maturity_is_that_of_the_tenor_left(count):
    """Against Chebyshev polynomials by NumPy."""
    coefficients = np.array(COEFFICIENTS)[:, :count]
    volatility = nr.models.TenorVolatility(coefficients, 25.0)
    shares, start, scale = np.array([0.0, 0.175, 1.0]), 4.0, 1.3
    times, maturities = start * shares, np.array([4.0, 9.5, 22.0])
    tenors = maturities[None, :] - times[:, None]
    expected = np.polynomial.chebyshev.chebval(2.0 * tenors / 25.0 - 1.0, coefficients.T)
    by_power = volatility.by_maturity(jnp.asarray(shares)) @ start ** jnp.arange(float(count))
    found = by_power @ volatility.powers(jnp.asarray(maturities))
    np.testing.assert_allclose(found, np.moveaxis(expected, 0, 1), rtol=0.0, atol=1e-15)
    scaled = nr.models.TenorVolatility(coefficients, 25.0, scale)
    np.testing.assert_allclose(scaled(jnp.asarray(tenors[1])), scale * expected[:, 1], atol=1e-15)


def test_the_scale_is_a_root_up_to_the_cap():
    found = MODEL.scale(jnp.array([-0.01, 0.0, 0.04, 0.25]))
    np.testing.assert_allclose(found, [0.0, 0.0, 0.2, 0.4], atol=1e-15)


@pytest.mark.traced
def test_an_exponential_volatility_on_a_flat_curve_is_hull_white():
    """On a flat curve of four percent the scale is 0.2 today; frozen there, one factor of exponential tenor is Hull-White."""
    reversion, volatility = 0.1, 0.012
    exponential = np.polynomial.chebyshev.chebinterpolate(
        lambda x: volatility / 0.2 * np.exp(-reversion * 15.0 * (x + 1.0)), 24
    )
    curve = nr.market.FlatCurve(0.04)
    model = nr.models.ForwardCurve(curve, nr.models.TenorVolatility([exponential]), horizon=12.0)
    gaussian = nr.models.HullWhite(curve, reversion, volatility)
    variance = jax.jit(lambda start, end: model.ratio_variance(start, end))
    for start, end in ((0.25, 0.5), (5.0, 5.75), (2.0, 12.0)):
        spread = gaussian.loading(end) - gaussian.loading(start)
        expected = float(spread**2 * gaussian.variance(start))
        assert float(variance(start, end)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("rate", [-0.01, 0.0, 0.004])
def test_negative_and_near_zero_forwards_are_refused(rate):
    with pytest.raises(ValueError, match=r"`curve` must have forward rates of at least 0.005"):
        nr.models.ForwardCurve(nr.market.FlatCurve(rate), MODEL.volatility)


def test_tenors_past_the_grid_are_refused():
    with pytest.raises(ValueError, match=r"`horizon` must be at most the longest tenor"):
        nr.models.ForwardCurve(MODEL.curve, MODEL.volatility, horizon=31.0)
    with pytest.raises(ValueError, match=r"`tenors` must be at most the horizon of 5.75 years"):
        MODEL.drift(jnp.array([1.0, 6.0]))
    with pytest.raises(ValueError, match=r"`end` must be at most the horizon of 5.75 years"):
        MODEL.ratio_variance(5.5, 6.0)


def test_degenerate_svensson_parameters_are_refused():
    with pytest.raises(ValueError, match=r"`beta2` must be a decimal"):
        nr.market.Svensson(0.03, 0.01, -18582.0, 18582.0, 2.0, 2.0)
    with pytest.raises(ValueError, match=r"`tau1` must be above 0"):
        nr.market.Svensson(0.03, 0.01, 0.0, 0.0, 0.0, 2.0)
