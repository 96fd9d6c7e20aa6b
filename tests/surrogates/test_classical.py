"""Regressors: the surrogate is the fitted estimator to rounding, on disk and back; bad data is named."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from compiled import at_each
from neuralrates.core.errors import InputError
from neuralrates.core.units import basis_point
from neuralrates.surrogates import digest
from neuralrates.surrogates.architectures import filled
from neuralrates.surrogates.frozen import trainable
from neuralrates.surrogates.proportional import Proportional
from neuralrates.surrogates.regressors import classical
from neuralrates.surrogates.regressors.challengers import GaussianProcess, HistogramBoosting
from neuralrates.surrogates.regressors.relative_process import RelativeProcess
from neuralrates.surrogates.surrogate import named_leaves

COLUMNS = (("log", 1, None), ("plain", 0, 1), ("arctan", 2, 1), ("sign", 2, None))
METHODS = [
    classical.NearestNeighbours(),
    classical.Linear(),
    classical.Ridge(degree=3),
    classical.Lasso(degree=2),
    classical.SupportVectors(),
    classical.DecisionTree(),
    classical.RandomForest(num_trees=10),
    classical.BoostedTrees(num_trees=20),
    GaussianProcess(num_tuning=60),
    GaussianProcess(num_tuning=60, kernel="matern"),
    HistogramBoosting(num_trees=20),
    RelativeProcess(COLUMNS, unit=1, num_tuning=60),
]
each_method = pytest.mark.parametrize("method", METHODS, ids=repr)


def make_data(num=160, seed=0):
    x = np.random.default_rng(seed).uniform([0.0, 10.0, -1.0], [0.1, 20.0, 1.0], (num, 3))
    return x, 0.05 * np.sin(20.0 * x[:, 0]) + 1e-4 * x[:, 1] ** 2 + 0.01 * np.abs(x[:, 2])


@each_method
def test_the_surrogate_is_the_fitted_estimator(method):
    x, value = make_data()
    fitted = method.estimator(0).fit(x, value / basis_point)
    surrogate = method.freeze(fitted)
    fresh, _ = make_data(50, seed=1)
    predicted = at_each(surrogate, fresh)[:, 0]
    np.testing.assert_allclose(predicted, basis_point * fitted.predict(fresh), rtol=0, atol=2e-9)


@each_method
def test_record_and_arrays_give_the_surrogate_back(method):
    surrogate = method.fit(*make_data())
    copy = filled(surrogate.record(), named_leaves(surrogate))
    assert digest(copy) == digest(surrogate)
    x = make_data(1, seed=2)[0]
    assert at_each(copy, x) == at_each(surrogate, x)
    assert not any(jax.tree.leaves(trainable(surrogate)))


@each_method
def test_derivatives_are_those_of_the_surrogate_or_declared_useless(method):
    surrogate = method.fit(*make_data())
    stepped = type(method).__name__ in {
        "NearestNeighbours", "DecisionTree", "RandomForest", "BoostedTrees", "HistogramBoosting",
    }  # fmt: skip
    assert surrogate.differentiable is not stepped
    if surrogate.differentiable:
        # Steps wide enough for the rounding of a sum of large kernels, of fourth order for their curvature.
        x, size = np.array([0.05, 15.0, 0.5]), 1e-4
        steps = size * np.array([1.0, -1.0, 2.0, -2.0])
        slope = at_each(jax.jacrev(surrogate), x[None])[0, 0, 0]
        moved = at_each(surrogate, x + np.outer(steps, [1.0, 0.0, 0.0]))[:, 0]
        difference = np.array([8.0, -8.0, -1.0, 1.0]) @ moved / (12.0 * size)
        np.testing.assert_allclose(slope, difference, rtol=1e-4, atol=1e-7)


def test_a_stored_point_does_not_break_derivatives():
    x, value = make_data()
    for method in (classical.SupportVectors(), GaussianProcess(60, "matern")):
        assert np.isfinite(at_each(jax.jacrev(method.fit(x, value)), x[:1])).all()


def test_constant_inputs_are_named():
    x, value = make_data()
    x[:, 2] = 1.0
    with pytest.raises(ValueError, match="constant in side"):
        classical.Ridge().fit(x, value, names=("rate", "time", "side"))


def test_missing_inputs_and_values_are_named():
    x, value = make_data()
    holed = np.array(x)
    holed[3, 1] = np.nan
    with pytest.raises(ValueError, match="missing of input time"):
        classical.Ridge().fit(holed, value, names=("rate", "time", "side"))
    with pytest.raises(ValueError, match="must have the 4 inputs"):
        classical.Ridge().fit(x, value, names=("rate", "time", "side", "gone"))
    value[5] = np.inf
    with pytest.raises(ValueError, match="number 5"):
        classical.Ridge().fit(x, value)


def test_arrays_of_another_shape_are_refused():
    ridge = classical.Ridge(degree=2).fit(*make_data())
    with pytest.raises(InputError, match="not those of the architecture"):
        filled({**ridge.record(), "terms": 3}, named_leaves(ridge))
    with pytest.raises(InputError, match="expected one of"):
        filled({"architecture": "oracle"}, {})


def test_proportional_scales_with_its_input():
    ridge = classical.Ridge(degree=1).fit(*make_data())
    x = jnp.array([0.05, 15.0, 0.5])
    np.testing.assert_allclose(Proportional(ridge, 1)(x), 15.0 * jnp.exp(ridge(x)), rtol=1e-15)


def test_a_unit_that_is_not_positive_is_refused():
    with pytest.raises(ValueError, match="positive in input 2"):
        RelativeProcess(COLUMNS, unit=2).fit(*make_data())
