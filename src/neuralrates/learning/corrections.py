"""Small residual networks, one per kind of point, that learn what a formula misses, with its differentials."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Float

from neuralrates.core.types import Inputs, Key, Outputs, Scalar
from neuralrates.learning.data.samples import Samples
from neuralrates.learning.experts import Parts
from neuralrates.learning.fitting import even_chunk, fit
from neuralrates.learning.history import History
from neuralrates.learning.losses.loss import Weighted, added, evaluated
from neuralrates.learning.losses.terms import SlopeTerm, ValueTerm
from neuralrates.surrogates.networks.layers import Layers
from neuralrates.surrogates.networks.mixture_of_experts import (
    KindScaling,
    MixtureOfExperts,
    sent_by_columns,
)
from neuralrates.surrogates.networks.network import Dense
from neuralrates.surrogates.scaling import Scaling

Gradients = Float[np.ndarray, "samples inputs"]


@dataclass(frozen=True)
class CorrectionRecipe:
    """Size and training of the corrections.

    Args:
        width: neurons of each layer
        depth: layers of each expert, the output's left out
        batch: samples of each kind per step
        num_steps: steps of Muon
        learning_rate: its highest step; decays by a cosine
        weight: of the differentials against the values
    """

    width: int = 48
    depth: int = 4
    batch: int = 64
    num_steps: int = 3000
    learning_rate: float = 1e-2
    weight: float = 1.0


class Corrections(eqx.Module):
    """Residual experts on inputs that each kind scales for itself.

    Args:
        experts: layers of each, stacked
        head: to one scaled output
    """

    experts: Layers
    head: Dense

    def of(self, expert: Layers) -> Callable[[Inputs], Outputs]:
        """Scaled output of one expert, as a function of the inputs scaled for its kind."""
        return lambda z: self.head(expert(z))


class CorrectionLoss(eqx.Module):
    """Squared residuals of corrections and of their differentials, kind by kind, averaged over the kinds.

    Args:
        samples: inputs, residuals and their derivatives, scaled kind by kind
        terms: with a leading axis over the kinds
        parts: which sample is of which kind
        batch: samples of each kind per step

    Source: Huge and Savine (2020), appendix 2, with one size for all derivatives of a kind.
    """

    samples: Samples
    terms: tuple[Weighted, ...]
    parts: Parts
    batch: int = eqx.field(static=True)

    def __call__(self, network: Corrections, key: Key) -> Scalar:
        drawn = self.samples.take(self.parts.draw(key, self.batch))

        def of_kind(expert: Layers, samples: Samples, terms: tuple[Weighted, ...]) -> Scalar:
            return added(terms, evaluated(terms, samples, network.of(expert), key))

        return jnp.mean(eqx.filter_vmap(of_kind)(network.experts, drawn, self.terms))


class _Prepared(eqx.Module):
    """Samples in the units of their kinds."""

    loss: CorrectionLoss
    shift: np.ndarray
    scale: np.ndarray
    output: KindScaling


def fit_corrections(
    x: Gradients,
    residual: Float[np.ndarray, "samples"],
    slope: Gradients,
    kinds: tuple[int, ...],
    recipe: CorrectionRecipe,
    *,
    key: Key,
    checkpoint: Path | None = None,
) -> tuple[MixtureOfExperts, History]:
    """Learn what a formula misses: one residual expert per kind, chosen by the kind's column.

    Args:
        x: points in raw units
        residual: value less baseline, raw units
        slope: derivatives of `residual` to `x`
        kinds: columns of `x` that are one for a point of their kind, else zero
        recipe: size and training
        key: of weights and batches
        checkpoint: folder to go on from, and to keep up to date

    Returns:
        A mixture without trunk, its gate fixed, and the history.

    Raises:
        DivergenceError: where the loss runs away
        ValueError: where a kind has no samples

    Source: differentials as labels after Huge and Savine (2020).

    Example:
        >>> import jax, numpy as np
        >>> import neuralrates as nr
        >>> random = np.random.default_rng(0)
        >>> x = np.column_stack([random.uniform(-1, 1, 256), np.eye(2)[np.arange(256) % 2]])
        >>> slope = np.column_stack([np.cos(x[:, 0]), np.zeros((256, 2))])
        >>> recipe = nr.learning.CorrectionRecipe(width=8, depth=2, batch=32, num_steps=300)
        >>> mixture, _ = nr.learning.fit_corrections(x, np.sin(x[:, 0]), slope, (1, 2), recipe, key=jax.random.key(0))
        >>> bool(abs(mixture(jax.numpy.asarray(x[0]))[0] - np.sin(x[0, 0])) < 0.03)
        True
    """
    prepared = _prepare(x, residual, slope, kinds, recipe)
    start, training = jax.random.split(key)
    network = _untrained(x.shape[1], len(kinds), recipe, start)
    trained, history = fit(
        network,
        prepared.loss,
        _muon(recipe),
        key=training,
        num_steps=recipe.num_steps,
        chunk=even_chunk(recipe.num_steps, 500),
        checkpoint=checkpoint,
    )
    return _finished(trained, Scaling.from_samples(x), prepared, kinds), history


def _prepare(
    x: Gradients,
    residual: np.ndarray,
    slope: Gradients,
    kinds: tuple[int, ...],
    recipe: CorrectionRecipe,
) -> _Prepared:
    kind = np.argmax(x[:, list(kinds)], axis=1)
    parts = Parts.of(kind, len(kinds))
    chosen = [kind == number for number in range(len(kinds))]
    shift = np.stack([x[rows].mean(axis=0) for rows in chosen])
    spread = np.stack([x[rows].std(axis=0) for rows in chosen])
    moves = spread > 1e-12 * np.maximum(1.0, np.abs(shift))
    scale = np.where(moves, spread, np.inf)
    mean = np.array([residual[rows].mean() for rows in chosen])
    size = np.array([residual[rows].std() for rows in chosen])
    size = np.where(size > 0.0, size, 1.0)
    target = (residual - mean[kind]) / size[kind]
    slopes = slope * np.where(moves, spread, 0.0)[kind] / size[kind][:, None]
    length = np.array([np.mean(np.sum(slopes[rows] ** 2, axis=1)) for rows in chosen])
    samples = Samples(
        jnp.asarray((x - shift[kind]) / scale[kind], jnp.float32),
        jnp.asarray(target[:, None], jnp.float32),
        jnp.asarray(slopes[:, None, :], jnp.float32),
    )
    loss = CorrectionLoss(samples, _terms(length, x.shape[1], recipe.weight), parts, recipe.batch)
    return _Prepared(loss, shift, scale, KindScaling(kinds, jnp.asarray(mean), jnp.asarray(size)))


def _terms(length: np.ndarray, num_inputs: int, weight: float) -> tuple[Weighted, ...]:
    """Values, and slopes over their root mean square length, stacked over the kinds."""

    def of_kind(size: Scalar) -> tuple[Weighted, ...]:
        one, unit = jnp.ones(1, jnp.float32), jnp.full((1, num_inputs), size)
        return (
            Weighted("values", 1.0 / (1.0 + weight), ValueTerm(one, one)),
            Weighted("slopes", weight / (1.0 + weight), SlopeTerm(unit)),
        )

    sizes = np.sqrt(np.where(length > 0.0, length, 1.0))
    terms: tuple[Weighted, ...] = eqx.filter_jit(eqx.filter_vmap(of_kind))(
        jnp.asarray(sizes, jnp.float32)
    )
    return terms


@eqx.filter_jit
def _untrained(num_inputs: int, num_kinds: int, recipe: CorrectionRecipe, key: Key) -> Corrections:
    first, last = jax.random.split(key)
    experts = eqx.filter_vmap(
        lambda k: Layers.random(num_inputs, recipe.width, recipe.depth, k, "silu", residual=True)
    )(jax.random.split(first, num_kinds))
    network = Corrections(experts, Dense.random(recipe.width, 1, last))
    return jax.tree.map(lambda array: array.astype(jnp.float32), network)


def _finished(
    network: Corrections, scaling: Scaling, prepared: _Prepared, kinds: tuple[int, ...]
) -> MixtureOfExperts:
    """The mixture on commonly scaled inputs: each kind's own scaling goes into its first layer."""
    entry = network.experts.entry
    weight = np.asarray(entry.weight, np.float64) / prepared.scale[:, None, :]
    middle = np.asarray(scaling.shift) - prepared.shift
    bias = np.asarray(entry.bias) + np.einsum("koi,ki->ko", weight, middle)
    folded = jax.tree.map(
        lambda array: jnp.asarray(array, jnp.float32), (weight * np.asarray(scaling.scale), bias)
    )
    experts = eqx.tree_at(
        lambda layers: (layers.entry.weight, layers.entry.bias), network.experts, folded
    )
    gate = sent_by_columns(kinds, scaling)
    return MixtureOfExperts(scaling, None, gate, experts, network.head, prepared.output, 1)


@functools.cache
def _muon(recipe: CorrectionRecipe) -> optax.GradientTransformation:
    """Muon for weight matrices, Adam for the rest; one object per recipe, so that training compiles once."""
    rate = optax.cosine_decay_schedule(recipe.learning_rate, recipe.num_steps, 1e-3)
    return optax.contrib.muon(rate, muon_weight_dimension_numbers=_matrices)


def _matrices(parameters: Any) -> Any:
    """Which leaves are stacks of matrices: those named `weight`."""
    matrix = optax.contrib.MuonDimensionNumbers(reduction_axis=-1, output_axis=-2)
    return jax.tree_util.tree_map_with_path(
        lambda path, _: matrix if getattr(path[-1], "name", "") == "weight" else None, parameters
    )
