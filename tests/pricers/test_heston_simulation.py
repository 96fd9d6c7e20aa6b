"""The quadratic-exponential scheme against the closed form."""

import jax
import jax.numpy as jnp
import pytest

from neuralrates.models import Heston
from neuralrates.pricers.black_scholes import black_call
from neuralrates.pricers.heston.characteristic_function import heston_call
from neuralrates.pricers.heston.simulation import law_given_variance, simulated_heston_call

CASES = [
    (0.0, 1.0, 0.04, 1.5, 0.04, 0.3, -0.7),  # the quadratic branch
    (0.1, 0.5, 0.30, 4.0, 0.08, 1.4, -0.8),
    (0.0, 1.0, 0.01, 0.5, 0.02, 1.0, -0.9),  # the exponential branch: variance is often zero
]


@pytest.fixture(scope="module")
def normals():
    """Antithetic, 32 steps, 30,000 paths."""
    half = jax.random.normal(jax.random.key(2), (32, 2, 15_000), dtype=jnp.float64)
    return jnp.concatenate([half, -half], axis=2)


simulate = jax.jit(lambda k, t, *law: simulated_heston_call(Heston(*law[:-1]), k, t, law[-1]))
exact = jax.jit(lambda k, t, *law: heston_call(Heston(*law), k, t))


@pytest.mark.traced
@pytest.mark.parametrize("case", CASES)
def test_prices_agree_within_three_standard_errors(case, normals):
    price = simulate(*case, normals)
    assert abs(float(price.value - exact(*case))) < 3.0 * float(price.error)


def test_the_asset_is_a_martingale(normals):
    """A call struck at next to nothing is worth the forward, whatever the step."""
    for count in (2, 32):
        price = simulate(-20.0, *CASES[1][1:], normals[:count])
        assert abs(float(price.value) - 1.0) < 3.0 * float(price.error)


def test_lognormal_prices_given_the_variance_have_the_same_mean_and_vary_less(normals):
    moneyness, expiry, *law = CASES[1]

    @jax.jit
    def mixed(normals):
        mean, variance = law_given_variance(Heston(*law), expiry, normals[:, 0])
        call = jax.vmap(black_call)(moneyness - jnp.log(mean), jnp.sqrt(variance))
        return mean, mean * call

    mean, prices = mixed(normals)
    price, root = simulate(*CASES[1], normals), jnp.sqrt(float(len(mean)))
    assert abs(float(jnp.mean(mean)) - 1.0) < 3.0 * float(jnp.std(mean) / root)
    assert abs(float(jnp.mean(prices) - price.value)) < 3.0 * float(price.error)
    assert float(jnp.std(prices) / root) < 0.5 * float(price.error)
