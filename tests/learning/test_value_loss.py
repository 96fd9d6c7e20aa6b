"""Corrections learned from noisy values."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import neuralrates as nr


def baseline(x: jax.Array) -> nr.surrogates.Baseline:
    return nr.surrogates.Baseline(x, jnp.exp(x), x**2)


def labels(key: jax.Array, noise: float) -> nr.learning.Labels:
    """The exponential plus the square times a sine: the sine is what there is to learn."""
    points, errors = jax.random.split(key)
    x = jax.random.uniform(points, (8_000, 1), jnp.float64, -1.0, 1.0)
    value = jnp.exp(x) + x**2 * jnp.sin(2.0 * x)
    return nr.learning.Labels.from_arrays(
        x, value + noise * jax.random.normal(errors, value.shape, jnp.float64)
    )


def test_the_correction_is_found_below_the_noise():
    loss = nr.learning.value_loss(labels(jax.random.key(0), 0.05), 512, baseline=baseline)
    network, _ = nr.learning.fit(
        loss.start((16,), jax.random.key(1)),
        loss,
        optax.adam(optax.cosine_decay_schedule(2e-2, 800)),
        key=jax.random.key(2),
        num_steps=800,
    )
    fresh = labels(jax.random.key(3), 0.0)
    surrogate = jax.vmap(nr.surrogates.Corrected(baseline, network))
    missed = np.asarray(surrogate(fresh.x) - fresh.value)
    assert float(np.sqrt(np.mean(missed**2))) < 0.2 * 0.05
    before = np.asarray(jnp.exp(fresh.x) - fresh.value)
    assert float(np.sqrt(np.mean(missed**2))) < 0.05 * float(np.sqrt(np.mean(before**2)))


def test_a_baseline_of_other_outputs_is_refused():
    two = nr.learning.Labels.from_arrays([[0.0], [1.0]], [[0.0, 1.0], [1.0, 2.0]])
    with pytest.raises(ValueError, match="`baseline` must have 2 outputs, as the labels"):
        nr.learning.value_loss(two, 2, baseline=baseline)


def test_every_output_counts_in_its_own_unit():
    """By hand: residuals (1, 10) and (1, 30) of a zero correction, over root mean squares 1 and sqrt(500)."""
    two = nr.learning.Labels.from_arrays([[0.0], [0.0]], [[2.0, 11.0], [2.0, 31.0]])

    def ones(x: jax.Array) -> nr.surrogates.Baseline:
        return nr.surrogates.Baseline(x, jnp.ones(2), jnp.full(2, 3.0))

    loss = nr.learning.value_loss(two, baseline=ones)
    assert float(loss(lambda x: jnp.zeros(2), jax.random.key(0))) == pytest.approx(1.0, rel=1e-14)
    half = loss(lambda x: jnp.array([0.5 / 3.0, 0.0]), jax.random.key(0))
    assert float(half) == pytest.approx(0.5 * (0.25 + 1.0), rel=1e-14)


def test_errors_of_differentials_are_those_of_the_whole_surrogate():
    """Against the Jacobian of `Corrected` by autodiff, over what the baseline misses; and it needs gradients."""
    rng = np.random.default_rng(5)
    x, gradient = rng.uniform(0.5, 1.0, (6, 2)), rng.normal(size=(6, 1, 2))

    def curved(x: jax.Array) -> nr.surrogates.Baseline:
        product = jnp.prod(x, keepdims=True)
        return nr.surrogates.Baseline(jnp.concatenate([jnp.sin(x), product]), product, product**2)

    data = nr.learning.Labels.from_arrays(x, rng.normal(size=(6, 1)), gradient=gradient)
    network = nr.learning.value_loss(data, 4, baseline=curved).start((5,), jax.random.key(0))
    key = jax.random.key(1)
    rows = np.asarray(jax.random.randint(key, (64,), 0, 6))
    slopes = jax.vmap(jax.jacfwd(nr.surrogates.Corrected(curved, network)))(jnp.asarray(x))
    baselines = jax.vmap(jax.jacfwd(lambda x: curved(x).value))(jnp.asarray(x))
    unit = np.sqrt(np.mean((gradient - baselines) ** 2, axis=0, keepdims=True))
    expected = np.mean(((np.asarray(slopes - gradient) / unit) ** 2)[rows])
    found = nr.learning.slope_loss(data, 64, baseline=curved)(network, key)
    assert float(found) == pytest.approx(float(expected), rel=1e-12)
    with pytest.raises(ValueError, match="gradients"):
        nr.learning.slope_loss(labels(key, 0.0), 4, baseline=baseline)
