"""`learn`: anyone's points, values and differentials in, a trained surrogate out."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import jax
import numpy as np
import optax
from jaxtyping import Array, Float

from neuralrates.core.checks import as_array
from neuralrates.core.doors import door
from neuralrates.core.types import Key
from neuralrates.learning.data.stream import LabelStream, ShardedLabels, split_shards
from neuralrates.learning.fitting import Progress, fit
from neuralrates.learning.history import History
from neuralrates.learning.losses.loss import Loss
from neuralrates.learning.losses.of_labels import differential_loss, value_loss
from neuralrates.problems.labels import Labels
from neuralrates.surrogates.networks.network import Network
from neuralrates.surrogates.projected import Projected, Projection
from neuralrates.surrogates.scaling import Scaling
from neuralrates.surrogates.surrogate import AbstractSurrogate

_CHUNKS = 20
_WARM_UP = 0.1


class _Parts(NamedTuple):
    """What is learned from, what the scalings are of, what chooses, and the stream of what is too large to be held."""

    training: Labels
    scaled_by: Labels
    chosen_by: Labels
    batches: LabelStream | None


@door
def learn(
    labels: Labels | ShardedLabels,
    *,
    key: Key,
    widths: Sequence[int] = (32, 32),
    weight: float = 1.0,
    num_steps: int = 3000,
    batch: int = 512,
    learning_rate: float = 1e-2,
    held_out: float = 0.1,
    discarded: float = 1e-6,
    progress: Progress | None = None,
    checkpoint: str | Path | None = None,
) -> tuple[AbstractSurrogate, History]:
    """Fit a network to anyone's arrays, or to a store of labels larger than memory, with choices that suit noisy labels too.

    Inputs are scaled by the spread of the samples. With gradients they are then turned into differential principal
    components: eigenvectors of the mean outer product of the scaled gradients, of which the smallest eigenvalues, together a
    share `discarded` of the whole, are left out. Steps are Adam's with a cosine schedule. The surrogate kept is the one with
    the lowest loss on samples held out. Of a store the scalings, the components and the units of the loss come from the first
    eight shards, whole shards are held out, eight at most, and all others are streamed, see `LabelStream`.

    Args:
        labels: points, values and, if there are any, differentials; see `Labels.from_arrays`, or a `LabelStore`
        key: of weights, batches and the split
        widths: neurons of each hidden layer
        weight: of one derivative against the value
        num_steps: steps of the optimiser
        batch: samples per step
        learning_rate: highest step size
        held_out: share of the samples kept for choosing
        discarded: share of the gradients' mean square that may be lost with the directions left out
        progress: called with the history and `num_steps` twenty times
        checkpoint: folder to go on from, and to keep up to date

    Returns:
        The surrogate of the lowest held-out loss, and the history with these losses as scores.

    Raises:
        DivergenceError: where the loss runs away
        InputError: where the checkpoint belongs to other settings, labels or code, or a shard is altered or missing
        ValueError: where there is a single shard, or the batch is larger than what is streamed

    Source: Huge and Savine (2020), for loss and schedule; Huge and Savine (2021), for the components.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> import neuralrates as nr
        >>> x = jax.random.normal(jax.random.key(0), (256, 2), jnp.float64)
        >>> slope = jnp.stack([jnp.cos(x[:, 0]), jnp.zeros(256)], axis=1)
        >>> labels = nr.learning.Labels.from_arrays(x, jnp.sin(x[:, 0]), slope)
        >>> surrogate, history = nr.learning.learn(labels, key=jax.random.key(1), widths=[8], num_steps=400)
        >>> surrogate.projection.directions.shape, bool(abs(surrogate(jnp.array([0.5, 3.0]))[0] - jnp.sin(0.5)) < 0.05)
        ((1, 2), True)
    """
    keys = jax.random.split(key, 3)
    parts = _parts(labels, keys[0], held_out, batch)
    known = parts.scaled_by
    scaling = Scaling.from_samples(known.x)
    projection = Projection(scaling, principal_directions(known, scaling, discarded))
    coordinates = jax.vmap(projection)(known.x)
    network = Network.random(
        Scaling.from_samples(coordinates), Scaling.from_samples(known.value), widths, key=keys[1]
    )
    schedule = optax.cosine_onecycle_schedule(num_steps, learning_rate, pct_start=_WARM_UP)
    score = _losses(parts.chosen_by, None, weight)
    return fit(
        Projected(projection, network),
        _losses(parts.training, batch, weight),
        optax.adam(schedule),
        key=keys[2],
        num_steps=num_steps,
        chunk=max(1, num_steps // _CHUNKS),
        batches=parts.batches,
        monitor=jax.jit(lambda surrogate: score(surrogate, keys[2])),
        progress=progress,
        checkpoint=checkpoint,
    )


def _parts(labels: Labels | ShardedLabels, key: Key, held_out: float, batch: int) -> _Parts:
    """Labels in memory split sample by sample, those in shards shard by shard."""
    match labels:
        case Labels():
            training, chosen_by = labels.split(key, held_out)
            return _Parts(training, labels, chosen_by, None)
    streamed, kept = split_shards(labels, key, held_out)
    first = streamed.first()
    return _Parts(first, first, kept.first(), LabelStream(streamed, batch))


def _losses(labels: Labels, batch: int | None, weight: float) -> Loss:
    """Loss on values, and on differentials where there are any."""
    if labels.gradient is None:
        return value_loss(labels, batch)
    return differential_loss(labels, batch, weight)


def principal_directions(
    labels: Labels, scaling: Scaling, discarded: float
) -> Float[Array, "_ inputs"]:
    """Differential principal components, the strongest first; the inputs themselves without gradients.

    Args:
        labels: the data
        scaling: of the inputs
        discarded: share of the gradients' mean square that may be lost

    Returns:
        Orthonormal rows, in scaled inputs.
    """
    if labels.gradient is None:
        return as_array(np.eye(labels.x.shape[1]))
    slopes = np.asarray(labels.gradient) * np.asarray(scaling.scale)[None, None, :]
    size = np.mean(np.sum(slopes**2, axis=2), axis=0)
    unit = slopes / np.sqrt(np.where(size > 0.0, size, 1.0))[None, :, None]
    moments = np.tensordot(unit, unit, axes=((0, 1), (0, 1)))
    values, vectors = np.linalg.eigh(moments)
    lost = np.cumsum(np.maximum(values, 0.0)) / np.sum(values)
    kept = max(1, int(np.sum(lost > discarded)))
    return as_array(vectors[:, ::-1][:, :kept].T)
