"""Any regressor is certified, bundled without pickle, loaded and served; steps take Greeks from the reference."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr
from neuralrates.bundles.runtimes.compiled_runtime import CompiledRuntime
from neuralrates.surrogates.regressors import classical

pytestmark = pytest.mark.optimised
PROBLEM = nr.problems.ten_year_bermudan("receiver")


@pytest.fixture(scope="module")
def labels():
    return nr.learning.exact_labels(PROBLEM, jax.random.key(1), 256)


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """Where the reference's prices are kept, the same for every certificate."""
    return tmp_path_factory.mktemp("reference") / "labels"


@pytest.mark.parametrize(
    "method",
    [classical.Ridge(degree=2), classical.SupportVectors(), classical.BoostedTrees(num_trees=20)],
    ids=["polynomial", "kernels", "trees"],
)
def test_from_labels_to_a_served_bundle(method, labels, reference, tmp_path):
    surrogate = method.fit(labels.x, labels.value[:, 0])
    certificate = nr.certificates.certify(
        surrogate, PROBLEM, key=jax.random.key(2), num_samples=500, folder=reference
    )
    assert bool(certificate.outputs[0].greeks) is surrogate.differentiable
    nr.bundles.save(tmp_path / "mine", surrogate, PROBLEM, certificate)
    bundle = nr.bundles.load(tmp_path / "mine")
    assert (bundle.graph is not None) is surrogate.differentiable
    assert not list((tmp_path / "mine").glob("*.p*kl*"))
    runtime, x = bundle.runtime(), np.asarray(labels.x[:3])
    assert isinstance(runtime, CompiledRuntime)
    assert runtime.greeks_from_reference is not surrogate.differentiable
    value, jacobian = runtime(x)
    np.testing.assert_allclose(value, jax.vmap(surrogate)(jnp.asarray(x)), rtol=1e-12)
    if runtime.greeks_from_reference:
        np.testing.assert_allclose(jacobian[0], labels.gradient[0], rtol=1e-6, atol=1e-9)
    assert jacobian.shape == (3, 1, 10)


def test_what_cannot_be_stored_is_refused(labels, reference, tmp_path):
    ridge = classical.Ridge(degree=1).fit(labels.x, labels.value[:, 0])
    double = nr.surrogates.Proportional(ridge, 0)
    certificate = nr.certificates.certify(
        double, PROBLEM, key=jax.random.key(2), num_samples=500, folder=reference
    )
    with pytest.raises(ValueError, match="cannot be stored"):
        nr.bundles.save(tmp_path / "mine", double, PROBLEM, certificate)
