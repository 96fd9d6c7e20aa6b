"""Experts trained apart: each on the samples of its own part, behind a trunk that all parts share."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from neuralrates.core.types import Key, Scalar
from neuralrates.surrogates.networks.layers import Layers, NormalisedLayers, Statistics
from neuralrates.surrogates.networks.mixture_of_experts import KindScaling, MixtureOfExperts
from neuralrates.surrogates.networks.network import Dense
from neuralrates.surrogates.scaling import Scaling

Numbers = Int[np.ndarray, "samples"] | Int[Array, "samples"]


class Parts(eqx.Module):
    """Which samples belong to which part, ready to be drawn from evenly.

    Args:
        rows: samples of each part, the shorter lists filled up with repetitions
        counts: how many of each row are no repetitions

    Example:
        >>> import jax, numpy as np
        >>> from neuralrates.learning.experts import Parts
        >>> parts = Parts.of(np.array([0, 1, 1, 0, 1]), 2)
        >>> parts.rows.tolist(), parts.draw(jax.random.key(0), 3).shape
        ([[0, 3, 0], [1, 2, 4]], (2, 3))
    """

    rows: Int[Array, "experts samples"]
    counts: Int[Array, "experts"]

    @classmethod
    def of(cls, part: Numbers, num_parts: int) -> "Parts":
        """Parts by number.

        Args:
            part: number of each sample's part
            num_parts: how many there are

        Raises:
            ValueError: where a part has no samples
        """
        lists = [np.flatnonzero(np.asarray(part) == number) for number in range(num_parts)]
        empty = [number for number, rows in enumerate(lists) if not rows.size]
        if empty:
            raise ValueError(
                f"Argument `part` must have samples of every part, but {empty} have none."
            )
        longest = max(rows.size for rows in lists)
        filled = np.stack([np.resize(rows, longest) for rows in lists])
        return cls(jnp.asarray(filled), jnp.asarray([rows.size for rows in lists]))

    def draw(self, key: Key, batch: int) -> Int[Array, "experts batch"]:
        """The same number of samples of every part, with replacement."""
        num_parts = self.rows.shape[0]
        places = jax.random.randint(key, (num_parts, batch), 0, self.counts[:, None])
        return jnp.take_along_axis(self.rows, places, axis=1)


class ExpertsApart(eqx.Module):
    """The network with batch normalisation and dropout, every expert fed with its own part.

    Args:
        trunk: layers that all samples pass, normalised over all of them
        experts: layers of each expert, stacked, normalised over its own samples
        head: to one scaled output
    """

    trunk: NormalisedLayers
    experts: NormalisedLayers
    head: Dense

    @classmethod
    @eqx.filter_jit
    def random(
        cls,
        num_inputs: int,
        width: int,
        depth_before: int,
        num_experts: int,
        expert_depth: int,
        key: Key,
    ) -> "ExpertsApart":
        """Untrained network, in single precision."""
        keys = jax.random.split(key, 3)
        trunk = NormalisedLayers.random(num_inputs, width, depth_before, keys[0])
        experts = eqx.filter_vmap(lambda k: NormalisedLayers.random(width, width, expert_depth, k))(
            jax.random.split(keys[1], num_experts)
        )
        whole = cls(trunk, experts, Dense.random(width, 1, keys[2]))
        return jax.tree.map(lambda array: array.astype(jnp.float32), whole)

    def __call__(
        self,
        z: Float[Array, "experts batch inputs"],
        key: Key,
        dropout: float = 0.0,
        expert_dropout: float = 0.0,
    ) -> tuple[Float[Array, "experts batch"], tuple[Statistics, Statistics]]:
        """Scaled outputs of a batch per expert, and the batch's statistics.

        Args:
            z: scaled inputs
            key: of the dropout
            dropout: share of the trunk's neurons left out
            expert_dropout: share of the experts' neurons left out
        """
        of_trunk, of_experts = jax.random.split(key)
        together = jnp.reshape(z, (-1, z.shape[-1]))
        hidden, trunk = self.trunk(together, of_trunk, dropout)
        apart = jnp.reshape(hidden, (*z.shape[:2], -1))
        keys = jax.random.split(of_experts, z.shape[0])
        hidden, experts = eqx.filter_vmap(
            lambda expert, part, own: expert(part, own, expert_dropout)
        )(self.experts, apart, keys)
        return hidden @ self.head.weight[0] + self.head.bias[0], (trunk, experts)

    def joined(
        self,
        statistics: tuple[Statistics, Statistics],
        input_scaling: Scaling,
        output_scaling: KindScaling,
        top: int = 1,
    ) -> MixtureOfExperts:
        """The mixture of these experts, normalisation folded away, with a gate that knows nothing yet.

        Args:
            statistics: of a large batch without dropout
            input_scaling: raw inputs to those of training
            output_scaling: outputs of training to raw ones
            top: experts asked per point
        """
        trunk = self.trunk.folded(statistics[0])
        experts: Layers = eqx.filter_vmap(lambda e, s: e.folded(s))(self.experts, statistics[1])
        width, num_experts = self.head.weight.shape[1], self.experts.gain.shape[0]
        seen = width + input_scaling.shift.shape[0]
        gate = Dense(
            jnp.zeros((num_experts, seen), jnp.float32), jnp.zeros(num_experts, jnp.float32)
        )
        return MixtureOfExperts(input_scaling, trunk, gate, experts, self.head, output_scaling, top)


class ApartLoss(eqx.Module):
    """Mean squared error of scaled outputs, the same number of samples from every part.

    Args:
        z: scaled inputs, single precision
        target: scaled outputs, single precision
        parts: who belongs where
        batch: samples of each part per step
        dropout: share of the trunk's neurons left out
        expert_dropout: share of the experts' neurons left out

    Example:
        >>> import equinox as eqx, jax, jax.numpy as jnp, numpy as np
        >>> from neuralrates.learning.experts import ApartLoss, ExpertsApart, Parts
        >>> loss = ApartLoss(jnp.ones((4, 2), jnp.float32), jnp.ones(4, jnp.float32), Parts.of(np.arange(4) % 2, 2), 8)
        >>> network = ExpertsApart.random(2, 4, 2, 2, 2, jax.random.key(0))
        >>> bool(eqx.filter_jit(loss)(network, jax.random.key(1)) > 0.0)
        True
    """

    z: Float[Array, "samples inputs"]
    target: Float[Array, "samples"]
    parts: Parts
    batch: int = eqx.field(static=True)
    dropout: float = eqx.field(static=True, default=0.0)
    expert_dropout: float = eqx.field(static=True, default=0.0)

    def __call__(self, network: ExpertsApart, key: Key) -> Scalar:
        drawn, own = jax.random.split(key)
        rows = self.parts.draw(drawn, self.batch)
        output, _ = network(self.z[rows], own, self.dropout, self.expert_dropout)
        return jnp.mean((output - self.target[rows]) ** 2)

    def statistics(
        self, network: ExpertsApart, key: Key, batch: int
    ) -> tuple[Statistics, Statistics]:
        """Statistics of a large batch without dropout, for folding."""
        return _statistics(self, network, key, batch)


@eqx.filter_jit
def _statistics(
    loss: ApartLoss, network: ExpertsApart, key: Key, batch: int
) -> tuple[Statistics, Statistics]:
    rows = loss.parts.draw(key, batch)
    return network(loss.z[rows], key)[1]
