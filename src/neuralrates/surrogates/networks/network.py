"""Fully connected networks, scaled on both sides."""

import functools
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, ClassVar, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from pydantic import Field

from neuralrates.core.checks import as_array, check_choice
from neuralrates.core.schema import Strict
from neuralrates.core.types import Inputs, Key, Outputs
from neuralrates.surrogates.registry import Width, register
from neuralrates.surrogates.scaling import Scaling
from neuralrates.surrogates.surrogate import AbstractSurrogate

Activation = Literal["silu", "tanh", "relu"]
ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "silu": jax.nn.silu,
    "tanh": jnp.tanh,
    "relu": jax.nn.relu,
}


class Dense(eqx.Module):
    """The affine layer $h \\mapsto W h + b$."""

    weight: Float[Array, "outputs inputs"]
    bias: Float[Array, "outputs"]

    @classmethod
    def random(cls, num_inputs: int, num_outputs: int, key: Key) -> "Dense":
        """Layer with independent normal weights of variance 1 / inputs and zero bias.

        Source: LeCun, Bottou, Orr and Mueller (1998), section 4.6.
        """
        weight = jax.random.normal(key, (num_outputs, num_inputs), jnp.float64)
        return cls(weight / jnp.sqrt(float(num_inputs)), jnp.zeros(num_outputs))

    def __call__(self, x: Inputs) -> Outputs:
        return self.weight @ x + self.bias


@functools.partial(jax.jit, static_argnums=0)
def _random_layers(sizes: tuple[int, ...], keys: Array) -> tuple[Dense, ...]:
    """Layers as `Dense.random` gives them, in one program: each takes the first of as many normals as the largest needs."""
    shapes = [(o, i) for i, o in pairwise(sizes)]
    most = max(o * i for o, i in shapes)
    normals = jax.vmap(lambda key: jax.random.normal(key, (most,), jnp.float64))(keys)
    return tuple(
        Dense(row[: o * i].reshape(o, i) / np.sqrt(float(i)), jnp.zeros(o))
        for row, (o, i) in zip(normals, shapes, strict=True)
    )


class NetworkRecord(Strict):
    """What a manifest says of one."""

    architecture: Literal["network"]
    sizes: list[Width] = Field(min_length=2, max_length=200)
    activation: Activation


@register("network")
class Network(AbstractSurrogate):
    """Network between two fixed scalings; only its layers are trained.

    `silu` and `tanh` are smooth to every order, so that Greeks and their derivatives are too; `relu`
    is piecewise linear, kept for comparison with published networks.

    Args:
        input_scaling: raw inputs to numbers of size one
        layers: affine layers, the activation between them
        output_scaling: its inverse takes the last layer's outputs to raw units
        activation: `silu` (z times the logistic function of z), `tanh` or `relu`

    Example:
        >>> import jax, jax.numpy as jnp
        >>> import neuralrates as nr
        >>> scaling = nr.surrogates.Scaling.from_bounds([0.0, -1.0], [1.0, 1.0])
        >>> unit = nr.surrogates.Scaling([0.0], [1.0])
        >>> network = nr.surrogates.Network.random(scaling, unit, [16, 16], key=jax.random.key(0))
        >>> network(jnp.array([0.5, 0.0])).shape
        (1,)
    """

    schema: ClassVar[type[Strict]] = NetworkRecord
    input_scaling: Scaling
    layers: tuple[Dense, ...]
    output_scaling: Scaling
    activation: Activation = eqx.field(static=True)

    def __check_init__(self) -> None:
        check_choice("activation", self.activation, tuple(ACTIVATIONS))

    @classmethod
    def random(
        cls,
        input_scaling: Scaling,
        output_scaling: Scaling,
        widths: Sequence[int],
        *,
        key: Key,
        activation: Activation = "silu",
    ) -> "Network":
        """Untrained network.

        Args:
            input_scaling: raw inputs to numbers of size one
            output_scaling: raw outputs to numbers of size one
            widths: neurons of each hidden layer
            key: of the random weights
            activation: between the layers

        Returns:
            Network with random weights.
        """
        sizes = [input_scaling.shift.shape[0], *widths, output_scaling.shift.shape[0]]
        keys = jax.random.split(key, len(sizes) - 1)
        return cls(input_scaling, _random_layers(tuple(sizes), keys), output_scaling, activation)

    @classmethod
    def blank(cls, record: Mapping[str, Any]) -> "Network":
        """Network of the shape that a record states, its arrays to be filled in.

        Args:
            record: as `record` gave it

        Returns:
            Network with zero layers and unit scalings.
        """
        sizes = [int(size) for size in record["sizes"]]
        layers = tuple(
            Dense(as_array(np.zeros((o, i))), as_array(np.zeros(o))) for i, o in pairwise(sizes)
        )
        first, last = (
            Scaling(as_array(np.zeros(size)), as_array(np.ones(size)))
            for size in (sizes[0], sizes[-1])
        )
        return cls(first, layers, last, record["activation"])

    def record(self) -> dict[str, Any]:
        """What a manifest says of the architecture; the arrays are kept apart."""
        sizes = [self.layers[0].weight.shape[1]]
        sizes += [layer.bias.shape[0] for layer in self.layers]
        return {"architecture": "network", "sizes": sizes, "activation": self.activation}

    def __call__(self, x: Inputs) -> Outputs:
        hidden = self.input_scaling(x)
        for layer in self.layers[:-1]:
            hidden = ACTIVATIONS[self.activation](layer(hidden))
        return self.output_scaling.inverse(self.layers[-1](hidden))
