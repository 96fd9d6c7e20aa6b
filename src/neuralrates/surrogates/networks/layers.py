"""Hidden layers of one width: as they are served, and as they are trained with batch normalisation."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.types import Inputs, Key
from neuralrates.surrogates.networks.network import ACTIVATIONS, Activation, Dense

_EPSILON = 1e-5
_NEARLY_LINEAR = (
    2.0  # deviations above zero where rectifiers begin: of thirty in a row little else gets through
)


class Statistics(eqx.Module):
    """Means and variances of what each layer normalised in one batch.

    Args:
        mean: one row per layer, of several layers
        variance: one row per layer, of several layers
    """

    mean: Float[Array, "*steps states"]
    variance: Float[Array, "*steps states"]


class Layers(eqx.Module):
    """Hidden layers: one that takes the inputs to the width, and those that keep it.

    Args:
        entry: the first layer
        rest: the others, stacked along a leading axis
        activation: after each layer
        residual: whether a layer's result is added to what it was given, the first layer apart

    Source: residual layers as in He, Zhang, Ren and Sun (2016), equation 1, with one weight matrix each.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from neuralrates.surrogates.networks.layers import Layers
        >>> layers = Layers.random(2, 8, 3, jax.random.key(0), "silu", residual=True)
        >>> layers(jnp.zeros(2)).shape, layers.depth
        ((8,), 3)
    """

    entry: Dense
    rest: Dense
    activation: Activation = eqx.field(static=True)
    residual: bool = eqx.field(static=True)

    @classmethod
    def random(
        cls,
        num_inputs: int,
        width: int,
        depth: int,
        key: Key,
        activation: Activation,
        residual: bool = False,
    ) -> "Layers":
        """Untrained layers; a rectified layer's weights have variance 2 / inputs.

        Source: LeCun, Bottou, Orr and Mueller (1998), section 4.6; He, Zhang, Ren and Sun (2015), equation 10.
        """
        first, others = jax.random.split(key)
        entry = Dense.random(num_inputs, width, first)
        keys = jax.random.split(others, depth - 1)
        rest = jax.vmap(lambda k: Dense.random(width, width, k))(keys)
        layers = cls(entry, rest, activation, residual)
        gain = jnp.sqrt(2.0) if activation == "relu" else jnp.sqrt(1.0 / depth if residual else 1.0)
        return eqx.tree_at(lambda one: one.rest.weight, layers, gain * rest.weight)

    @property
    def depth(self) -> int:
        """Number of layers."""
        return int(self.rest.bias.shape[-2]) + 1

    def __call__(self, x: Inputs) -> Float[Array, "states"]:
        act = ACTIVATIONS[self.activation]

        def step(hidden: Array, layer: Dense) -> tuple[Array, None]:
            moved = act(layer.weight @ hidden + layer.bias)
            return hidden + moved if self.residual else moved, None

        return jax.lax.scan(step, act(self.entry(x)), self.rest)[0]


class NormalisedLayers(eqx.Module):
    """Rectified layers in training: affine, normalised over the batch, rectified, thinned by dropout.

    Args:
        layers: their affine parts
        gain: of each normalised neuron
        offset: of each normalised neuron

    Source: Ioffe and Szegedy (2015), algorithms 1 and 2; Srivastava, Hinton, Krizhevsky, Sutskever and
        Salakhutdinov (2014), with the survivors scaled up.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from neuralrates.surrogates.networks.layers import NormalisedLayers
        >>> x = jax.random.normal(jax.random.key(1), (64, 2), jnp.float64)
        >>> layers = NormalisedLayers.random(2, 8, 3, jax.random.key(0))
        >>> hidden, statistics = layers(x, jax.random.key(2), 0.0)
        >>> served = jax.vmap(layers.folded(statistics))(x)
        >>> bool(jnp.max(jnp.abs(served - hidden)) < 1e-12)
        True
    """

    layers: Layers
    gain: Float[Array, "steps states"]
    offset: Float[Array, "steps states"]

    @classmethod
    def random(cls, num_inputs: int, width: int, depth: int, key: Key) -> "NormalisedLayers":
        """Untrained layers of unit gain, their neurons two deviations above zero: nearly linear to begin with."""
        layers = Layers.random(num_inputs, width, depth, key, "relu")
        return cls(layers, jnp.ones((depth, width)), jnp.full((depth, width), _NEARLY_LINEAR))

    def __call__(
        self, x: Float[Array, "batch inputs"], key: Key, dropout: float
    ) -> tuple[Float[Array, "batch states"], Statistics]:
        """What comes out for a batch, and the statistics of that batch.

        Args:
            x: the batch
            key: of the dropout
            dropout: share of neurons that are left out
        """
        keys = jax.random.split(key, self.gain.shape[0])
        first = self._one(x, self.layers.entry, self.gain[0], self.offset[0], keys[0], dropout)

        def step(hidden: Array, part: Any) -> tuple[Array, Statistics]:
            layer, gain, offset, own = part
            return self._one(hidden, layer, gain, offset, own, dropout)

        others = (self.layers.rest, self.gain[1:], self.offset[1:], keys[1:])
        hidden, rest = jax.lax.scan(step, first[0], others)
        own = jax.tree.map(lambda one, more: jnp.concatenate([one[None], more]), first[1], rest)
        return hidden, own

    def _one(
        self, x: Array, layer: Dense, gain: Array, offset: Array, key: Key, dropout: float
    ) -> tuple[Array, Any]:
        before = x @ layer.weight.T + layer.bias[None, :]
        mean, variance = jnp.mean(before, axis=0), jnp.var(before, axis=0)
        slope = gain / jnp.sqrt(variance + _EPSILON)
        hidden = jax.nn.relu((before - mean[None, :]) * slope[None, :] + offset[None, :])
        if dropout > 0.0:
            kept = jax.random.bernoulli(key, 1.0 - dropout, hidden.shape)
            hidden = jnp.where(kept, hidden / (1.0 - dropout), jnp.zeros_like(hidden))
        return hidden, Statistics(mean, variance)

    @eqx.filter_jit
    def folded(self, statistics: Statistics) -> Layers:
        """Affine layers that do what these do to a batch of these statistics, without dropout."""
        slope = self.gain / jnp.sqrt(statistics.variance + _EPSILON)

        def fold(layer: Dense, slope: Array, mean: Array, offset: Array) -> Dense:
            return Dense(slope[:, None] * layer.weight, slope * (layer.bias - mean) + offset)

        parts = (slope, statistics.mean, self.offset)
        entry = fold(self.layers.entry, *(part[0] for part in parts))
        rest = jax.vmap(fold)(self.layers.rest, *(part[1:] for part in parts))
        return Layers(entry, rest, "relu", residual=False)
