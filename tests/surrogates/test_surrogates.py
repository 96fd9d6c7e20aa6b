"""Surrogates work in raw units, differentiate, and say what may be trained."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr
from neuralrates.surrogates.frozen import trainable
from neuralrates.surrogates.surrogate import named_leaves, with_leaves


def make_network(activation="silu", seed=0):
    inputs = nr.surrogates.Scaling.from_bounds([0.0, 10.0, -1.0], [1.0, 20.0, 1.0])
    outputs = nr.surrogates.Scaling([100.0, 0.0], [10.0, 1e-3])
    return nr.surrogates.Network.random(
        inputs, outputs, [8, 8], key=jax.random.key(seed), activation=activation
    )


def test_scaling_and_its_inverse():
    scaling = nr.surrogates.Scaling.from_samples(jnp.array([[1.0, 5.0], [3.0, 5.0]]))
    x = jnp.array([7.0, -2.0])
    np.testing.assert_allclose(scaling.inverse(scaling(x)), x, rtol=1e-15)
    np.testing.assert_allclose(scaling(jnp.array([3.0, 6.0])), [1.0, 1.0])


@pytest.mark.parametrize("scale", [[0.0], [-1.0], [np.nan]])
def test_scaling_refuses_scales_that_are_not_positive(scale):
    with pytest.raises(ValueError, match="`scale`"):
        nr.surrogates.Scaling([0.0], scale)


@pytest.mark.parametrize("activation", ["silu", "tanh", "relu"])
def test_network_derivatives_match_differences(activation):
    network = make_network(activation)
    x = jnp.array([0.3, 14.0, 0.2])
    jacobian = jax.jacrev(network)(x)
    for i, step in enumerate([1e-5, 1e-4, 1e-5]):
        bump = jnp.zeros(3).at[i].set(step)
        difference = (network(x + bump) - network(x - bump)) / (2.0 * step)
        np.testing.assert_allclose(jacobian[:, i], difference, rtol=1e-6, atol=1e-10)


def test_network_refuses_unknown_activations():
    with pytest.raises((ValueError, TypeError)):
        make_network("gelu")


def test_only_layers_are_trainable():
    network = make_network()
    moved, frozen = eqx.partition(network, trainable(network))
    assert set(named_leaves(moved)) == {n for n in named_leaves(network) if n.startswith(".layers")}
    assert not any(n.startswith(".layers") for n in named_leaves(frozen))


def test_a_correction_is_added_in_units_of_its_scale_and_is_all_that_is_trained():
    def baseline(x):
        return nr.surrogates.Baseline(jnp.sin(x), 2.0 * x[:2], jnp.array([3.0, 0.0]))

    surrogate = nr.surrogates.Corrected(baseline, make_network())
    x = jnp.array([0.3, 14.0, 0.2])
    scaled = make_network()(jnp.sin(x)) * jnp.array([3.0, 0.0])
    np.testing.assert_allclose(surrogate(x), 2.0 * x[:2] + scaled, rtol=1e-15)
    both = surrogate, nr.surrogates.Frozen(make_network(seed=1))
    moved, _ = eqx.partition(both, trainable(both))
    assert all(name.startswith("[0].network.layers") for name in named_leaves(moved))


def test_leaves_return_to_their_places():
    one, two = make_network(seed=0), make_network(seed=1)
    copy = with_leaves(two, named_leaves(one))
    assert nr.surrogates.digest(copy) == nr.surrogates.digest(one) != nr.surrogates.digest(two)
