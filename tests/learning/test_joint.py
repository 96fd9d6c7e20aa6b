"""Joint losses, on a baseline or not, measure what they say; backward networks find the policy."""

import functools

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import neuralrates as nr
from neuralrates.learning.data.sampled import sample_value
from neuralrates.problems.cancellable import held_domains
from neuralrates.surrogates import Baseline, Corrected, Network, Scaling


def function(x):
    return jnp.stack([jnp.sin(x[0]) * x[1], jnp.cos(x[0] + x[1]), x[0] ** 2 + 0.5 * x[1]])


def make_labels(num_samples=512):
    x = jax.random.uniform(jax.random.key(5), (num_samples, 2), minval=-1.0, maxval=1.0)
    return nr.learning.Labels.from_arrays(
        x, *(jax.jit(jax.vmap(f))(x) for f in (function, jax.jacrev(function)))
    )


def wrong(x):
    """The function with its first output off by a hundredth of x0, its second by one of x1."""
    return function(x) + 0.01 * jnp.stack([x[0], x[1], jnp.zeros(())])


def test_joint_loss_of_a_mix_is_on_average_that_of_every_control_price():
    labels = make_labels()
    loss = nr.learning.joint_loss(labels)
    assert float(eqx.filter_jit(loss)(function, jax.random.key(0))) < 1e-25
    keys = jax.random.split(jax.random.key(1), 64)
    seen = float(jax.jit(lambda keys: jnp.mean(jax.vmap(lambda key: loss(wrong, key))(keys)))(keys))
    value, slope = np.asarray(labels.value), np.asarray(labels.gradient)
    spread = value.std(axis=0)
    off = 0.01 * np.asarray(labels.x)
    target = np.mean((off[:, 0] / spread[0]) ** 2)
    target += (0.01 / np.sqrt(np.mean(slope[:, 0, 0] ** 2))) ** 2
    relative = np.mean((slope[:, 1:] / spread[1:, None]) ** 2, axis=(0, 1))
    others = 0.5 * np.mean((off[:, 1] / spread[1]) ** 2)
    others += 0.5 * (0.01 / spread[1]) ** 2 / relative[1]
    np.testing.assert_allclose(seen, (target + others) / 3.0, rtol=1e-10)


def test_derivatives_that_are_zero_throughout_are_left_out():
    labels = make_labels()
    extra = jnp.concatenate([labels.x, labels.x[:, :1] * 0.0 + 2.0], axis=1)
    slopes = jnp.concatenate([labels.gradient, jnp.zeros((512, 3, 1))], axis=2)
    flat = nr.learning.Labels.from_arrays(extra, labels.value, slopes)

    def steep(x):
        return function(x[:2]) + 100.0 * (x[2] - 2.0)

    for make in (nr.learning.joint_loss, nr.learning.differential_loss):
        assert float(eqx.filter_jit(make(flat))(steep, jax.random.key(0))) < 1e-25


def test_joint_loss_on_a_baseline_is_that_of_the_whole():
    labels = make_labels(64)

    def baseline(x):
        features = jnp.stack([x[0] * x[1], x[1], jnp.exp(x[0])])
        return Baseline(
            features, jnp.stack([x[0], x[1], x[0] * x[1]]), 1.0 + x[:1] ** 2 * jnp.ones(3)
        )

    loss = nr.learning.joint_loss(labels, 64, baseline=baseline)
    network = loss.start((8,), jax.random.key(2))
    key = jax.random.key(3)
    rows = jax.random.randint(key, (64,), 0, 64)
    joint = nr.learning.joint_loss(labels)
    joint = eqx.tree_at(lambda j: j.samples, joint, joint.samples.take(rows))
    expected = eqx.filter_jit(joint)(Corrected(baseline, network), key)
    np.testing.assert_allclose(eqx.filter_jit(loss)(network, key), expected, rtol=1e-12)


def test_losses_refuse_labels_they_cannot_use():
    labels = make_labels(8)
    single = nr.learning.Labels(
        labels.x, labels.value[:, :1], labels.gradient[:, :1], labels.error[:, :1]
    )
    with pytest.raises(ValueError, match="control prices"):
        nr.learning.joint_loss(single)
    with pytest.raises(ValueError, match="gradients"):
        nr.learning.joint_loss(nr.learning.Labels(labels.x, labels.value, None, labels.error))


def test_a_baseline_of_the_cancellable_is_close_and_its_network_learns_the_rest():
    problem = nr.problems.ten_year_cancellable(
        "payer", induction=nr.pricers.BackwardInduction(1e-5, 16, 1)
    )
    labels = nr.learning.exact_labels(problem, jax.random.key(0), 512, joint=True, batch=256)
    loss = nr.learning.joint_loss(labels, 128, baseline=problem.baseline)
    off = np.abs(np.asarray(labels.value - loss.samples.known.value)) / nr.core.basis_point
    assert np.mean(off[:, 0]) < 100.0  # before any learning
    assert np.mean(off[:, 1:]) < 30.0
    network, _ = nr.learning.fit(
        loss.start((24, 24), jax.random.key(1)),
        loss,
        optax.contrib.muon(optax.cosine_decay_schedule(1e-2, 1200, 1e-2)),
        key=jax.random.key(2),
        num_steps=1200,
        chunk=400,
    )
    learned = eqx.filter_jit(eqx.filter_vmap(Corrected(problem.baseline, network)))
    missed = np.asarray(learned(labels.x)) - np.asarray(labels.value)
    assert np.mean(np.abs(missed[:, 0])) < 5.0 * nr.core.basis_point


def test_backward_networks_reach_the_value_of_the_best_policy():
    """On hedged paths a small policy comes near the exact value, and never above it but for noise."""
    problem = nr.problems.ten_year_cancellable_held("payer")
    sample = functools.partial(nr.learning.sampled_payoffs, payoff="hedged", joint=True)

    def learn(start, labels, key):
        network, _ = nr.learning.fit(
            start,
            nr.learning.joint_loss(labels, batch=128),
            optimiser,
            key=key,
            num_steps=200,
            chunk=200,
        )
        return network

    optimiser = optax.contrib.muon(optax.cosine_decay_schedule(1e-2, 200, 1e-2))
    x = held_domains()[-1].sample(jax.random.key(0), 512)
    europeans = jax.jit(jax.vmap(problem.control_values))(x)
    start = Network.random(
        Scaling.from_samples(jnp.delete(x, problem.domain.index("time"), axis=1)),
        Scaling.from_samples(jnp.concatenate([europeans[:, :1], europeans], axis=1)),
        (16, 16),
        key=jax.random.key(1),
    )
    done = []
    policy = nr.learning.fit_backward(
        problem,
        held_domains(),
        start,
        learn,
        key=jax.random.key(2),
        num_samples=512,
        sample=sample,
        progress=lambda *at: done.append(at),
    )
    assert done[-1] == (9, 9)
    today = nr.problems.ten_year_cancellable(
        "payer", induction=nr.pricers.BackwardInduction(1e-5, 16, 1)
    )

    @jax.jit
    def both(x, keys):
        """Of each point the exact value, and the policy's on a pair of hedged paths: no slopes are asked for."""

        def one(at):
            return today(at[0]).value, sample_value(today, policy, *at, 2, "hedged")[0]

        return jax.lax.map(one, (x, keys), batch_size=8)

    x = today.domain.sample(jax.random.key(3), 1024)
    exact, reached = both(x, jax.random.split(jax.random.key(4), 1024))
    short = np.asarray(exact - reached) / nr.core.basis_point
    error = np.std(short) / np.sqrt(1024)
    assert -4.0 * error < np.mean(short) < 3.0 + 4.0 * error
