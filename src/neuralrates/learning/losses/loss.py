"""A loss: a weighted sum of named terms on random batches of samples."""

from collections.abc import Callable
from typing import Any, TypeAlias

import equinox as eqx
import jax
import jax.numpy as jnp

from neuralrates.core.checks import check_above, check_finite
from neuralrates.core.types import Key, Scalar
from neuralrates.learning.data.samples import Samples
from neuralrates.learning.losses.terms import AbstractTerm
from neuralrates.problems.labels import Labels
from neuralrates.surrogates.corrected import MakeBaseline
from neuralrates.surrogates.networks.network import Network
from neuralrates.surrogates.scaling import Scaling

Objective: TypeAlias = Callable[[Any, Key], Any]
"""Surrogate and key to a loss. A key draws the batch; an objective without batches ignores it."""


class Weighted(eqx.Module):
    """A part of a sum.

    Args:
        name: what it is called
        weight: what multiplies it
        part: a term of a `Loss`, or an objective of a `Sum`
    """

    name: str = eqx.field(static=True)
    weight: float = eqx.field(static=True)
    part: Any

    def __check_init__(self) -> None:
        check_finite("weight", self.weight)
        check_above("weight", self.weight, 0.0)


class Loss(eqx.Module):
    """Terms of one draw of samples, added up.

    A loss on a baseline is one of the learned function alone: what `Corrected` adds to it is in the samples already.

    Args:
        samples: the data in correction space
        terms: named and weighted; all see the same batch
        output_scaling: of an untrained function's outputs
        batch: samples drawn per step, with replacement; all of them when None
        baseline: what the samples were made with, for those of other labels
    """

    samples: Samples
    terms: tuple[Weighted, ...]
    output_scaling: Scaling
    batch: int | None = eqx.field(static=True, default=None)
    baseline: MakeBaseline | None = None

    def __check_init__(self) -> None:
        _check_names("terms", self.terms)
        if self.batch is not None and self.batch < 1:
            raise ValueError(f"Argument `batch` must be at least 1, but is {self.batch}.")

    def __call__(self, function: Callable[..., Any], key: Key) -> Scalar:
        return added(self.terms, self.parts(function, key))

    def parts(self, function: Callable[..., Any], key: Key) -> dict[str, Scalar]:
        """The terms by name, before their weights."""
        return evaluated(self.terms, self._batch(key), function, key)

    def on(self, labels: Labels) -> "Loss":
        """The same terms, in the same units, of all of some other labels.

        Raises:
            ValueError: where the samples carry differentials and these labels none
        """
        slopes = self.samples.gradient is not None
        single = self.samples.residual.dtype == jnp.float32
        samples = Samples.of(labels, self.baseline, slopes=slopes, single=single)
        return Loss(samples, self.terms, self.output_scaling, None, self.baseline)

    def start(self, widths: tuple[int, ...], key: Key) -> Network:
        """Untrained network between the scalings of the features and of the outputs."""
        features = Scaling.from_samples(self.samples.features)
        network = Network.random(features, self.output_scaling, widths, key=key)
        return jax.tree.map(lambda array: array.astype(self.samples.features.dtype), network)

    def _batch(self, key: Key) -> Samples:
        if self.batch is None:
            return self.samples
        return self.samples.take(jax.random.randint(key, (self.batch,), 0, len(self.samples)))


class Sum(eqx.Module):
    """Objectives on data of their own, added up.

    Args:
        objectives: named and weighted; each has a key of its own

    Example:
        >>> import jax, jax.numpy as jnp
        >>> import neuralrates as nr
        >>> one, two = ([[0.0], [1.0]], [0.0, 2.0]), ([[2.0]], [3.0])
        >>> losses = [nr.learning.value_loss(nr.learning.Labels.from_arrays(*data)) for data in (one, two)]
        >>> names = zip(("near", "far"), (1.0, 0.5), losses, strict=True)
        >>> whole = nr.learning.Sum(tuple(nr.learning.Weighted(*part) for part in names))
        >>> print(whole(lambda x: jnp.zeros(1), jax.random.key(0)))  # 2 + 0.5 x 9
        6.5
    """

    objectives: tuple[Weighted, ...]

    def __check_init__(self) -> None:
        _check_names("objectives", self.objectives)

    def __call__(self, function: Any, key: Key) -> Scalar:
        return added(self.objectives, self.parts(function, key))

    def parts(self, function: Any, key: Key) -> dict[str, Scalar]:
        """The objectives by name, before their weights."""
        keys = jax.random.split(key, len(self.objectives))
        pairs = zip(self.objectives, keys, strict=True)
        return {one.name: one.part(function, own) for one, own in pairs}


def _check_names(field: str, terms: tuple[Weighted, ...]) -> None:
    names = [term.name for term in terms]
    if len(set(names)) < len(names):
        raise ValueError(
            f"Argument `{field}` must have a name of its own for each part, but has {names}."
        )


def evaluated(
    terms: tuple[Weighted, ...], samples: Samples, function: Callable[..., Any], key: Key
) -> dict[str, Scalar]:
    """Every term of a function on these samples, by name."""
    parts: list[tuple[str, AbstractTerm]] = [(term.name, term.part) for term in terms]
    predicted = samples.predicted(function, jacobian=any(part.jacobian for _, part in parts))
    return {name: part(samples, predicted, key) for name, part in parts}


def added(terms: tuple[Weighted, ...], parts: dict[str, Scalar]) -> Scalar:
    """The weighted sum."""
    return sum(term.weight * parts[term.name] for term in terms)
