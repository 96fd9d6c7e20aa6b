"""Training of mixtures: balance by hand, a gate that finds the parts, corrections, refusals."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr
from compiled import at_each
from neuralrates.learning.experts import Parts
from neuralrates.learning.gate import uneven_use

RECIPE = nr.learning.Recipe(
    width=12, depth_before=2, depth=5, batch=128, num_steps=2000, gate_steps=200, learning_rate=1e-2
)


def data(number=1200):
    """Two kinds of points, each a function of its own with its slope."""
    random = np.random.default_rng(0)
    kind = np.arange(number) % 2
    place = random.uniform(-1.0, 1.0, number)
    x = np.column_stack([place, np.full(number, 0.3), np.eye(2)[kind]])
    value = np.where(kind == 0, np.sin(3.0 * place), 100.0 + 5.0 * place**2)
    slope = np.zeros_like(x)
    slope[:, 0] = np.where(kind == 0, 3.0 * np.cos(3.0 * place), 10.0 * place)
    return x, value, slope, kind


def mean_errors(mixture, x, value, kind):
    misses = np.abs(nr.bundles.SparseRuntime(mixture).value(x)[:, 0] - value)
    return [misses[kind == number].mean() for number in range(2)]


def test_uneven_use_by_hand():
    even = np.full((6, 3), 1.0 / 3.0)
    even[np.arange(6), np.arange(6) % 3] += 0.3
    one = np.tile([[0.8, 0.1, 0.1]], (6, 1))
    both = jax.value_and_grad(lambda shares: uneven_use(shares))
    (evenly, unevenly), (_, slope) = at_each(both, np.stack([even / 1.3, one]))
    assert evenly == pytest.approx(1.0)
    assert unevenly == pytest.approx(3 * 0.8)
    np.testing.assert_allclose(slope, np.tile([[0.5, 0.0, 0.0]], (6, 1)), atol=1e-12)


def test_experts_and_gate_learn_their_parts():
    x, value, _, kind = data()
    mixture, history = nr.learning.fit_mixture(
        x, value, kind, 2, (2, 3), RECIPE, key=jax.random.key(0)
    )
    chosen = np.argmax(jax.jit(jax.vmap(mixture.weights))(jnp.asarray(x)), axis=1)
    assert np.mean(chosen == kind) > 0.99
    assert history.losses[-1] < 0.1
    first, second = mean_errors(mixture, x, value, kind)
    assert first < 0.1 * np.std(np.sin(3.0 * x[:, 0]))
    assert second < 0.1 * 5.0 * np.std(x[:, 0] ** 2)


def test_corrections_learn_from_slopes_and_ignore_what_does_not_move():
    x, value, slope, kind = data(400)
    recipe = nr.learning.CorrectionRecipe(width=12, depth=3, batch=32, num_steps=500)
    mixture, _ = nr.learning.fit_corrections(x, value, slope, (2, 3), recipe, key=jax.random.key(0))
    first, second = mean_errors(mixture, x, value, kind)
    assert first < 0.02
    assert second < 0.05
    moved = at_each(jax.grad(lambda at: mixture(at)[0]), x[:1])[0]
    assert abs(float(moved[1])) < 1e-6
    assert abs(float(moved[0]) - slope[0, 0]) < 0.1


def test_what_cannot_be_learned_is_refused():
    x, value, slope, kind = data(40)
    with pytest.raises(ValueError, match=r"every part, but \[2\]"):
        Parts.of(kind, 3)
    one = kind == 0
    with pytest.raises(ValueError, match=r"every kind, but columns \[3\]"):
        nr.learning.fit_mixture(
            x[one], value[one], kind[one], 1, (2, 3), RECIPE, key=jax.random.key(0)
        )
    with pytest.raises(ValueError, match="every part"):
        nr.learning.fit_corrections(
            x[one],
            value[one],
            slope[one],
            (2, 3),
            nr.learning.CorrectionRecipe(),
            key=jax.random.key(0),
        )


def test_divergence_is_reported():
    x, value, _, kind = data(200)
    value[7] = np.nan
    with pytest.raises(nr.learning.DivergenceError, match="diverged"):
        nr.learning.fit_mixture(x, value, kind, 2, (2, 3), RECIPE, key=jax.random.key(0))
