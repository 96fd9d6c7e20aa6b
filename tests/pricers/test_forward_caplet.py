"""Caplets on the forward curve against second codes: scipy's law, a grid, sums by hand and Hull-White."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.linalg import solve_banded
from scipy.special import gammaincc
from scipy.stats import ncx2, poisson

import neuralrates as nr
from neuralrates.pricers.forward_curve.square_root import (
    square_root_call,
    square_root_density,
    square_root_ratio_call,
)

pytestmark = pytest.mark.traced

CURVE = nr.market.Svensson(0.045, -0.02, 0.01, 0.03, 1.5, 11.0)
VOLATILITY = nr.models.TenorVolatility(
    [
        [0.045, 0.013, 0.016, 0.001],
        [0.006, -0.049, -0.013, -0.005],
        [-0.007, 0.016, -0.026, 0.008],
    ]
)
MODEL = nr.models.ForwardCurve(CURVE, VOLATILITY)


def frozen(model, start, end, strike):
    return nr.pricers.FrozenCaplet()(model, nr.products.Caplet(start, end, strike)).value


def square_root(model, start, end, strike):
    return nr.pricers.SquareRootCaplet()(model, nr.products.Caplet(start, end, strike)).value


ratio_call = jax.jit(square_root_ratio_call)
ratio_variance = jax.jit(nr.models.ForwardCurve.ratio_variance)


def schroder(level, strike, variance):
    """The call by two non-central chi-square probabilities of scipy."""
    now, then = 4.0 * level**2 / variance, 4.0 * level * strike / variance
    return level * ncx2.sf(then, 4, now) - strike * ncx2.cdf(now, 2, then)


def test_a_square_root_martingale_has_schroders_call():
    """And his difference quotients for the density."""
    call, density = jax.jit(square_root_call), jax.jit(square_root_density)
    for level, strike, deviation in (
        (0.04, 0.04, 0.02),
        (0.04, 0.001, 0.03),
        (0.01, 0.03, 0.015),
        (0.08, 0.05, 0.002),
        (0.05, 0.12, 0.06),
    ):
        expected = schroder(level, strike, deviation**2)
        assert float(call(level, strike, deviation**2)) == pytest.approx(expected, abs=1e-12)
        ends = [schroder(level, strike * (1.0 + move), deviation**2) for move in (-1e-3, 0.0, 1e-3)]
        curvature = (ends[0] - 2.0 * ends[1] + ends[2]) / (1e-3 * strike) ** 2
        found = float(density(level, strike, deviation**2))
        assert found == pytest.approx(curvature, rel=1e-4, abs=1e-4)
    assert float(call(0.04, 0.0, 9e-4)) == pytest.approx(0.04, abs=1e-14)


def test_the_calls_first_and_second_derivatives_are_schroders():
    """Against central differences of the formula, and of its first derivatives, which are smoother than scipy's law."""
    slopes = jax.jit(jax.grad(square_root_call, (0, 1, 2)))
    curvatures = jax.jit(jax.hessian(square_root_call, (0, 1, 2)))
    for point in ((0.04, 0.04, 4e-4), (0.01, 0.03, 2e-4), (0.08, 0.05, 1e-4)):
        for k in range(3):
            up, down, width = moved(point, k, 1e-4)
            expected = (schroder(*up) - schroder(*down)) / width
            assert float(slopes(*point)[k]) == pytest.approx(expected, rel=1e-6, abs=1e-9)
            up, down, width = moved(point, k, 1e-5)
            expected = (np.array(slopes(*up)) - np.array(slopes(*down))) / width
            np.testing.assert_allclose(curvatures(*point)[k], expected, rtol=1e-6, atol=1e-6)


def moved(point, k, move):
    up, down = (
        [x * (1.0 + (j == k) * sign * move) for j, x in enumerate(point)] for sign in (1.0, -1.0)
    )
    return up, down, up[k] - down[k]


def on_a_grid(log_ratio, log_strike, variance, top=0.4, num_points=4001, num_steps=800):
    """Crank-Nicolson, four implicit half steps first, for u_v = (x / 2 x0) (u_xx - u_x) with u = 0 at zero."""
    x = np.linspace(0.0, top, num_points)
    width = x[1]
    value = np.maximum(np.exp(x) - np.exp(log_strike), 0.0)
    rate = 0.5 * x[1:-1] / log_ratio
    down, up = rate * (1.0 / width**2 + 0.5 / width), rate * (1.0 / width**2 - 0.5 / width)
    diagonal = -2.0 * rate / width**2

    def step(value, length, explicit):
        inside = value[1:-1] + explicit * length * (
            down * value[:-2] + diagonal * value[1:-1] + up * value[2:]
        )
        implicit = (1.0 - explicit) * length
        inside[-1] += implicit * up[-1] * value[-1]
        bands = np.zeros((3, num_points - 2))
        bands[0, 1:], bands[1], bands[2, :-1] = (
            -implicit * up[:-1],
            1.0 - implicit * diagonal,
            -implicit * down[1:],
        )
        return np.concatenate([value[:1], solve_banded((1, 1), bands, inside), value[-1:]])

    length = variance / num_steps
    for _ in range(4):
        value = step(value, 0.5 * length, 0.0)
    for _ in range(num_steps - 2):
        value = step(value, length, 0.5)
    return np.interp(log_ratio, x, value)


def test_the_square_root_formula_solves_its_equation():
    for log_ratio, log_strike, variance in (
        (0.03, 0.03, 3e-4),
        (0.03, 0.01, 3e-4),
        (0.05, 0.07, 5e-4),
        (0.02, 0.03, 2e-4),
    ):
        found = float(ratio_call(log_ratio, log_strike, variance))
        expected = on_a_grid(log_ratio, log_strike, variance)
        assert found == pytest.approx(expected, abs=1e-7)


def test_a_floor_is_the_mixture_of_gammas_below_the_strike():
    """Parity, with the put summed over the Poisson mixture that a chi-square of no degrees of freedom is."""
    log_ratio, log_strike, variance = 0.03, 0.025, 3e-4
    growth = 0.5 * variance / log_ratio
    step = -0.5 * np.expm1(-growth)
    counts = np.arange(1, 200)
    weights = poisson.pmf(counts, 0.5 * log_ratio * np.exp(-growth) / step)
    nobody = poisson.pmf(0, 0.5 * log_ratio * np.exp(-growth) / step)
    below = 1.0 - gammaincc(counts, 0.5 * log_strike / step)
    tilt = 1.0 - 2.0 * step
    tilted = tilt ** -counts.astype(float) * (
        1.0 - gammaincc(counts, 0.5 * log_strike * tilt / step)
    )
    strike = np.exp(log_strike)
    put = nobody * (strike - 1.0) + np.sum(weights * (strike * below - tilted))
    call = float(ratio_call(log_ratio, log_strike, variance))
    assert call - put == pytest.approx(np.exp(log_ratio) - strike, abs=1e-12)


def test_a_short_period_is_the_formula_of_constant_elasticity():
    """As the period shrinks the rate is a square-root martingale of its own, whose call is Schroder's."""
    start, period, strike = 4.0, 1e-4, 0.05
    rate, paid = float(CURVE.forward_rate(start, start + period)), float(CURVE.discount_factor(4.0))
    clock = float(ratio_variance(MODEL, start, start + period)) / period**2 / rate
    now, then = 4.0 * rate / clock, 4.0 * strike / clock
    expected = rate * ncx2.sf(then, 4, now) - strike * ncx2.cdf(now, 2, then)
    found = float(square_root(MODEL, start, start + period, strike)) / period / paid
    assert found == pytest.approx(expected, rel=1e-4)


def test_without_a_strike_a_caplet_is_a_difference_of_bonds():
    for start, end in ((0.0, 0.5), (0.1, 0.5), (5.0, 5.75)):
        expected = float(CURVE.discount_factor(start) - CURVE.discount_factor(end))
        assert float(square_root(MODEL, start, end, 0.0)) == pytest.approx(expected, abs=1e-13)


def test_a_caplet_that_starts_now_is_worth_its_payoff():
    discount = float(CURVE.discount_factor(0.5))
    for strike in (0.01, 0.2):
        expected = max(1.0 - (1.0 + 0.5 * strike) * discount, 0.0)
        for caplet in (frozen, square_root):
            assert float(caplet(MODEL, 0.0, 0.5, strike)) == pytest.approx(expected, abs=1e-9)


def test_a_cap_is_its_caplets_and_less_the_floor_the_swap():
    starts = jnp.array([0.5, 1.0, 1.75])
    ends = jnp.array([1.0, 1.75, 2.5])
    cap, floor = (
        nr.pricers.CapletStrip(nr.pricers.SquareRootCaplet())(MODEL, kind(starts, ends, 0.04)).value
        for kind in (nr.products.Cap, nr.products.Floor)
    )
    caplets = [square_root(MODEL, *period, 0.04) for period in zip(starts, ends, strict=True)]
    assert float(cap) == pytest.approx(float(sum(caplets)), abs=1e-14)
    bonds = [float(CURVE.discount_factor(t)) for t in (0.5, 1.0, 1.75, 2.5)]
    swap = bonds[0] - bonds[-1] - 0.04 * (0.5 * bonds[1] + 0.75 * bonds[2] + 0.75 * bonds[3])
    assert float(cap - floor) == pytest.approx(swap, abs=1e-14)


def test_the_frozen_formula_is_exact_where_the_volatility_does_not_move():
    """Above the square of the cap the volatility is that of Ho and Lee: Hull-White without reversion."""
    curve = nr.market.FlatCurve(0.25)
    model = nr.models.ForwardCurve(curve, nr.models.TenorVolatility([[0.03], [0.04]]))
    gaussian = nr.models.HullWhite(curve, 0.0, 0.4 * 0.05)
    for strike in (0.2, 0.3):
        expected = float(
            nr.pricers.GaussianCaplet()(gaussian, nr.products.Caplet(3.0, 3.5, strike)).value
        )
        assert float(frozen(model, 3.0, 3.5, strike)) == pytest.approx(expected, abs=1e-14)


def test_both_tend_to_the_normal_model_as_the_expiry_shrinks():
    start, end = 0.02, 0.27
    rate, discount = float(CURVE.forward_rate(start, end)), float(CURVE.discount_factor(end))
    deviation = np.sqrt(float(ratio_variance(MODEL, start, end))) * (1.0 + 0.25 * rate)
    expected = discount * deviation / np.sqrt(2.0 * np.pi)
    for caplet in (frozen, square_root):
        assert float(caplet(MODEL, start, end, rate)) == pytest.approx(expected, rel=1e-3)


def test_the_square_root_formula_has_slopes_to_curve_expiry_and_strike():
    """Slopes by automatic differentiation against central differences."""

    def value(parameters):
        rate, start, strike = parameters
        model = nr.models.ForwardCurve(nr.market.FlatCurve(rate), VOLATILITY)
        return square_root(model, start, start + 0.5, strike)

    point = jnp.array([0.045, 3.0, 0.05])
    slopes = jax.jit(jax.grad(value))(point)
    steps = 1e-5 * jnp.eye(3)
    compiled = jax.jit(value)
    differences = [(compiled(point + step) - compiled(point - step)) / 2e-5 for step in steps]
    np.testing.assert_allclose(slopes, differences, atol=1e-7)


def test_what_the_formulas_do_not_cover_is_refused():
    with pytest.raises(ValueError, match=r"`end` must be after `start`"):
        nr.products.Caplet(1.0, 1.0, 0.03)
    with pytest.raises(ValueError, match=r"end within the horizon"):
        square_root(MODEL, 5.5, 6.0, 0.03)
    with pytest.raises(ValueError, match=r"strike` must be at least 0"):
        square_root(MODEL, 1.0, 1.5, -0.01)
    high = nr.models.ForwardCurve(nr.market.FlatCurve(0.2), VOLATILITY)
    with pytest.raises(ValueError, match=r"use FrozenCaplet"):
        square_root(high, 1.0, 1.5, 0.2)


def test_what_the_square_root_formulas_miss_is_within_their_error():
    """Against the simulation, where it is largest: long expiries at low rates."""
    simulation = nr.pricers.ForwardSimulation(512, 8, 4)
    model = nr.models.ForwardCurve(CURVE, VOLATILITY, horizon=16.0)
    caplet = nr.products.Caplet(5.0, 5.7, 0.012)
    swaption = nr.products.Swaption([7.0], np.arange(8.0, 17.0), [1.0] * 9, 0.02, "payer")
    for formula, trade in (
        (nr.pricers.SquareRootCaplet(), caplet),
        (nr.pricers.FrozenCaplet(), caplet),
        (nr.pricers.SquareRootSwaption(), swaption),
    ):
        found, exact = formula(model, trade), simulation(model, trade)
        assert abs(float(found.value - exact.value)) < float(found.error + 3.0 * exact.error)
        assert float(found.error) < 0.03 * float(found.value)
