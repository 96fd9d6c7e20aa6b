"""Experiments on sampled payoffs: the paper's method, its convergence, and better labels for it."""

import functools
import itertools
import time

import jax
import numpy as np

import neuralrates as nr
from neuralrates.learning.data.paths import Payoff
from neuralrates.problems.density import acceptance
from neuralrates.problems.generator import Case
from neuralrates.surrogates import AbstractSurrogate
from studies.gomez_casanova_2024 import judge, learning
from studies.gomez_casanova_2024.settings import KINDS, Kind, Learning, Settings
from studies.gomez_casanova_2024.study import Result, Study


def paper_method(
    study: Study,
    case: Case,
    seed: int,
    kind: Kind,
    num_samples: int,
    num_paths: int,
    learn: Learning | None = None,
) -> Result:
    """Sampled payoffs along cash flows, backward networks, forward network; of one kind throughout."""
    s = study.settings
    chosen = learn or s.forward

    def run() -> Result:
        rule = policy_of(study, case, seed, kind)
        key = jax.random.key(1000 + seed)
        network = learning.forward(
            case, rule, key, num_samples, chosen, kind=kind, num_paths=num_paths
        )
        return _judged(network, study.truth(case))

    name = f"paper-{case}-{kind.replace(' ', '-')}-seed{seed}-{num_samples}x{num_paths}"
    return study.once(name, run, *backward_settings(s), chosen, s.num_fresh)


def _judged(surrogate: AbstractSurrogate, truth: nr.learning.Labels) -> Result:
    """Errors, and on which labels it was learned."""
    return judge.summary(judge.errors(surrogate, truth)) | {"labels": learning.LABELS}


def backward_settings(s: Settings, payoff: Payoff = "cash_flows") -> tuple[object, ...]:
    """What decides the backward networks."""
    if payoff == "compensated":
        return learning.LABELS, s.own_samples, s.own
    return learning.LABELS, s.backward_samples, s.first, s.backward


_POLICIES: dict[tuple[object, ...], nr.learning.BackwardPolicy] = {}


def policy_of(
    study: Study, case: Case, seed: int, kind: Kind, payoff: Payoff = "cash_flows"
) -> nr.learning.BackwardPolicy:
    """Backward networks of one case and seed, trained once a process."""
    s = study.settings
    mark = (s.name, case, seed, kind, payoff)
    if mark not in _POLICIES:
        study.say(f"backward networks, case {case}, {kind}, seed {seed}")
        num_samples, first, then, weight = s.backward_samples, s.first, s.backward, 1.0
        if payoff == "compensated":
            num_samples, first, then, weight = s.own_samples, s.own, s.own, s.compensated_weight
        _POLICIES[mark] = learning.policy(
            case, kind, jax.random.key(seed), num_samples, first, then, payoff, weight
        )
    return _POLICIES[mark]


def rejections(study: Study) -> Result:
    """Share of the generator's draws that are markets, case by case: no negative variance, no absurd forward."""

    def run() -> Result:
        shares: Result = {}
        for case in study.settings.cases:
            domain = nr.problems.ten_year_cancellable(learning.SIDE, case).domain
            assert domain.density is not None
            shares[case] = acceptance(domain.density, domain.contains, jax.random.key(9), 16_384)
        return {"let_in": shares}

    return study.once("rejections", run, study.settings.cases)


def joint_against_plain(study: Study) -> Result:
    """Every case without control prices, with them, and with them by our weights; over the seeds in case IV."""
    s = study.settings
    results: Result = {}
    for case in reversed(s.cases):
        for seed in s.seeds if case == "IV" else s.seeds[:1]:
            for kind in s.kinds if case == "IV" else KINDS[:2]:
                mark = f"{case} {kind.replace(' ', '-')} {seed}"
                results[mark] = paper_method(study, case, seed, kind, s.forward_samples, 1)
    return results


def paper_at_its_best(study: Study) -> Result:
    """Joint, with the most samples and paths."""
    s = study.settings
    return paper_method(study, "IV", 1, "joint", s.best_samples, s.best_paths, s.best)


def hedged_network(study: Study) -> Result:
    """Labels hedged in Europeans, the same network."""
    return controlled(study, "hedged", study.settings.hedged_samples, anchored=False)


def compensated_network(study: Study) -> Result:
    """Labels less what the policy's own values gained, the same network."""
    return controlled(study, "compensated", study.settings.compensated_samples, anchored=False)


def compensated_anchored(study: Study) -> Result:
    """Labels less what the policy's own values gained, a network that corrects closed forms."""
    return controlled(study, "compensated", study.settings.compensated_samples, anchored=True)


def controlled(study: Study, payoff: Payoff, num_samples: int, anchored: bool) -> Result:
    """One path a label, with a control variate, as many labels as cost what the best sampled ones cost."""
    s, problem = study.settings, nr.problems.ten_year_cancellable(learning.SIDE)
    own = payoff == "compensated"
    wide = s.corrections if anchored else s.wide
    chosen, weight = (wide, s.compensated_weight) if own else (s.best, 1.0)

    def run() -> Result:
        rule = policy_of(study, "IV", 1, "target first", "compensated" if own else "cash_flows")
        labels = nr.learning.sampled_payoffs(
            problem,
            rule,
            jax.random.key(77),
            num_samples,
            payoff=payoff,
            joint=True,
            folder=study.work / f"{payoff}-labels",
        )
        key = jax.random.key(78)
        start = learning.untrained(labels, chosen, key)
        surrogate = (
            learning.fit_corrected(problem, labels, chosen, key, weight=weight)
            if anchored
            else learning.learn(
                start, labels, key, learning=chosen, kind="target first", weight=weight
            )
        )
        return _judged(surrogate, study.truth())

    name = f"{payoff}-{'anchored' if anchored else 'network'}-{num_samples}"
    return study.once(name, run, *backward_settings(s, payoff), chosen, weight, s.num_fresh)


def convergence(study: Study) -> Result:
    """Error against samples and paths, joint and plain, all on one policy and the same labels."""
    s, problem = study.settings, nr.problems.ten_year_cancellable(learning.SIDE)
    most = round(max(s.factors) * s.forward_samples)

    def run(num_paths: int, num_samples: int, kind: Kind) -> Result:
        labels = nr.learning.sampled_payoffs(
            problem,
            policy_of(study, "IV", 1, "joint"),
            jax.random.key(55),
            most,
            num_paths=num_paths,
            joint=True,
            folder=study.work / f"convergence-labels-{num_paths}",
        ).take(slice(0, num_samples))
        chosen = first_output(labels) if kind == "plain" else labels
        key = jax.random.key(56)
        start = learning.untrained(chosen, s.forward, key)
        network = learning.learn(start, chosen, key, learning=s.forward, kind=kind)
        return _judged(network, study.truth())

    results: Result = {}
    kinds: tuple[Kind, ...] = ("joint", "plain")
    for num_paths, factor, kind in itertools.product(s.paths, s.factors, kinds):
        size = round(factor * s.forward_samples)
        name = f"convergence-{kind}-{size}x{num_paths}"
        measure = functools.partial(run, num_paths, size, kind)
        results[name] = study.once(name, measure, *backward_settings(s), s.forward, s.num_fresh)
    return results


def first_output(labels: nr.learning.Labels) -> nr.learning.Labels:
    """The same labels without control prices."""
    assert labels.gradient is not None
    return nr.learning.Labels(
        labels.x, labels.value[:, :1], labels.gradient[:, :1], labels.error[:, :1]
    )


def label_costs(study: Study) -> Result:
    """Processor seconds per label of every kind and its noise, all under one policy, compile time apart."""
    problem = nr.problems.ten_year_cancellable(learning.SIDE)

    def run() -> Result:
        rule = policy_of(study, "IV", 1, "target first", "compensated")
        kinds: dict[str, tuple[Payoff, int]] = {
            "cash_flows_1": ("cash_flows", 1),
            "cash_flows_2": ("cash_flows", 2),
            "cash_flows_4": ("cash_flows", 4),
            "cash_flows_16": ("cash_flows", 16),
            "exercise_value_1": ("exercise_value", 1),
            "hedged_1": ("hedged", 1),
            "compensated_1": ("compensated", 1),
        }
        seconds, sampled = {}, {}
        for name, (payoff, paths) in kinds.items():
            sample = functools.partial(
                nr.learning.sampled_payoffs,
                problem,
                rule,
                num_paths=paths,
                payoff=payoff,
                joint=True,
                batch=4096,
            )
            sample(jax.random.key(1), 4096)
            start = time.process_time()
            labels = sample(jax.random.key(2), 8192)  # the same points for every kind
            seconds[name] = (time.process_time() - start) / 8192
            sampled[name] = labels.value[:512, 0]
        exact = jax.jit(lambda x: jax.lax.map(lambda p: problem(p).value, x, batch_size=8))
        truth = exact(labels.x[:512])
        deviations = {
            name: float(np.std(np.asarray(values - truth))) / nr.core.basis_point
            for name, values in sampled.items()
        }
        return {
            "processor_seconds_per_label": seconds,
            "noise_bp": deviations,
            "labels": learning.LABELS,
        }

    return study.once("label-costs", run, *backward_settings(study.settings, "compensated"))
