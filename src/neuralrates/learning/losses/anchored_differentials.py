"""The loss of an anchored surrogate of one output from values and differentials, in single precision."""

from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.checks import as_array
from neuralrates.core.types import Inputs, Key, Scalar
from neuralrates.problems.labels import Labels
from neuralrates.surrogates.corrected import Baseline, MakeBaseline
from neuralrates.surrogates.networks.network import Network
from neuralrates.surrogates.scaling import Scaling


class _Known(NamedTuple):
    """Of every sample: features, scale and what the baseline misses, each with its derivatives to the inputs."""

    features: Array
    along: Array
    scale: Array
    scale_along: Array
    missed: Array
    missed_along: Array


class AnchoredDifferentialLoss(eqx.Module):
    r"""Mean squared errors of values and differentials of `Corrected(baseline, network)` as a function of the network alone.

    Errors of values count over the root mean square of what the baseline misses. A differential counts times the spread of its
    input, over the common size of all: $\\sum_j (s_j e_j)^2$ over the mean of $\\sum_j (s_j m_j)^2$, with $m_j$ what the
    baseline misses. So an input matters by how far it moves the price, and one that hardly does needs no fit of its own.
    Baselines and their derivatives are worked out once, in double precision; what is kept of them is single.

    Args:
        labels: the data, of one output, with gradients
        baseline: raw inputs to what is known
        batch: samples drawn per step, with replacement
        weight: of the differentials against the values
        chunk: samples whose baselines are worked out at once

    Raises:
        ValueError: where the labels have several outputs or no gradients

    Source: Huge and Savine (2020), appendix 2, with one size for all derivatives.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> import neuralrates as nr
        >>> labels = nr.learning.Labels.from_arrays([[0.0], [1.0]], [0.0, 2.0], gradient=[[2.0], [2.0]])
        >>> def baseline(x):
        ...     return nr.surrogates.Baseline(x, x, jnp.ones(1))
        >>> loss = nr.learning.AnchoredDifferentialLoss(labels, baseline, batch=16)
        >>> key = jax.random.key(0)
        >>> print(loss(lambda features: features, key), loss(lambda features: features + 1.0, key) > 0.0)
        0.0 True
    """

    features: Float[Array, "samples features"]
    along: Float[Array, "samples features inputs"]
    scale: Float[Array, "samples"]
    scale_along: Float[Array, "samples inputs"]
    missed: Float[Array, "samples"]
    missed_along: Float[Array, "samples inputs"]
    unit: Float[Array, ""]
    length: float = eqx.field(static=True)
    batch: int = eqx.field(static=True)
    weight: float = eqx.field(static=True)

    def __init__(
        self,
        labels: Labels,
        baseline: MakeBaseline,
        batch: int,
        weight: float = 1.0,
        chunk: int = 4096,
    ) -> None:
        if labels.gradient is None or labels.value.shape[1] != 1:
            raise ValueError("Argument `labels` must have gradients and a single output.")
        spread = jnp.std(labels.x, axis=0)
        parts = [
            _known(baseline, labels.take(slice(start, start + chunk)), spread)
            for start in range(0, len(labels), chunk)
        ]
        known = jax.tree.map(lambda *rows: jnp.concatenate(rows), *parts)
        unit = jnp.sqrt(jnp.mean(known.missed**2))
        unit = jnp.where(unit > 0.0, unit, jnp.ones_like(unit))
        self.features, self.along = known.features, known.along
        self.scale, self.scale_along = known.scale / unit, known.scale_along / unit
        self.missed, self.missed_along = known.missed / unit, known.missed_along / unit
        self.unit = unit
        length = float(jnp.mean(jnp.sum(self.missed_along**2, axis=1)))
        self.length = length if length > 0.0 else 1.0
        self.batch, self.weight = batch, weight

    def start(self, widths: tuple[int, ...], key: Key) -> Network:
        """Untrained network between the scalings of the features and of the corrections, in single precision."""
        size = jnp.sqrt(jnp.sum(self.missed**2) / jnp.sum(self.scale**2))
        scaling = Scaling(jnp.zeros(1), as_array(jnp.reshape(size, (1,))))
        network = Network.random(Scaling.from_samples(self.features), scaling, widths, key=key)
        return jax.tree.map(lambda array: array.astype(jnp.float32), network)

    def errors(self, network: Callable[..., Any]) -> Float[Array, "samples"]:
        """Errors of the values at every sample, raw units."""
        corrections = jax.vmap(network)(self.features)[:, 0]
        return self.unit * (self.scale * corrections - self.missed)

    def __call__(self, network: Callable[..., Any], key: Key) -> Scalar:
        rows = jax.random.randint(key, (self.batch,), 0, self.features.shape[0])

        def errors(
            features: Any, along: Any, scale: Any, scale_along: Inputs, missed: Any, slopes: Inputs
        ) -> tuple[Any, Any]:
            correction, pullback = jax.vjp(network, features)
            (of_features,) = pullback(jnp.ones_like(correction))
            found = correction[0] * scale_along + scale * (of_features @ along)
            return (correction[0] * scale - missed) ** 2, jnp.sum((found - slopes) ** 2)

        parts = (
            self.features,
            self.along,
            self.scale,
            self.scale_along,
            self.missed,
            self.missed_along,
        )
        values, slopes = jax.vmap(errors)(*(part[rows] for part in parts))
        relative = jnp.mean(slopes) / self.length
        return (jnp.mean(values) + self.weight * relative) / (1.0 + self.weight)


@eqx.filter_jit
def _known(baseline: MakeBaseline, labels: Labels, spread: Inputs) -> _Known:
    """What is known of some samples, derivatives per spread of the input."""

    def one(x: Inputs, value: Array, slope: Array) -> _Known:
        known, tangent = jax.linearize(baseline, x)
        along: Baseline = jax.vmap(tangent, out_axes=-1)(jnp.diag(spread))
        return _Known(
            known.features,
            along.features,
            known.scale[0],
            along.scale[0],
            value[0] - known.value[0],
            slope[0] * spread - along.value[0],
        )

    whole = jax.vmap(one)(labels.x, labels.value, as_array(labels.gradient))
    single: _Known = jax.tree.map(lambda array: array.astype(jnp.float32), whole)
    return single
