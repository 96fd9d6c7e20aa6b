"""A solution misses nothing of its equation; a network's operator is the same by either pass."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import neuralrates as nr
from neuralrates.learning import FeynmanKacLoss, Flow, Known, Points, apply_generator
from neuralrates.surrogates.networks.forward_laplacian import ForwardLaplacian

REVERSION, LEVEL, VOLATILITY = 0.1, 0.04, 0.01


def bond(x):
    """Zero-coupon bond under one Gaussian factor, from short rate and time to maturity (Vasicek, 1977, equation 27)."""
    rate, time = x
    reach = -jnp.expm1(-REVERSION * time) / REVERSION
    limit = LEVEL - 0.5 * (VOLATILITY / REVERSION) ** 2
    drop = 0.25 * VOLATILITY**2 / REVERSION * reach**2
    return jnp.exp((reach - time) * limit - drop - reach * rate)[None]


def draw(key, number):
    """Points, of which the rates move towards their level."""
    rates, times = jax.random.uniform(key, (2, number), dtype=float)
    x = jnp.stack([0.1 * rates, 10.0 * times], axis=1)
    drift = jnp.stack([REVERSION * (LEVEL - x[:, 0]), -jnp.ones(number)], axis=1)
    loadings = jnp.zeros((1, number, 2)).at[0, :, 0].set(VOLATILITY)
    known = Known(x[: number // 2], jax.vmap(lambda x: bond(x)[0])(x[: number // 2]))
    return Points(Flow(x, drift, loadings, x[:, 0]), x.at[:, 1].set(0.0), known)


def repaid(x):
    """One at maturity, whatever the rate."""
    return jnp.ones_like(x[0])


def nothing(x):
    """No number at all."""
    return jnp.full_like(x[0], jnp.nan)


def network():
    inputs = nr.surrogates.Scaling.from_bounds([0.0, 0.0], [0.1, 10.0])
    unit = nr.surrogates.Scaling([0.0], [1.0])
    return nr.surrogates.Network.random(inputs, unit, [8, 8], key=jax.random.key(0))


def carried(surrogate, flow, further):
    state = ForwardLaplacian(jnp.concatenate([flow.x, further]), flow.loadings, flow.drift)
    state = state.scaled(surrogate.input_scaling)
    for layer in surrogate.layers[:-1]:
        state = state.affine(layer).through(jax.nn.silu)
    state = state.affine(surrogate.layers[-1])
    return state.value[:, 0], state.operator[:, 0]


def test_a_bond_misses_nothing():
    loss = FeynmanKacLoss(draw, repaid, 50, weights=(1.0, 0.0, 0.0))

    @jax.jit
    def missed(key):
        return loss.parts(bond, key), loss(lambda x: 1.01 * bond(x) + 0.01, key)

    parts, of_another = missed(jax.random.key(0))
    assert all(part < 1e-28 for part in parts)
    assert of_another > 1e-8


def test_one_pass_finds_what_tangents_of_tangents_find():
    @jax.jit
    def both(key):
        points = draw(key, 6)
        flow, further, one = points.interior, points.terminal, network()
        return carried(one, flow, further), apply_generator(one, flow, further)

    for some, others in zip(*both(jax.random.key(1)), strict=True):
        np.testing.assert_allclose(some, others, rtol=1e-12, atol=1e-15)


def test_what_is_no_number_is_refused():
    loss = FeynmanKacLoss(draw, nothing, 8, operator=carried)
    with pytest.raises(nr.learning.DivergenceError, match="diverged at step 0"):
        nr.learning.fit(network(), loss, optax.adam(1e-3), key=jax.random.key(3), num_steps=5)
