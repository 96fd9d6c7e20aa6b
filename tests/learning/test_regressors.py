"""The paper's network as an estimator, and methods by their names."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuralrates.core.units import basis_point
from neuralrates.learning.perceptron import Perceptron
from neuralrates.learning.regressors import REGRESSORS, regressor


def make_data(num=200):
    x = np.random.default_rng(0).uniform(-1.0, 1.0, (num, 3))
    return x, 0.05 + 0.01 * x[:, 0] ** 3 + 0.001 * x[:, 1]


def test_the_network_learns_stops_and_is_its_estimator():
    x, value = make_data()
    method = Perceptron(num_layers=2, num_neurons=16, patience=5, num_epochs=60)
    fitted = method.estimator(0).fit(x, value / basis_point)
    surrogate = method.freeze(fitted)
    assert fitted.num_epochs_ <= 60
    predicted = jax.vmap(surrogate)(jnp.asarray(x))[:, 0]
    np.testing.assert_allclose(predicted, basis_point * fitted.predict(x), atol=1e-12)
    assert np.sqrt(np.mean((predicted - value) ** 2)) < 0.2 * np.std(value)
    again = method.estimator(0).fit(x, value / basis_point)
    np.testing.assert_array_equal(again.predict(x), fitted.predict(x))


def test_every_name_gives_a_method():
    assert {type(regressor(name)) for name in REGRESSORS} == set(REGRESSORS.values())
    with pytest.raises(ValueError, match="`name`"):
        regressor("oracle")
