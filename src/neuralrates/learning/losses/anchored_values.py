"""The loss of an anchored surrogate of one output from values alone, as noisy as they come."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.types import Key, Scalar
from neuralrates.problems.labels import Labels
from neuralrates.surrogates.anchored import MakeAnchor
from neuralrates.surrogates.networks.network import Network
from neuralrates.surrogates.scaling import Scaling

_TOGETHER = 256


class AnchoredValueLoss(eqx.Module):
    """Mean squared error of the values of `Anchored(anchor, network)` as a function of the network alone.

    Errors count in the unit of the values, so that a correction weighs as much as its scale makes it matter; they are shown
    over the root mean square of what the baseline misses.

    Args:
        labels: the data, of one output
        anchor: raw inputs to what is known
        batch: samples drawn per step, with replacement

    Raises:
        ValueError: where the labels have several outputs

    Example:
        >>> import jax, jax.numpy as jnp
        >>> import neuralrates as nr
        >>> labels = nr.learning.Labels.from_arrays([[0.0], [1.0]], [0.0, 2.0])
        >>> def anchor(x):
        ...     return nr.surrogates.Anchor(x, x, jnp.ones(1))
        >>> loss = nr.learning.AnchoredValueLoss(labels, anchor, batch=16)
        >>> print(loss(lambda features: features, jax.random.key(0)))
        0.0
    """

    features: Float[Array, "samples features"]
    missed: Float[Array, "samples outputs"]
    scale: Float[Array, "samples outputs"]
    batch: int = eqx.field(static=True)

    def __init__(self, labels: Labels, anchor: MakeAnchor, batch: int) -> None:
        if labels.value.shape[1] != 1:
            raise ValueError(
                f"Argument `labels` must have one output, but has {labels.value.shape[1]}; use AnchoredLoss."
            )
        self.features, baseline, scale = _known(anchor, labels.x)
        missed = labels.value - baseline
        unit = jnp.sqrt(jnp.mean(missed**2))
        unit = jnp.where(unit > 0.0, unit, 1.0)
        self.missed, self.scale = missed / unit, scale / unit
        self.batch = batch

    def start(self, widths: tuple[int, ...], key: Key) -> Network:
        """Untrained network between the scalings of the features and of the corrections."""
        size = jnp.sqrt(jnp.sum(self.missed**2) / jnp.sum(self.scale**2))
        scaling = Scaling(jnp.zeros(1), jnp.reshape(size, (1,)))
        return Network.random(Scaling.from_samples(self.features), scaling, widths, key=key)

    def __call__(self, network: Callable[..., Any], key: Key) -> Scalar:
        rows = jax.random.randint(key, (self.batch,), 0, self.features.shape[0])
        corrections = jax.vmap(network)(self.features[rows])
        return jnp.mean((self.scale[rows] * corrections - self.missed[rows]) ** 2)


@eqx.filter_jit
def _known(anchor: MakeAnchor, x: Float[Array, "samples inputs"]) -> Any:
    return jax.lax.map(anchor, x, batch_size=_TOGETHER)
