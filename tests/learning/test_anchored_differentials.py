"""The loss of an anchored surrogate from values and differentials: the same as worked out through the surrogate itself."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr


def _baseline(x):
    features = jnp.stack([x[0] * x[1], jnp.sin(x[1]), x[0]])
    return nr.surrogates.Baseline(features, x[:1] ** 2, jnp.exp(x[1:]))


def _labels(count):
    x = jax.random.normal(jax.random.key(0), (count, 2), jnp.float64)
    value = jax.vmap(lambda x: jnp.sin(x[0]) * x[1])(x)
    slope = jax.vmap(jax.grad(lambda x: jnp.sin(x[0]) * x[1]))(x)
    return nr.learning.Labels.from_arrays(x, value, gradient=slope)


def test_loss_is_that_of_the_whole_surrogate():
    labels = _labels(1)
    loss = nr.learning.AnchoredDifferentialLoss(
        nr.learning.Labels.concatenate([labels, _labels(5)]),
        _baseline,
        batch=8,
        weight=0.5,
        chunk=3,
    )
    network = loss.start((4,), jax.random.key(1))
    whole = nr.surrogates.Corrected(
        _baseline, jax.tree.map(lambda a: a.astype(jnp.float64), network)
    )
    data = nr.learning.Labels.concatenate([labels, _labels(5)])
    spread = jnp.std(data.x, axis=0)[None, :]

    def missed(function):
        values = data.value[:, 0] - jax.vmap(lambda x: function(x)[0])(data.x)
        slopes = data.gradient[:, 0] - jax.vmap(jax.grad(lambda x: function(x)[0]))(data.x)
        return values**2, jnp.sum((slopes * spread) ** 2, axis=1)

    rows = jax.random.randint(jax.random.key(2), (8,), 0, 6)
    errors, baseline = missed(whole), missed(lambda x: _baseline(x).value)
    parts = [jnp.mean(e[rows]) / jnp.mean(b) for e, b in zip(errors, baseline, strict=True)]
    expected = (parts[0] + 0.5 * parts[1]) / 1.5
    np.testing.assert_allclose(loss(network, jax.random.key(2)), expected, rtol=2e-5)


def test_refuses_labels_without_differentials():
    labels = nr.learning.Labels.from_arrays([[0.0, 1.0]], [0.0])
    with pytest.raises(ValueError, match="gradients"):
        nr.learning.AnchoredDifferentialLoss(labels, _baseline, batch=4)
