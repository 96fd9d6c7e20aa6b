"""Lognormal volatilities in normal terms: the price is kept at every strike, and so are its derivatives."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import norm

from neuralrates.market.volatility.lognormal import normal_from_lognormal

RELATIVE = 1e-12
# forward, strike, lognormal volatility, expiry, and the normal volatility by mpmath in 40 digits or more: Bachelier's
# price equated with Black's by Newton's method in the logarithm of the prices.
KNOWN = (
    (0.03, 0.05, 0.3, 5.0, 0.01152958726348957),
    (0.03, 0.015, 0.3, 5.0, 0.006372894436453119),
    (0.03, 0.0300003, 0.2, 1.0 / 365.0, 0.006000002602665332),
    (0.03, 0.001, 0.2, 0.25, 0.001704629625413645),
    (0.02, 0.4, 0.15, 1.0, 0.01901041374719462),
    (0.05, 0.05, 4.0, 30.0, 0.02288228082159422),
    (0.03, 1e-5, 1.5, 20.0, 0.002437515270924089),
)
converted = jax.jit(normal_from_lognormal)


@pytest.mark.parametrize("case", KNOWN)
def test_known_values_from_the_money_to_two_hundred_deviations(case: tuple[float, ...]) -> None:
    assert float(converted(*map(jnp.asarray, case[:4]))) == pytest.approx(case[4], rel=RELATIVE)


def test_at_the_money_the_price_is_blacks() -> None:
    forward, expiry, black = 0.03, 7.0, 0.6
    normal = converted(*map(jnp.asarray, (forward, forward, black, expiry)))
    half = 0.5 * black * np.sqrt(expiry)
    price = forward * (norm.cdf(half) - norm.cdf(-half))
    assert float(normal) * np.sqrt(expiry / (2.0 * np.pi)) == pytest.approx(price, rel=1e-14)


def test_small_and_zero_volatilities_have_the_limit_of_their_ratio() -> None:
    """As the deviation goes to zero, the ratio of the two volatilities is the logarithmic mean of forward and strike."""
    rates = jnp.asarray([0.03, 0.05])
    ratio = 0.02 / np.log(5.0 / 3.0)
    for volatility in (0.0, 1e-12, 1e-5):
        value, slope = jax.value_and_grad(converted, 2)(
            *rates, jnp.asarray(volatility), jnp.ones(())
        )
        assert float(value) == pytest.approx(ratio * volatility, rel=1e-9)
        assert float(slope) == pytest.approx(ratio, rel=1e-9)


@pytest.mark.parametrize("strike", [0.005, 0.02, 0.03, 0.031, 0.08])
def test_derivatives_are_those_of_the_price(strike: float) -> None:
    """The normal price at the converted volatility moves as Black's formula says (Black, 1976)."""
    forward, volatility, expiry = 0.03, 0.35, 4.0

    def price(forward: jax.Array, volatility: jax.Array, expiry: jax.Array) -> jax.Array:
        normal = converted(forward, jnp.asarray(strike), volatility, expiry)
        deviation = normal * jnp.sqrt(expiry)
        d = (forward - strike) / deviation
        return deviation * (d * jax.scipy.stats.norm.cdf(d) + jax.scipy.stats.norm.pdf(d))

    found = jax.grad(price, (0, 1, 2))(*map(jnp.asarray, (forward, volatility, expiry)))
    root = np.sqrt(expiry)
    d1 = np.log(forward / strike) / (volatility * root) + 0.5 * volatility * root
    density = forward * norm.pdf(d1)
    expected = norm.cdf(d1), density * root, 0.5 * density * volatility / root
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_however_far_the_strike_a_small_deviation_has_its_limit() -> None:
    """Prices of some are smaller than any number; the volatility is still a logarithmic mean times the quote."""
    strikes = jnp.asarray([1e-9, 1e-6, 1e-3, 0.5, 10.0])
    normal = jax.vmap(
        lambda k: converted(jnp.asarray(0.03), k, jnp.asarray(0.001), jnp.asarray(1e-3))
    )(strikes)
    mean = (np.asarray(strikes) - 0.03) / np.log(np.asarray(strikes) / 0.03)
    np.testing.assert_allclose(normal, 0.001 * mean, rtol=1e-9)


def test_strikes_and_forwards_at_or_below_zero() -> None:
    """The first have no time value; the second have no lognormal law."""
    half = jnp.asarray(0.5)
    for strike in (0.0, -0.01):
        assert float(converted(jnp.asarray(0.03), jnp.asarray(strike), half, half)) == 0.0
        assert np.isnan(converted(jnp.asarray(strike), jnp.asarray(0.03), half, half))
