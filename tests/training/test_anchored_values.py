"""Corrections learned from noisy values."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import neuralrates as nr


def anchor(x: jax.Array) -> nr.surrogates.Anchor:
    return nr.surrogates.Anchor(x, jnp.exp(x), x**2)


def labels(key: jax.Array, noise: float) -> nr.labels.Labels:
    """The exponential plus the square times a sine: the sine is what there is to learn."""
    points, errors = jax.random.split(key)
    x = jax.random.uniform(points, (8_000, 1), jnp.float64, -1.0, 1.0)
    value = jnp.exp(x) + x**2 * jnp.sin(2.0 * x)
    return nr.labels.Labels.from_arrays(
        x, value + noise * jax.random.normal(errors, value.shape, jnp.float64)
    )


def test_the_correction_is_found_below_the_noise():
    loss = nr.training.AnchoredValueLoss(labels(jax.random.key(0), 0.05), anchor, batch=512)
    network, _ = nr.training.fit(
        loss.start((16,), jax.random.key(1)),
        loss,
        optax.adam(optax.cosine_decay_schedule(2e-2, 800)),
        key=jax.random.key(2),
        num_steps=800,
    )
    fresh = labels(jax.random.key(3), 0.0)
    surrogate = jax.vmap(nr.surrogates.Anchored(anchor, network))
    missed = np.asarray(surrogate(fresh.x) - fresh.value)
    assert float(np.sqrt(np.mean(missed**2))) < 0.2 * 0.05
    baseline = np.asarray(jnp.exp(fresh.x) - fresh.value)
    assert float(np.sqrt(np.mean(missed**2))) < 0.05 * float(np.sqrt(np.mean(baseline**2)))


def test_several_outputs_are_refused():
    two = nr.labels.Labels.from_arrays([[0.0], [1.0]], [[0.0, 1.0], [1.0, 2.0]])
    with pytest.raises(ValueError, match="must have one output, but has 2; use AnchoredLoss"):
        nr.training.AnchoredValueLoss(two, anchor, batch=2)
