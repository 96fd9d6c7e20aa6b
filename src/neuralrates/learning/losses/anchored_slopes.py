"""Errors of an anchored surrogate's differentials, for the network alone."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.checks import as_array
from neuralrates.core.types import Inputs, Key, Scalar
from neuralrates.learning.losses.anchored import anchors_and_slopes
from neuralrates.problems.labels import Labels
from neuralrates.surrogates.anchored import MakeAnchor


class AnchoredSlopeLoss(eqx.Module):
    """Mean squared error of the differentials of `Anchored(anchor, network)` as a function of the network alone.

    Each differential counts over the root mean square of what the baseline's misses. Anchors and their derivatives are worked
    out once, so that a step costs what the network costs. A partner of `AnchoredValueLoss`: values may be known at more
    points than differentials, which cost more to simulate.

    Args:
        labels: the data, with gradients, of one output
        anchor: raw inputs to what is known
        batch: samples drawn per step, with replacement

    Raises:
        ValueError: where the labels have several outputs or no gradients

    Source: Huge and Savine (2020), for learning from differentials.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> import neuralrates as nr
        >>> labels = nr.learning.Labels.from_arrays([[0.0], [1.0]], [0.0, 2.0], gradient=[[2.0], [2.0]])
        >>> def anchor(x):
        ...     return nr.surrogates.Anchor(x, x, jnp.ones(1))
        >>> loss = nr.learning.AnchoredSlopeLoss(labels, anchor, batch=16)
        >>> print(loss(lambda features: features, jax.random.key(0)), loss(lambda features: 0.0 * features, jax.random.key(0)))
        0.0 1.0
    """

    features: Float[Array, "samples features"]
    along: Float[Array, "samples features inputs"]
    scale: Float[Array, "samples"]
    scale_along: Float[Array, "samples inputs"]
    missed: Float[Array, "samples inputs"]
    batch: int = eqx.field(static=True)

    def __init__(self, labels: Labels, anchor: MakeAnchor, batch: int) -> None:
        if labels.gradient is None or labels.value.shape[1] != 1:
            raise ValueError("Argument `labels` must have gradients and a single output.")
        known, slopes = anchors_and_slopes(anchor, labels.x)
        missed = as_array(labels.gradient)[:, 0] - slopes.baseline[:, 0]
        unit = jnp.sqrt(jnp.mean(missed**2, axis=0))
        unit = jnp.where(unit > 0.0, unit, 1.0)[None, :]
        self.features, self.scale = known.features, known.scale[:, 0]
        self.along = slopes.features / unit[:, None, :]
        self.scale_along, self.missed = slopes.scale[:, 0] / unit, missed / unit
        self.batch = batch

    def __call__(self, network: Callable[..., Any], key: Key) -> Scalar:
        rows = jax.random.randint(key, (self.batch,), 0, self.features.shape[0])

        def slopes(features: Any, along: Any, scale: Scalar, scale_along: Inputs) -> Inputs:
            correction, pullback = jax.vjp(network, features)
            (of_features,) = pullback(jnp.ones(1))
            return correction[0] * scale_along + scale * (of_features @ along)

        parts = self.features, self.along, self.scale, self.scale_along
        found = jax.vmap(slopes)(*(part[rows] for part in parts))
        return jnp.mean((found - self.missed[rows]) ** 2)
