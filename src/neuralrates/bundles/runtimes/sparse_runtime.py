"""Mixtures of experts served sparsely: the trunk once, then each expert for the points sent to it."""

from typing import Any

import jax
import numpy as np
from jaxtyping import Float

from neuralrates.bundles.runtimes.graph import Graph, doubles, session, singles
from neuralrates.bundles.runtimes.single_point_runtime import SinglePointRuntime
from neuralrates.core.extras import extra
from neuralrates.surrogates.networks.layers import Layers
from neuralrates.surrogates.networks.mixture_of_experts import MixtureOfExperts
from neuralrates.surrogates.networks.network import Dense

with extra("onnx"):
    import onnx
    from onnx import TensorProto

Points = Float[np.ndarray, "batch inputs"]


class SparseRuntime:
    """A mixture of experts in ONNX Runtime, at the cost of the experts that are asked.

    One graph scales the inputs, runs the trunk and the gate; one graph per expert prices. A batch is sorted by expert, so
    that each runs once on the points sent to it; one point goes through buffers in place. A mixture of one expert is a single
    graph.

    Args:
        mixture: what to serve
        num_threads: threads of one call

    Example:
        >>> import jax, jax.numpy as jnp, numpy as np
        >>> import neuralrates as nr
        >>> unit = nr.surrogates.Scaling([0.0, 0.0], [1.0, 1.0])
        >>> kinds = nr.surrogates.KindScaling((1,), jnp.zeros(1), jnp.ones(1))
        >>> mixture = nr.surrogates.MixtureOfExperts.random(
        ...     unit, kinds, width=8, depth_before=2, num_experts=4, expert_depth=2, key=jax.random.key(0))
        >>> x = np.random.default_rng(0).normal(size=(100, 2))
        >>> bool(np.allclose(nr.bundles.SparseRuntime(mixture).value(x), jax.vmap(mixture)(x), atol=1e-5))
        True
    """

    def __init__(self, mixture: MixtureOfExperts, num_threads: int = 1) -> None:
        self._top = mixture.top
        mixture = jax.tree.map(
            np.asarray, mixture
        )  # NumPy slices it without a program for each shape
        alone = mixture.num_experts == 1
        self._router = None if alone else session(_router(mixture), num_threads)
        numbers = range(mixture.num_experts)
        self._experts = [session(_expert(mixture, k, whole=alone), num_threads) for k in numbers]
        self._one = SinglePointRuntime(self._router, self._experts)

    def value(self, x: Points) -> Float[np.ndarray, "batch outputs"]:
        """Outputs at many points."""
        if len(x) == 1 and self._top == 1:
            return self._one.value(x)
        if self._router is None:
            return self._experts[0].run(None, {"x": x})[0]
        logits, hidden, shift, scale = self._router.run(None, {"x": x})
        if self._top == 1:
            chosen = logits.argmax(axis=1)
            return self._dispatched(chosen, hidden, shift, scale)
        chosen = np.argpartition(logits, -self._top, axis=1)[:, -self._top :]
        largest = np.take_along_axis(logits, chosen, axis=1).astype(np.float64)
        share = np.exp(largest - largest.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        parts = [self._dispatched(column, hidden, shift, scale) for column in chosen.T]
        return sum(share[:, [k]] * part for k, part in enumerate(parts))

    def _dispatched(
        self, chosen: np.ndarray, hidden: np.ndarray, shift: np.ndarray, scale: np.ndarray
    ) -> np.ndarray:
        """Each point through one expert: sorted, run expert by expert, put back."""
        order = np.argsort(chosen, kind="stable")
        ends = np.searchsorted(chosen[order], np.arange(len(self._experts) + 1))
        value = np.empty((len(chosen), 1))
        for number, (start, end) in enumerate(zip(ends, ends[1:], strict=False)):
            if end > start:
                rows = order[start:end]
                feed = {"hidden": hidden[rows], "shift": shift[rows], "scale": scale[rows]}
                value[rows] = self._experts[number].run(None, feed)[0]
        return value


class _Layers:
    """A graph of layers in single precision."""

    def __init__(self) -> None:
        self.graph = Graph()
        self.node = self.graph.node

    def constant(self, array: Any, kind: type = np.float32) -> str:
        return self.graph.constant(array, kind)

    def affine(self, hidden: str, weight: Any, bias: Any, output: str = "") -> str:
        inputs = [hidden, self.constant(np.asarray(weight).T), self.constant(bias)]
        return self.node("Gemm", inputs, output)

    def scaled_inputs(self, mixture: MixtureOfExperts) -> tuple[str, str, str]:
        """Scaled inputs, and shift and scale of the output at each point."""
        scaling, kinds = mixture.input_scaling, mixture.output_scaling
        centred = self.node("Sub", ["x", self.constant(scaling.shift, np.float64)])
        scaled = self.node("Div", [centred, self.constant(scaling.scale, np.float64)])
        z = self.node("Cast", [scaled], to=TensorProto.FLOAT)
        picks = np.zeros((2, len(scaling.shift), 1))
        picks[:, list(kinds.columns), 0] = np.stack([kinds.shift, kinds.scale])
        shift, scale = (
            self.node("MatMul", ["x", self.constant(pick, np.float64)], name)
            for pick, name in zip(picks, ("shift", "scale"), strict=True)
        )
        return z, shift, scale

    def layers(self, layers: Layers, hidden: str) -> str:
        hidden = self.activated(self.affine(hidden, layers.entry.weight, layers.entry.bias), layers)
        for weight, bias in zip(layers.rest.weight, layers.rest.bias, strict=True):
            moved = self.activated(self.affine(hidden, weight, bias), layers)
            hidden = self.node("Add", [hidden, moved]) if layers.residual else moved
        return hidden

    def activated(self, before: str, layers: Layers) -> str:
        match layers.activation:
            case "relu":
                return self.node("Relu", [before])
            case "tanh":
                return self.node("Tanh", [before])
        return self.node("Mul", [before, self.node("Sigmoid", [before])])

    def priced(self, hidden: str, head: Dense, shift: str, scale: str) -> str:
        scaled = self.node(
            "Cast", [self.affine(hidden, head.weight, head.bias)], to=TensorProto.DOUBLE
        )
        return self.node("Add", [shift, self.node("Mul", [scale, scaled])], "value")


def _router(mixture: MixtureOfExperts) -> onnx.ModelProto:
    """Raw inputs to the gate's logits, to what experts see, and to shift and scale of the output."""
    graph = _Layers()
    z, _, _ = graph.scaled_inputs(mixture)
    hidden = z if mixture.trunk is None else graph.layers(mixture.trunk, z)
    seen = z if mixture.trunk is None else graph.node("Concat", [hidden, z], axis=1)
    graph.affine(seen, mixture.gate.weight, mixture.gate.bias, "logits")
    graph.node("Identity", [hidden], "hidden")
    inputs, width = len(mixture.input_scaling.shift), mixture.experts.entry.weight.shape[-1]
    return graph.graph.model(
        "router",
        {"x": doubles(inputs)},
        {
            "logits": singles(mixture.num_experts),
            "hidden": singles(width),
            "shift": doubles(1),
            "scale": doubles(1),
        },
    )


def _expert(mixture: MixtureOfExperts, number: int, *, whole: bool) -> onnx.ModelProto:
    """What an expert sees to raw outputs; if whole, from raw inputs through the trunk."""
    graph = _Layers()
    expert = jax.tree.map(lambda array: array[number], mixture.experts)
    width = expert.entry.weight.shape[-1]
    hidden, shift, scale = "hidden", "shift", "scale"
    inputs = {"hidden": singles(width), "shift": doubles(1), "scale": doubles(1)}
    if whole:
        z, shift, scale = graph.scaled_inputs(mixture)
        hidden = z if mixture.trunk is None else graph.layers(mixture.trunk, z)
        inputs = {"x": doubles(len(mixture.input_scaling.shift))}
    graph.priced(graph.layers(expert, hidden), mixture.head, shift, scale)
    return graph.graph.model("expert", inputs, {"value": doubles(1)})
