"""The integral against QuantLib, its own refinement, and limits."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import QuantLib as ql

from neuralrates.models import Heston
from neuralrates.pricers.black_scholes import black_call
from neuralrates.pricers.heston import characteristic_function as heston
from neuralrates.pricers.heston.characteristic_function import heston_call

pytestmark = pytest.mark.traced


def price(log_moneyness, expiry, *law):
    return heston_call(Heston(*law), log_moneyness, expiry)


prices = jax.jit(jax.vmap(price))
ROWS = 200  # every test prices so many, which compiles once


def draw(count, seed=0):
    """Points of the stated domain; strikes within four deviations and within e^3 of the forward."""
    random = np.random.default_rng(seed)

    def log_uniform(low, high):
        return np.exp(random.uniform(np.log(low), np.log(high), count))

    expiry, variance, reversion = (
        log_uniform(1 / 52, 5.0),
        log_uniform(0.005, 0.5),
        log_uniform(0.3, 10.0),
    )
    long_variance, volatility = log_uniform(0.005, 0.5), log_uniform(0.1, 2.5)
    correlation = random.uniform(-0.95, 0.7, count)
    decay = -np.expm1(-reversion * expiry) / reversion
    deviation = np.sqrt(long_variance * (expiry - decay) + variance * decay)
    moneyness = np.clip(random.uniform(-4.0, 4.0, count) * deviation, -3.0, 3.0)
    columns = moneyness, expiry, variance, reversion, long_variance, volatility, correlation
    return tuple(jnp.asarray(column) for column in columns)


def quantlib_call(moneyness, expiry, variance, reversion, long_variance, volatility, correlation):
    today = ql.Date(2, 1, 2020)
    ql.Settings.instance().evaluationDate = today
    days = round(365 * expiry)
    flat = ql.YieldTermStructureHandle(ql.FlatForward(today, 0.0, ql.Actual365Fixed()))
    spot = ql.QuoteHandle(ql.SimpleQuote(1.0))
    process = ql.HestonProcess(
        flat, flat, spot, variance, reversion, long_variance, volatility, correlation
    )
    payoff = ql.PlainVanillaPayoff(ql.Option.Call, float(np.exp(moneyness)))
    option = ql.VanillaOption(payoff, ql.EuropeanExercise(today + days))
    option.setPricingEngine(ql.AnalyticHestonEngine(ql.HestonModel(process), 1e-13, 100_000))
    return option.NPV(), days / 365.0


def test_agrees_with_quantlib_over_the_domain():
    points = [np.array(column) for column in draw(ROWS)]
    theirs = []
    for row in range(ROWS):
        value, points[1][row] = quantlib_call(*(float(column[row]) for column in points))
        theirs.append(value)
    ours = np.asarray(prices(*map(jnp.asarray, points)))
    assert np.max(np.abs(ours - theirs)) < 1e-8


def test_more_nodes_change_nothing(monkeypatch):
    points = draw(ROWS, seed=1)
    coarse = np.asarray(prices(*points))
    nodes, weights = np.polynomial.legendre.leggauss(400)
    monkeypatch.setattr(heston, "_NODES", jnp.asarray(0.5 * nodes))
    monkeypatch.setattr(heston, "_WEIGHTS", jnp.asarray(0.5 * weights))
    fine = np.asarray(jax.jit(jax.vmap(lambda *point: price(*point)))(*points))
    assert np.max(np.abs(coarse - fine)) < 1e-9


def test_variance_that_often_touches_zero():
    point = (0.0, 1.0, 0.0175, 1.5768, 0.0398, 0.5751, -0.5711)
    value = prices(*(jnp.full(ROWS, number, jnp.float64) for number in point))[0]
    assert float(value) == pytest.approx(quantlib_call(*point)[0], abs=1e-8)


def test_little_volatility_of_variance_is_black_scholes():
    strikes = jnp.linspace(-0.4, 0.3, ROWS)
    law = (2.0, 0.04, 1.0, 0.09)
    found = prices(strikes, *(jnp.full(ROWS, number, jnp.float64) for number in (*law, 1e-4, 0.0)))

    @jax.jit
    def plain():
        expiry, *variances = law
        deviation = jnp.sqrt(expiry * Heston(*variances, 1e-4, 0.0).average_variance(expiry))
        return jax.vmap(lambda k: black_call(k, deviation))(strikes)

    assert np.allclose(found, plain(), atol=1e-8)


def test_derivatives_are_those_of_the_price():
    point = jnp.array([0.1, 0.7, 0.05, 2.0, 0.06, 0.8, -0.6])
    slopes = jax.jit(jax.grad(lambda p: price(*p)))(point)
    step = 1e-5
    bumps = np.repeat(np.asarray(point)[None, :], ROWS, axis=0)
    bumps[:7] += step * np.eye(7)
    bumps[7:14] -= step * np.eye(7)
    found = prices(*map(jnp.asarray, bumps.T))
    assert np.allclose(slopes, (found[:7] - found[7:14]) / (2.0 * step), atol=1e-7)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"variance": -0.01}, "`variance` must be at least 0"),
        ({"reversion": 0.0}, "`reversion` must be above 0"),
        ({"volatility": 0.0}, "`volatility` must be above 0"),
        ({"long_variance": np.nan}, "`long_variance` must be finite"),
        ({"correlation": -1.2}, "`correlation` must be from -1 to 1"),
    ],
)
def test_impossible_models_are_refused(wrong, words):
    law = {"variance": 0.04, "reversion": 1.5, "long_variance": 0.04}
    with pytest.raises(ValueError, match=words):
        Heston(**{**law, "volatility": 0.3, "correlation": -0.7, **wrong})
