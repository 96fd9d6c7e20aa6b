"""The joint loss of an anchored surrogate, with everything that does not learn worked out once."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.checks import as_array
from neuralrates.core.types import Inputs, Key, Outputs, Scalar
from neuralrates.learning.losses.losses import Jacobian, JointLoss, Signs
from neuralrates.problems.labels import Labels
from neuralrates.surrogates.anchored import Anchor, MakeAnchor
from neuralrates.surrogates.networks.network import Network
from neuralrates.surrogates.scaling import Scaling

_TOGETHER = 64
_LEAST_SPREAD = 1e-4


class AnchoredLoss(eqx.Module):
    """`JointLoss` of `Anchored(anchor, network)` as a function of the network alone.

    Anchors and their derivatives at the labels' points are worked out here, so that a step costs what the network costs.

    Args:
        labels: the data, with gradients; at least two outputs
        anchor: raw inputs to what is known
        batch: samples drawn per step, with replacement
        weight: of one derivative against the value

    Raises:
        ValueError: where the labels carry no gradients or a single output

    Example:
        >>> import jax, jax.numpy as jnp
        >>> import neuralrates as nr
        >>> x = jnp.array([[0.0], [1.0]])
        >>> labels = nr.learning.Labels.from_arrays(x, jnp.hstack([x, 2 * x]), gradient=[[[1.0], [2.0]], [[1.0], [2.0]]])
        >>> def anchor(x):
        ...     return nr.surrogates.Anchor(x, jnp.concatenate([x, x]), jnp.ones(2))
        >>> loss = nr.learning.AnchoredLoss(labels, anchor, batch=16)
        >>> print(loss(lambda features: jnp.concatenate([0.0 * features, features]), jax.random.key(0)))
        0.0
    """

    joint: JointLoss
    anchors: Anchor
    slopes: Anchor
    batch: int = eqx.field(static=True)

    def __init__(self, labels: Labels, anchor: MakeAnchor, batch: int, weight: float = 1.0) -> None:
        self.joint = JointLoss(labels, batch, weight)
        self.anchors, self.slopes = anchors_and_slopes(anchor, labels.x)
        self.batch = batch

    def start(self, widths: tuple[int, ...], key: Key) -> Network:
        """Untrained network between the scalings of the features and of the corrections."""
        scale = jnp.where(self.anchors.scale > 0.0, self.anchors.scale, jnp.inf)
        corrections = (self.joint.labels.value - self.anchors.baseline) / scale
        spread = jnp.maximum(jnp.std(corrections, axis=0), _LEAST_SPREAD)
        return Network.random(
            Scaling.from_samples(self.anchors.features),
            Scaling(jnp.zeros_like(spread), spread),
            widths,
            key=key,
        )

    def __call__(self, network: Callable[..., Any], key: Key) -> Scalar:
        labels = self.joint.labels
        chosen = jax.random.randint(key, (self.batch,), 0, len(labels))
        signs = self.joint.signs(key, self.batch)
        parts = self.anchors, self.slopes, labels.value, as_array(labels.gradient)
        anchors, slopes, values, gradients = jax.tree.map(lambda a: a[chosen], parts)

        def miss(
            known: Anchor, slopes: Anchor, value: Outputs, gradient: Jacobian, sign: Signs
        ) -> Scalar:
            correction, pullback = jax.vjp(network, known.features)

            def slope(mix: Outputs) -> Inputs:
                (of_features,) = pullback(mix * known.scale)
                direct = mix @ slopes.baseline + (mix * correction) @ slopes.scale
                return direct + of_features @ slopes.features

            predicted = known.baseline + known.scale * correction
            return self.joint.missed(predicted, slope, value, gradient, sign)

        misses = jax.vmap(miss)(anchors, slopes, values, gradients, signs)
        return jnp.mean(misses) / (1.0 + self.joint.weight * labels.x.shape[1])


@eqx.filter_jit
def anchors_and_slopes(
    anchor: MakeAnchor, x: Float[Array, "samples inputs"]
) -> tuple[Anchor, Anchor]:
    """Anchors and their derivatives to the inputs."""

    def one(point: Inputs) -> tuple[Anchor, Anchor]:
        known, along = jax.linearize(anchor, point)
        columns: Anchor = jax.vmap(along, out_axes=-1)(jnp.eye(point.shape[0]))
        return known, columns

    return jax.lax.map(one, x, batch_size=_TOGETHER)
