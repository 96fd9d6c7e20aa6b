"""Gates without labels: the loss is the likelihood of a mixture, and two experts find two halves by themselves."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from studies.mixture_of_experts.claims import claims
from studies.mixture_of_experts.unlabelled_gates import BALANCES, Together, TogetherLoss, _adam

from neuralrates.learning.experts import ExpertsApart
from neuralrates.learning.fitting import fit
from neuralrates.learning.gate import uneven_use
from neuralrates.surrogates.networks.network import Dense


def together(width=8, inputs=2, experts=2):
    keys = jax.random.split(jax.random.key(0), 2)
    network = ExpertsApart.random(inputs, width, 2, experts, 2, keys[0])
    gate = Dense.random(width + inputs, experts, keys[1])
    gate = jax.tree.map(lambda leaf: leaf.astype(jnp.float32), gate)
    return Together(network, gate, jnp.zeros((), jnp.float32))


def test_the_loss_is_the_likelihood_of_a_mixture_of_normal_laws():
    from scipy.stats import norm

    random = np.random.default_rng(0)
    z = jnp.asarray(random.normal(size=(1, 2)), jnp.float32)
    loss = TogetherLoss(
        z, jnp.ones(1, jnp.float32), 4, BALANCES[1]
    )  # one sample, whatever is drawn
    model = eqx.tree_at(lambda m: m.log_deviation, together(), jnp.float32(-0.5))
    key = jax.random.key(1)
    logs, said, _ = model(jnp.repeat(z, 4, axis=0), jax.random.split(key)[1])
    deviation = np.exp(-0.5)
    density = np.sum(np.exp(logs[0]) * norm.pdf(1.0, np.asarray(said)[:, 0], deviation))
    uneven = BALANCES[1] * float(uneven_use(jnp.exp(logs)))
    expected = -np.log(density) - 0.5 * np.log(2.0 * np.pi) + uneven
    assert float(loss(model, key)) == pytest.approx(expected, rel=1e-5)


def test_two_experts_share_a_bent_line():
    x = np.random.default_rng(1).uniform(-1.0, 1.0, (512, 2))
    target = np.where(x[:, 0] > 0.0, 2.0 * x[:, 1], -2.0 * x[:, 1])
    loss = TogetherLoss(jnp.asarray(x, jnp.float32), jnp.asarray(target, jnp.float32), 64, 0.01)
    model, history = fit(
        together(), loss, _adam(400), key=jax.random.key(2), num_steps=400, chunk=200
    )
    assert history.losses[-1] < history.losses[0] - 0.5
    logs, said, _ = model(loss.z, jax.random.key(3))
    best = np.asarray(said)[np.argmax(np.asarray(logs), axis=1), np.arange(512)]
    assert np.mean(np.abs(best - target)) < 0.25


@pytest.mark.parametrize(("collapsed", "verdict"), [(0, "reached"), (1, "not reached")])
def test_one_collapsed_seed_of_ten_at_the_better_weight_decides(collapsed, verdict):
    run = {"collapsed": 0, "smallest_share": 0.5, "of_its_commonest_part": 0.6, "relative": 0.1}
    runs = [run] * 9 + [run | {"collapsed": collapsed}]
    worse = [run | {"collapsed": 2}] * 10
    (row,) = claims({"unlabelled_gates": {"instrument": {"0.01": worse, "0.1": runs}}})
    assert row["verdict"] == verdict
