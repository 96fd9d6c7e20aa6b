"""Mixtures of experts: folding, routing, the gate's gradient, storage."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr
from neuralrates.learning.experts import ExpertsApart
from neuralrates.surrogates.architectures import filled
from neuralrates.surrogates.networks.mixture_of_experts import sent_by_columns, top_shares
from neuralrates.surrogates.surrogate import named_leaves


def make_mixture(top=1, **sizes):
    scaling = nr.surrogates.Scaling([0.1, 0.0, 0.5, 0.5], [1.0, 2.0, 0.5, 0.5])
    kinds = nr.surrogates.KindScaling((2, 3), jnp.array([1.0, -1.0]), jnp.array([0.5, 2.0]))
    chosen = {"width": 8, "depth_before": 2, "num_experts": 4, "expert_depth": 3} | sizes
    return nr.surrogates.MixtureOfExperts.random(
        scaling, kinds, top=top, key=jax.random.key(3), **chosen
    )


def points(number=64):
    random = np.random.default_rng(1)
    kind = np.eye(2)[random.integers(0, 2, number)]
    return np.column_stack([random.normal(size=(number, 2)), kind])


@eqx.filter_jit
def outputs(mixture, x):
    return jax.vmap(mixture)(x)


@eqx.filter_jit
def folded_by_hand(network, z):
    """Training-time outputs, and those of the folded layers, each part through its own expert."""
    expected, statistics = network(z, jax.random.key(2))
    unit = nr.surrogates.Scaling(jnp.zeros(3), jnp.ones(3))
    none = nr.surrogates.KindScaling((), jnp.zeros(0), jnp.zeros(0))
    mixture = network.joined(statistics, unit, none)
    hidden = jax.vmap(jax.vmap(mixture.trunk))(z)
    served = eqx.filter_vmap(lambda expert, h: jax.vmap(expert)(h))(mixture.experts, hidden)
    return expected, jax.vmap(jax.vmap(mixture.head))(served)[..., 0]


@eqx.filter_jit
def one_by_one(mixture, x):
    """Each expert's own answer, the mixture's, the shares of the chosen, and the slope to the gate's bias."""
    alone = jnp.stack([mixture.alone(k)(x)[0] for k in range(mixture.num_experts)])

    def value(bias):
        return eqx.tree_at(lambda m: m.gate.bias, mixture, bias)(x)[0]

    shares, chosen = top_shares(mixture.logits(*mixture.hidden(x)), mixture.top)
    return alone, value(mixture.gate.bias), shares, chosen, jax.grad(value)(mixture.gate.bias)


def test_folding_equals_the_training_time_network_on_the_same_batch():
    network = ExpertsApart.random(3, 6, 3, 2, 4, jax.random.key(0))
    random = np.random.default_rng(0)
    moved = jax.tree.map(
        lambda a: a + jnp.asarray(0.1 * random.normal(size=a.shape), a.dtype), network
    )
    z = jnp.asarray(random.normal(size=(2, 32, 3)), jnp.float32)
    expected, served = folded_by_hand(moved, z)
    assert float(jnp.std(expected)) > 0.1
    np.testing.assert_allclose(served, expected, atol=2e-5)


def test_dropout_leaves_out_its_share_and_keeps_the_mean():
    layers = nr.surrogates.NormalisedLayers.random(2, 200, 1, jax.random.key(0))
    x = jnp.asarray(np.random.default_rng(0).normal(size=(400, 2)))
    thin = jax.jit(lambda rate: layers(x, jax.random.key(2), rate)[0], static_argnums=0)
    kept, thinned = thin(0.0), thin(0.5)
    assert abs(np.mean(thinned == 0.0) - 0.5 * (1.0 + np.mean(kept == 0.0))) < 0.01
    assert abs(np.mean(thinned) / np.mean(kept) - 1.0) < 0.02


def test_the_mixture_is_the_dense_sum_over_its_top_experts_and_its_gate_learns_through_the_shares():
    mixture, x = make_mixture(top=2), jnp.asarray(points(1)[0])
    found = one_by_one(mixture, x)
    alone, value, shares, chosen, slope = (np.asarray(part) for part in found)
    np.testing.assert_allclose(value, shares @ alone[chosen], rtol=1e-5)
    expected = shares * (alone[chosen] - shares @ alone[chosen])
    np.testing.assert_allclose(slope[chosen], expected, rtol=1e-3, atol=1e-6)
    assert np.count_nonzero(slope) == 2
    assert float(jnp.sum(mixture.weights(x))) == pytest.approx(1.0)


def test_sorted_dispatch_equals_the_mixture_in_batches_and_one_by_one():
    x = points()
    for mixture in (make_mixture(), make_mixture(top=2), make_mixture(num_experts=1)):
        runtime = nr.bundles.SparseRuntime(mixture)
        expected = outputs(mixture, jnp.asarray(x))
        np.testing.assert_allclose(runtime.value(x), expected, atol=2e-5)
        np.testing.assert_allclose(runtime.value(x[:1]), expected[:1], atol=2e-5)


def test_a_gate_by_columns_sends_each_point_to_its_own_expert():
    residual = make_mixture(depth_before=0, num_experts=2, activation="silu", residual=True)
    gate = sent_by_columns((2, 3), residual.input_scaling)
    mixture = eqx.tree_at(lambda m: m.gate, residual, gate)
    x = points(16)
    sent = np.argmax(jax.jit(jax.vmap(mixture.weights))(jnp.asarray(x)), axis=1)
    assert sent.tolist() == np.argmax(x[:, 2:], axis=1).tolist()
    served = nr.bundles.SparseRuntime(mixture).value(x)
    np.testing.assert_allclose(served, outputs(mixture, jnp.asarray(x)), atol=2e-5)


def test_operations_count_the_chosen_experts_only():
    mixture = make_mixture()
    trunk, expert, gate, head = 4 * 8 + 64, 3 * 64, 4 * 12, 8
    assert mixture.num_operations == 2 * (trunk + expert + gate + head)
    assert make_mixture(top=3).num_operations == mixture.num_operations + 4 * expert
    biases = 2 * 8 + 4 * 3 * 8 + 4 + 1
    assert mixture.num_parameters == trunk + 4 * expert + gate + head + biases


def test_a_mixture_comes_back_from_its_record_and_arrays():
    for mixture in (make_mixture(), make_mixture(depth_before=0, activation="silu", residual=True)):
        again = filled(mixture.record(), named_leaves(mixture))
        assert again.record() == mixture.record()
        assert nr.surrogates.digest(again) == nr.surrogates.digest(mixture)
