"""One call from anyone's arrays to a surrogate."""

import jax
import jax.numpy as jnp
import numpy as np

import neuralrates as nr
from neuralrates.learning.from_arrays import principal_directions
from neuralrates.surrogates.scaling import Scaling

KEY = jax.random.key(3)


def labels(gradient: bool = True) -> nr.learning.Labels:
    """A curve along one direction of three, in raw units of very different size."""
    unscaled = np.asarray(jax.random.normal(KEY, (512, 3), jnp.float64))
    x = unscaled * np.array([0.01, 1.0, 100.0])
    angle = 50.0 * x[:, 0] + 0.005 * x[:, 2]
    slopes = np.cos(angle)[:, None] * np.array([50.0, 0.0, 0.005])
    return nr.learning.Labels.from_arrays(x, np.sin(angle), slopes if gradient else None)


def test_differential_components_find_the_one_direction() -> None:
    data = labels()
    directions = principal_directions(data, Scaling.from_samples(data.x), 1e-6)
    assert directions.shape == (1, 3)
    np.testing.assert_allclose(jnp.sum(directions**2), 1.0, rtol=1e-12)
    assert abs(directions[0, 1]) < 1e-6


def test_values_are_learned_and_the_held_out_loss_decides() -> None:
    data = labels()
    surrogate, history = nr.learning.learn(data, key=KEY, widths=[16], num_steps=1000)
    misses = np.asarray(jax.jit(jax.vmap(surrogate))(data.x) - data.value)
    assert np.sqrt(np.mean(misses**2)) < 0.05
    assert history.num_steps == 1000
    assert history.best_score == np.min(history.scores)


def test_arrays_without_gradients_are_taken() -> None:
    data = labels(gradient=False)
    surrogate, history = nr.learning.learn(data, key=KEY, widths=[16], num_steps=200)
    assert surrogate.projection.directions.shape == (3, 3)
    assert history.scores[-1] < history.scores[0]
