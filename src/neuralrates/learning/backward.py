"""Backward networks: one per exercise time, each labelled by the ones after it; together they hold the exercise policy."""

from collections.abc import Callable, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.core.checks import on_device
from neuralrates.core.types import Inputs, Key, Scalar
from neuralrates.learning.data.sampled import sampled_payoffs
from neuralrates.models.model import State
from neuralrates.problems.domain import Domain
from neuralrates.problems.labels import Labels
from neuralrates.problems.problem import Problem
from neuralrates.surrogates.surrogate import AbstractSurrogate

Learn = Callable[[AbstractSurrogate, Labels, Key], AbstractSurrogate]
"""Surrogate to start from, labels and key to the surrogate learned."""
Sample = Callable[..., Labels]


class BackwardPolicy(eqx.Module):
    """Values of keeping the product at each exercise time, by one surrogate each; exercise where it gives more.

    Args:
        surrogates: one surrogate whose arrays have a leading axis over the exercise times; its inputs are the market's and
            the state, its first output is the value of keeping
    """

    surrogates: AbstractSurrogate

    @classmethod
    def of(cls, surrogates: Sequence[AbstractSurrogate]) -> "BackwardPolicy":
        """Policy of one surrogate per exercise time, all of one architecture."""
        arrays, static = zip(*(eqx.partition(s, eqx.is_array) for s in surrogates), strict=True)
        stacked = jax.tree.map(lambda *leaves: on_device(np.stack(leaves)), *arrays)
        return cls(eqx.combine(stacked, static[0]))

    def at(self, exercise: Any) -> AbstractSurrogate:
        """The surrogate of the exercise time of this number, counted from zero."""
        return jax.tree.map(lambda x: x[exercise] if eqx.is_array(x) else x, self.surrogates)

    def __call__(self, exercise: Any, x: Inputs, state: State) -> Scalar:
        return self.at(exercise)(jnp.concatenate([x, jnp.reshape(state, (-1,))]))[0]


def fit_backward(
    problem: Problem,
    domains: Sequence[Domain],
    start: AbstractSurrogate,
    learn: Learn,
    *,
    key: Key,
    num_samples: int,
    sample: Sample = sampled_payoffs,
    progress: Callable[[int, int], None] | None = None,
) -> BackwardPolicy:
    """Train the backward networks, from the last exercise time to the first.

    At each one, points are drawn from its own domain, labelled by simulation under the policy of the later ones, and learned
    by a network that starts from the one trained before it.

    Args:
        problem: of the product held at a date: its inputs end with time and state
        domains: one per exercise time, in order: where its points come from
        start: surrogate before any training, of the market inputs and the state; its first output is the value of keeping
        learn: trains one of them
        key: of all draws
        num_samples: labels of each network
        sample: makes the labels; called with problem, policy, key, number of samples and `x`
        progress: called with the networks done and in all

    Returns:
        The policy.

    Source: Gomez Casanova et al. (2024), section 3.1, algorithm 1.
    """
    count = len(domains)
    networks = [start] * count
    for done, exercise in enumerate(reversed(range(count))):
        points_key, paths_key, learn_key = jax.random.split(jax.random.fold_in(key, exercise), 3)
        x = domains[exercise].sample(points_key, num_samples)
        labels = sample(problem, BackwardPolicy.of(networks), paths_key, num_samples, x=x)
        origin = networks[min(exercise + 1, count - 1)]
        networks[exercise] = learn(origin, without_time(problem, labels), learn_key)
        if progress is not None:
            progress(done + 1, count)
    return BackwardPolicy.of(networks)


def without_time(problem: Problem, labels: Labels) -> Labels:
    """Labels of a held product whose inputs leave out the time."""
    column = problem.domain.index("time")
    gradient = labels.gradient
    return Labels(
        _drop(labels.x, column),
        labels.value,
        None if gradient is None else _drop(gradient, column),
        labels.error,
    )


def _drop(array: Float[Array, "..."], column: int) -> Float[Array, "..."]:
    return on_device(np.delete(array, column, axis=-1))
