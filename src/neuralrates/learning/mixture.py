"""A mixture of experts from arrays: experts on their own parts, joined, then the gate."""

import functools
from dataclasses import dataclass
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float, Int

from neuralrates.core.types import Key
from neuralrates.learning.experts import ApartLoss, ExpertsApart, Parts
from neuralrates.learning.fitting import even_chunk, fit
from neuralrates.learning.gate import fit_gate
from neuralrates.learning.history import History
from neuralrates.surrogates.networks.mixture_of_experts import KindScaling, MixtureOfExperts
from neuralrates.surrogates.scaling import Scaling

_WARM_UP = 0.1
_POPULATION = 8192
Values = Float[np.ndarray, "samples"] | Float[Array, "samples"]
Points = Float[np.ndarray, "samples inputs"] | Float[Array, "samples inputs"]
Numbers = Int[np.ndarray, "samples"] | Int[Array, "samples"]


@dataclass(frozen=True)
class Recipe:
    """Size and training of a mixture of experts; with one expert, of a dense network.

    Args:
        width: neurons of each layer
        depth_before: layers of the trunk
        depth: layers in all, the output's included
        batch: samples per step, over all parts
        num_steps: steps of trunk and experts
        gate_steps: steps of the gate
        learning_rate: highest step of Adam
        weight_decay: shrinks weights, in units of the step
        dropout: share of the trunk's neurons left out
        expert_dropout: share of the experts' neurons left out
        balance: weight of uneven use
        top: experts asked per point
    """

    width: int
    depth_before: int = 15
    depth: int = 31
    batch: int = 512
    num_steps: int = 1000
    gate_steps: int = 600
    learning_rate: float = 5e-3
    weight_decay: float = 1e-4
    dropout: float = 0.0
    expert_dropout: float = 0.0
    balance: float = 0.01
    top: int = 1

    @property
    def expert_depth(self) -> int:
        """Layers of each expert: those between trunk and output."""
        return self.depth - 1 - self.depth_before


def fit_mixture(
    x: Points,
    value: Values,
    part: Numbers,
    num_parts: int,
    kinds: tuple[int, ...],
    recipe: Recipe,
    *,
    key: Key,
    checkpoint: Path | None = None,
) -> tuple[MixtureOfExperts, History]:
    """Train a mixture of experts with one expert per part.

    Adam with weight decay, its rate warmed up and decayed; batches have the same number of samples of every part. Statistics
    for the finished network are those of a large batch without dropout.

    Args:
        x: points in raw units
        value: values in raw units
        part: number of each sample's part
        num_parts: how many parts, and so experts
        kinds: columns of `x` that tell the kind of a point; each kind's values are scaled apart
        recipe: size and training
        key: of weights and batches
        checkpoint: folder to go on from, and to keep up to date

    Returns:
        The mixture, and the history of its experts' training.

    Raises:
        DivergenceError: where the loss runs away
        ValueError: where a part or a kind has no samples

    Source: Shazeer et al. (2017); pre-trained experts and the schedule of the gate are ours.

    Example:
        >>> import jax, numpy as np
        >>> import neuralrates as nr
        >>> random = np.random.default_rng(0)
        >>> kind = random.integers(0, 2, 512)
        >>> x = np.column_stack([random.uniform(-1, 1, 512), np.eye(2)[kind]])
        >>> recipe = nr.learning.Recipe(width=8, depth_before=2, depth=5, batch=64, num_steps=200, gate_steps=40)
        >>> mixture, _ = nr.learning.fit_mixture(x, np.abs(x[:, 0]), kind, 2, (1, 2), recipe, key=jax.random.key(0))
        >>> bool(abs(mixture(jax.numpy.asarray(x[0]))[0] - abs(x[0, 0])) < 0.3)
        True
    """
    scaling, output = Scaling.from_samples(x), kind_scaling(np.asarray(x), np.asarray(value), kinds)
    z, scaled = np.asarray(jax.vmap(scaling)(jnp.asarray(x))), scaled_by_kind(output, x, value)
    parts = Parts.of(part, num_parts)
    start, training, gate, last = jax.random.split(key, 4)
    sizes = recipe.width, recipe.depth_before, num_parts, recipe.expert_depth
    network = ExpertsApart.random(x.shape[1], *sizes, start)
    loss = ApartLoss(
        jnp.asarray(z, jnp.float32),
        jnp.asarray(scaled, jnp.float32),
        parts,
        max(2, recipe.batch // num_parts),
        recipe.dropout,
        recipe.expert_dropout,
    )
    trained, history = fit(
        network,
        loss,
        _adam(recipe),
        key=training,
        num_steps=recipe.num_steps,
        chunk=even_chunk(recipe.num_steps, 250),
        checkpoint=checkpoint,
    )
    statistics = loss.statistics(trained, last, max(64, _POPULATION // num_parts))
    mixture = trained.joined(statistics, scaling, output, recipe.top)
    if num_parts == 1:
        return mixture, history
    arrays = jnp.asarray(x), jnp.asarray(scaled), jnp.asarray(part)
    return fit_gate(
        mixture, *arrays, key=gate, num_steps=recipe.gate_steps, balance=recipe.balance
    ), history


@functools.cache
def _adam(recipe: Recipe) -> optax.GradientTransformation:
    """One object per recipe, so that training compiles once."""
    rate = optax.cosine_onecycle_schedule(
        recipe.num_steps, recipe.learning_rate, pct_start=_WARM_UP
    )
    return optax.adamw(rate, weight_decay=recipe.weight_decay)


def kind_scaling(x: np.ndarray, value: np.ndarray, kinds: tuple[int, ...]) -> KindScaling:
    """Mean and spread of the values of each kind.

    Raises:
        ValueError: where a kind has no samples
    """
    chosen = [value[x[:, column] == 1.0] for column in kinds]
    empty = [column for column, values in zip(kinds, chosen, strict=True) if not values.size]
    if empty:
        raise ValueError(
            f"Argument `x` must have points of every kind, but columns {empty} are zero."
        )
    spread = np.array([np.std(values) for values in chosen])
    mean = np.array([np.mean(values) for values in chosen])
    return KindScaling(kinds, jnp.asarray(mean), jnp.asarray(np.where(spread > 0.0, spread, 1.0)))


def scaled_by_kind(output: KindScaling, x: Points, value: Values) -> np.ndarray:
    """Values in units of their kind's spread, from their kind's mean."""
    kind = np.asarray(x)[:, list(output.columns)]
    return (np.asarray(value) - kind @ np.asarray(output.shift)) / (kind @ np.asarray(output.scale))
