"""A mixture of experts: a trunk, a gate, and experts of which each point asks only the few it is sent to."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int
from pydantic import Field

from neuralrates.core.schema import Strict
from neuralrates.core.types import Inputs, Key, Outputs
from neuralrates.surrogates.networks.layers import Layers
from neuralrates.surrogates.networks.network import Activation, Dense
from neuralrates.surrogates.registry import Depth, Place, Width, register
from neuralrates.surrogates.scaling import Scaling
from neuralrates.surrogates.surrogate import AbstractSurrogate

_CERTAIN = 100.0


class KindScaling(eqx.Module):
    """Shift and scale of an output by the kind of point, as columns of zeros and ones tell it.

    Args:
        columns: inputs that are one for a point of their kind, else zero
        shift: raw output that is zero for the network, per kind
        scale: raw output that is one for the network, per kind
    """

    frozen: ClassVar[bool] = True
    columns: tuple[int, ...] = eqx.field(static=True)
    shift: Float[Array, "states"]
    scale: Float[Array, "states"]

    def inverse(self, x: Inputs, z: Outputs) -> Outputs:
        """Raw outputs at the point `x` of the scaled outputs `z`."""
        kind = x[jnp.array(self.columns)]
        return kind @ self.shift + (kind @ self.scale) * z


class MixtureRecord(Strict):
    """What a manifest says of one."""

    architecture: Literal["mixture_of_experts"]
    inputs: Width
    columns: list[Place] = Field(max_length=1000)
    width: Width
    depth_before: Annotated[int, Field(ge=0, le=200)]
    num_experts: Width
    expert_depth: Depth
    top: Width
    activation: Activation
    residual: bool


@register("mixture_of_experts")
class MixtureOfExperts(AbstractSurrogate):
    r"""$h = t(z)$; of the gate's logits $G [h, z]$ the largest $k$ choose experts, whose results are mixed by softmax.

    Weights are in single precision, inputs and outputs in double. A mixture of one expert is an ordinary network; without a
    trunk $h = z$ and the gate reads that alone. Served by `bundles.SparseRuntime`, which computes the chosen experts only.

    Args:
        input_scaling: raw inputs to numbers z of size one
        trunk: layers that all points pass
        gate: logits of the experts
        experts: layers of each expert, stacked along a leading axis
        head: mixed hidden values to scaled outputs
        output_scaling: scaled outputs to raw ones
        top: experts asked per point

    Source: Shazeer et al. (2017), equations 1 to 5, without noise.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> import neuralrates as nr
        >>> unit = nr.surrogates.Scaling([0.0, 0.0], [1.0, 1.0])
        >>> kinds = nr.surrogates.KindScaling((1,), jnp.zeros(1), jnp.ones(1))
        >>> mixture = nr.surrogates.MixtureOfExperts.random(
        ...     unit, kinds, width=8, depth_before=2, num_experts=4, expert_depth=2, key=jax.random.key(0))
        >>> mixture(jnp.array([0.3, 1.0])).shape, mixture.num_operations < 2 * mixture.num_parameters
        ((1,), True)
    """

    schema: ClassVar[type[Strict]] = MixtureRecord
    input_scaling: Scaling
    trunk: Layers | None
    gate: Dense
    experts: Layers
    head: Dense
    output_scaling: KindScaling
    top: int = eqx.field(static=True)

    @classmethod
    def random(
        cls,
        input_scaling: Scaling,
        output_scaling: KindScaling,
        *,
        width: int,
        depth_before: int,
        num_experts: int,
        expert_depth: int,
        key: Key,
        top: int = 1,
        activation: Activation = "relu",
        residual: bool = False,
    ) -> "MixtureOfExperts":
        """Untrained mixture of one output.

        Args:
            input_scaling: raw inputs to numbers of size one
            output_scaling: scaled outputs to raw ones
            width: neurons of each layer
            depth_before: layers of the trunk; none when 0
            num_experts: how many experts
            expert_depth: layers of each expert
            key: of the random weights
            top: experts asked per point
            activation: after each layer
            residual: whether layers add to what they are given
        """
        inputs, sizes = (
            input_scaling.shift.shape[0],
            (width, depth_before, num_experts, expert_depth),
        )
        parts = _random_parts(inputs, *sizes, key, activation, residual)
        return cls(input_scaling, *parts, output_scaling, top)

    def __call__(self, x: Inputs) -> Outputs:
        z, hidden = self.hidden(x)
        share, chosen = top_shares(self.logits(z, hidden), self.top)
        asked = jax.tree.map(lambda array: array[chosen], self.experts)
        answers = eqx.filter_vmap(lambda expert: expert(hidden))(asked)
        scaled = self.head(share @ answers).astype(x.dtype)
        return self.output_scaling.inverse(x, scaled)

    def hidden(self, x: Inputs) -> tuple[Float[Array, "inputs"], Float[Array, "states"]]:
        """Scaled inputs, and what gate and experts see of them."""
        z = _single(self.input_scaling(x))
        return z, z if self.trunk is None else self.trunk(z)

    def logits(
        self, z: Float[Array, "inputs"], hidden: Float[Array, "states"]
    ) -> Float[Array, "experts"]:
        """The gate's opinion of each expert."""
        return self.gate(z if self.trunk is None else jnp.concatenate([hidden, z]))

    def weights(self, x: Inputs) -> Float[Array, "experts"]:
        """Softmax of the gate over all experts."""
        return jax.nn.softmax(self.logits(*self.hidden(x)))

    def alone(self, number: int) -> "MixtureOfExperts":
        """The mixture with one of its experts only."""
        one = jax.tree.map(lambda array: array[number : number + 1], (self.gate, self.experts))
        fewer: MixtureOfExperts = eqx.tree_at(lambda m: (m.gate, m.experts), self, one)
        return dataclasses.replace(fewer, top=1)

    @property
    def num_experts(self) -> int:
        """How many experts there are."""
        return int(self.gate.bias.shape[0])

    @property
    def num_parameters(self) -> int:
        """Trained numbers."""
        trained = (self.trunk, self.gate, self.experts, self.head)
        return sum(leaf.size for leaf in jax.tree.leaves(trained))

    @property
    def num_operations(self) -> int:
        """Floating-point operations of one price: two per weight that is used, the gate's included where it decides."""
        expert = sum(leaf.size for leaf in _matrices(self.experts)) // self.num_experts
        gate = self.gate.weight.size if self.num_experts > 1 else 0
        trunk = 0 if self.trunk is None else sum(leaf.size for leaf in _matrices(self.trunk))
        return 2 * (trunk + gate + self.top * expert + self.head.weight.size)

    def record(self) -> dict[str, Any]:
        """What a manifest says of the architecture; the arrays are kept apart."""
        return {
            "architecture": "mixture_of_experts",
            "inputs": self.input_scaling.shift.shape[0],
            "columns": list(self.output_scaling.columns),
            "width": self.head.weight.shape[1],
            "depth_before": 0 if self.trunk is None else self.trunk.depth,
            "num_experts": self.num_experts,
            "expert_depth": self.experts.depth,
            "top": self.top,
            "activation": self.experts.activation,
            "residual": self.experts.residual,
        }

    @classmethod
    def blank(cls, record: Mapping[str, Any]) -> "MixtureOfExperts":
        """Mixture of the shape that a record states, its arrays to be filled in."""
        sizes = {k: v for k, v in record.items() if k not in ("architecture", "inputs", "columns")}
        unit = Scaling(jnp.zeros(record["inputs"]), jnp.ones(record["inputs"]))
        num_kinds = len(record["columns"])
        kinds = KindScaling(tuple(record["columns"]), jnp.zeros(num_kinds), jnp.ones(num_kinds))
        shapes = eqx.filter_eval_shape(
            lambda: cls.random(unit, kinds, **sizes, key=jax.random.key(0))
        )
        blank: MixtureOfExperts = jax.tree.map(
            lambda leaf: jnp.asarray(np.zeros(leaf.shape, leaf.dtype)), shapes
        )
        return blank


def top_shares(
    logits: Float[Array, "experts"], top: int
) -> tuple[Float[Array, "_"], Int[Array, "_"]]:
    """Shares of the experts with the largest logits, and their numbers.

    Source: Shazeer et al. (2017), equations 3 and 5.

    Example:
        >>> import jax.numpy as jnp
        >>> from neuralrates.surrogates.networks.mixture_of_experts import top_shares
        >>> shares, chosen = top_shares(jnp.log(jnp.array([0.1, 0.6, 0.3])), 2)
        >>> print(shares.round(4), chosen)
        [0.6667 0.3333] [1 2]
    """
    largest, chosen = jax.lax.top_k(logits, top)
    return jax.nn.softmax(largest), chosen


def sent_by_columns(columns: Sequence[int], scaling: Scaling) -> Dense:
    """Gate of scaled inputs that sends a point to the expert whose column is one.

    Args:
        columns: of the raw input, one per expert, all zero but one
        scaling: of the inputs
    """
    shift, scale = np.asarray(scaling.shift), np.asarray(scaling.scale)
    picked = np.eye(shift.shape[0])[list(columns)]
    weight, bias = _CERTAIN * picked * scale[None, :], _CERTAIN * (picked @ shift)
    return Dense(jnp.asarray(weight, jnp.float32), jnp.asarray(bias, jnp.float32))


@eqx.filter_jit
def _random_parts(
    inputs: int,
    width: int,
    depth_before: int,
    num_experts: int,
    expert_depth: int,
    key: Key,
    activation: Activation,
    residual: bool,
) -> tuple[Layers | None, Dense, Layers, Dense]:
    """Trunk, gate, experts and head, untrained, in one program."""
    keys = jax.random.split(key, 4)
    trunk = None
    if depth_before:
        trunk = Layers.random(inputs, width, depth_before, keys[0], activation, residual)
    seen = width if depth_before else inputs
    gate = Dense.random(seen + inputs if depth_before else inputs, num_experts, keys[1])
    experts = eqx.filter_vmap(
        lambda k: Layers.random(seen, width, expert_depth, k, activation, residual)
    )(jax.random.split(keys[2], num_experts))
    parts = trunk, gate, experts, Dense.random(width, 1, keys[3])
    single: tuple[Layers | None, Dense, Layers, Dense] = jax.tree.map(_single, parts)
    return single


def _single(array: Array) -> Array:
    return array.astype(jnp.float32)


def _matrices(layers: Layers) -> list[Array]:
    return [layers.entry.weight, layers.rest.weight]
