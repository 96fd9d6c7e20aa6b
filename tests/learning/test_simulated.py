"""Labels by short simulations: unbiased, other random numbers at every point, kept on disk."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr
from neuralrates.learning.data.simulated import simulated_labels
from neuralrates.pricers.price import Price

PROBLEM = nr.problems.ten_year_bermudan("payer")
NOISE = 0.1


def simulate(x: jax.Array, key: jax.Array) -> Price:
    """The sum of squares, with noise."""
    return Price(
        jnp.sum(x**2) + NOISE * jax.random.normal(key, (), jnp.float64), jnp.asarray(NOISE)
    )


@pytest.fixture(scope="module")
def labels(tmp_path_factory):
    folder = tmp_path_factory.mktemp("labels") / "kept"
    made = simulated_labels(
        PROBLEM, simulate, jax.random.key(0), 300, settings="noise", batch=128, folder=folder
    )
    return made, folder


def test_noise_averages_out_and_differs_from_point_to_point(labels):
    made, _ = labels
    noise = np.asarray(made.value[:, 0] - jnp.sum(made.x**2, axis=1))
    assert len(np.unique(noise.round(12))) == 300
    assert abs(noise.mean()) < 4.0 * NOISE / np.sqrt(300.0)
    assert noise.std() == pytest.approx(NOISE, rel=0.2)
    np.testing.assert_allclose(made.gradient[:, 0], 2.0 * made.x, rtol=1e-12)
    np.testing.assert_allclose(made.error, NOISE)


def test_what_is_kept_is_read_and_belongs_to_its_settings(labels):
    made, folder = labels

    def never(x: jax.Array, key: jax.Array) -> Price:
        raise AssertionError("simulated again")

    again = simulated_labels(
        PROBLEM, never, jax.random.key(0), 300, settings="noise", batch=128, folder=folder
    )
    np.testing.assert_array_equal(again.value, made.value)
    with pytest.raises(ValueError, match="other settings"):
        simulated_labels(
            PROBLEM, simulate, jax.random.key(0), 300, settings="other", batch=128, folder=folder
        )


def test_values_may_come_without_gradients():
    made = simulated_labels(
        PROBLEM, simulate, jax.random.key(1), 8, settings="noise", gradient=False
    )
    assert made.gradient is None
