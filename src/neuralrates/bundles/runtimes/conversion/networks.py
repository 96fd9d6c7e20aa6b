"""Networks under names of their own, forward and backward: by these a graph knows them and takes few nodes."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.types import Inputs, Outputs
from neuralrates.surrogates.networks.layers import Layers
from neuralrates.surrogates.networks.network import ACTIVATIONS, Dense, Network
from neuralrates.surrogates.surrogate import AbstractSurrogate

Hidden = Float[Array, "states"]
Weights = list[tuple[Array, Array]]
NAMES = ("network", "network_back", "residual_network", "residual_network_back")
"""Of the forward and the backward sweep, without and with residual layers."""


class Named(AbstractSurrogate):
    """A SiLU network as a graph computes it.

    Args:
        network: the same
    """

    network: Network

    def __call__(self, x: Inputs) -> Outputs:
        network = self.network
        scaled = through(network.layers, network.input_scaling(x), residual=False)
        return network.output_scaling.inverse(scaled)


def expert(layers: Layers, head: Dense, hidden: Hidden) -> Outputs:
    """Hidden layers and the affine one after them, as a graph computes them."""
    if layers.activation != "silu":
        return head(layers(hidden))
    rest = zip(layers.rest.weight, layers.rest.bias, strict=True)
    return through([layers.entry, *(Dense(*pair) for pair in rest), head], hidden, layers.residual)


def through(layers: Sequence[Dense], x: Inputs, residual: bool) -> Outputs:
    """All layers, SiLU between them, under a known name."""
    weights = [(layer.weight, layer.bias) for layer in layers]
    return _known(residual)(x, weights)


@functools.cache
def _known(residual: bool) -> Callable[[Inputs, Weights], Outputs]:
    """Forward and backward sweep, each compiled under its name."""
    first = "residual_network" if residual else "network"

    def sweep(x: Inputs, weights: Weights) -> tuple[Outputs, list[Hidden]]:
        return _forward(x, weights, residual)

    def back(change: Outputs, slopes: list[Hidden], weights: Weights) -> Inputs:
        return _backward(change, slopes, weights, residual)

    sweep.__name__, back.__name__ = first, f"{first}_back"
    forward, backward = jax.jit(sweep), jax.jit(back)

    @jax.custom_vjp
    def network(x: Inputs, weights: Weights) -> Outputs:
        return forward(x, weights)[0]

    def kept(x: Inputs, weights: Weights) -> tuple[Outputs, Any]:
        value, slopes = forward(x, weights)
        return value, (slopes, weights)

    def pulled(known: Any, change: Outputs) -> tuple[Inputs, Any]:
        slopes, weights = known
        zeros = jax.tree.map(lambda array: 0.0 * array, weights)
        return backward(change, slopes, weights), zeros

    network.defvjp(kept, pulled)
    made: Callable[[Inputs, Weights], Outputs] = network
    return made


def _forward(x: Inputs, weights: Weights, residual: bool) -> tuple[Outputs, list[Hidden]]:
    hidden, slopes = x, []
    for number, (weight, bias) in enumerate(weights[:-1]):
        before = weight @ hidden + bias
        moved, slope = jax.jvp(ACTIVATIONS["silu"], (before,), (jnp.ones_like(before),))
        hidden = hidden + moved if residual and number else moved
        slopes.append(slope)
    weight, bias = weights[-1]
    return weight @ hidden + bias, slopes


def _backward(change: Outputs, slopes: list[Hidden], weights: Weights, residual: bool) -> Inputs:
    back = change @ weights[-1][0]
    for number in reversed(range(len(slopes))):
        moved = (back * slopes[number]) @ weights[number][0]
        back = back + moved if residual and number else moved
    return back


def with_names(surrogate: AbstractSurrogate) -> AbstractSurrogate:
    """The surrogate with each SiLU network inside it under a known name."""

    def written(part: Any) -> Any:
        return Named(part) if _is_known(part) else part

    made: AbstractSurrogate = jax.tree.map(written, surrogate, is_leaf=_is_known)
    return made


def is_single(surrogate: AbstractSurrogate) -> bool:
    """Whether a graph of the surrogate computes a part of it in single precision."""
    parts = jax.tree.leaves(surrogate, is_leaf=_is_known)
    return any(_is_known(part) or getattr(part, "dtype", None) == jnp.float32 for part in parts)


def _is_known(part: Any) -> bool:
    match part:
        case Network(activation="silu"):
            return True
    return False
