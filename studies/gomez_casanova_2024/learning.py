"""How the study trains: the paper's sequence of networks, plain or joint, on any labels."""

import functools
from pathlib import Path

import jax
import optax

import neuralrates as nr
from neuralrates.learning import BackwardPolicy, Labels
from neuralrates.learning.data.paths import Payoff
from neuralrates.pricers import BackwardInduction
from neuralrates.problems import Problem
from neuralrates.problems.cancellable import held_domains
from neuralrates.problems.generator import Case
from neuralrates.surrogates import AbstractSurrogate, Corrected, Network, Scaling
from studies.gomez_casanova_2024.settings import Kind, Learning

SIDE = "payer"
LABELS = "floating leg by coupons, single paths in mirrored pairs"
"""How sampled payoffs are drawn: what was measured on others is refused."""
LABEL_INDUCTION = BackwardInduction(tolerance=1e-6, num_points=24, num_boundaries=1)
"""Within 0.001 bp of the reference on the whole domain, at a third of its cost."""
HELD_LABEL_INDUCTION = BackwardInduction(tolerance=1e-7, num_points=32, num_boundaries=1)
"""Within 0.02 bp of the reference at the most extreme states, 0.0001 bp on average."""


@functools.cache
def optimiser(learning: Learning) -> optax.GradientTransformation:
    """Muon with a cosine decay; one object per setting, so that training compiles once."""
    return optax.contrib.muon(
        optax.cosine_decay_schedule(learning.learning_rate, learning.num_steps, 1e-3)
    )


def untrained(labels: Labels, learning: Learning, key: jax.Array) -> Network:
    """Network between the scalings of the labels."""
    return Network.random(
        Scaling.from_samples(labels.x),
        Scaling.from_samples(labels.value),
        learning.widths,
        key=key,
    )


def learn(
    start: AbstractSurrogate,
    labels: Labels,
    key: jax.Array,
    *,
    learning: Learning,
    kind: Kind,
    weight: float = 1.0,
) -> AbstractSurrogate:
    """A network trained on values and differentials, all outputs alike or the target first."""
    loss = nr.learning.joint_loss if kind == "target first" else nr.learning.differential_loss
    network, _ = nr.learning.fit(
        start,
        loss(labels, batch=learning.batch, weight=weight),
        optimiser(learning),
        key=key,
        num_steps=learning.num_steps,
        chunk=min(500, learning.num_steps),
    )
    return network


def fit_corrected(
    problem: Problem,
    labels: Labels,
    learning: Learning,
    key: jax.Array,
    checkpoint: Path | None = None,
    weight: float = 1.0,
) -> Corrected:
    """A correction to the closed forms, learned from any labels with gradients."""
    assert problem.baseline is not None
    loss = nr.learning.joint_loss(labels, learning.batch, weight, baseline=problem.baseline)
    network, _ = nr.learning.fit(
        loss.start(learning.widths, key),
        loss,
        optimiser(learning),
        key=key,
        num_steps=learning.num_steps,
        chunk=min(500, learning.num_steps),
        checkpoint=checkpoint,
    )
    return Corrected(problem.baseline, network)


def policy(
    case: Case,
    kind: Kind,
    key: jax.Array,
    num_samples: int,
    first: Learning,
    then: Learning,
    payoff: Payoff = "cash_flows",
    weight: float = 1.0,
) -> BackwardPolicy:
    """The backward networks of one case, which differs from the fourth in where its points lie.

    That of the last date begins at random and takes as long as it needs; each other one goes on from the one before.
    """
    problem = nr.problems.ten_year_cancellable_held(SIDE)
    everywhere = nr.problems.ten_year_cancellable_held(SIDE, case).domain
    sample = functools.partial(nr.learning.sampled_payoffs, payoff=payoff, joint=kind != "plain")
    first_key = jax.random.fold_in(key, 100)
    x = everywhere.sample(jax.random.split(first_key)[0], 1024)
    trial = sample(problem, _never, first_key, 1024, x=x)
    start = untrained(nr.learning.without_time(problem, trial), first, key)

    def train(origin: AbstractSurrogate, labels: Labels, key: jax.Array) -> AbstractSurrogate:
        chosen = first if origin is start else then
        return learn(origin, labels, key, learning=chosen, kind=kind, weight=weight)

    return nr.learning.fit_backward(
        problem,
        held_domains(case),
        start,
        train,
        key=key,
        num_samples=num_samples,
        sample=sample,
    )


def _never(exercise: object, x: jax.Array, state: jax.Array) -> jax.Array:
    """Keep whatever happens."""
    return jax.numpy.full((), 1.0)


def forward(
    case: Case,
    rule: BackwardPolicy,
    key: jax.Array,
    num_samples: int,
    learning: Learning,
    *,
    kind: Kind,
    num_paths: int = 1,
) -> AbstractSurrogate:
    """The forward network: fresh paths, driven by the backward networks."""
    labels_key, start_key, learn_key = jax.random.split(key, 3)
    domain = nr.problems.ten_year_cancellable(SIDE, case).domain
    labels = nr.learning.sampled_payoffs(
        nr.problems.ten_year_cancellable(SIDE),
        rule,
        labels_key,
        num_samples,
        x=domain.sample(jax.random.split(labels_key)[0], num_samples),
        num_paths=num_paths,
        joint=kind != "plain",
    )
    start = untrained(labels, learning, start_key)
    return learn(start, labels, learn_key, learning=learning, kind=kind)
