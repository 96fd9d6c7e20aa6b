"""Networks as ONNX graphs that return value and Jacobian, written by hand and run in float64."""

import numpy as np
from jaxtyping import Float

from neuralrates.bundles.runtimes.graph import Graph, doubles, session
from neuralrates.core.doors import door
from neuralrates.core.extras import extra
from neuralrates.surrogates.networks.network import Network

with extra("onnx"):
    import onnx
    from onnx import TensorProto

Points = Float[np.ndarray, "batch inputs"]


class OnnxRuntime:
    """A network served by ONNX Runtime: microseconds a call, no compilation.

    Args:
        network: what to serve
        num_threads: threads of one call

    Example:
        >>> import jax, numpy as np
        >>> import neuralrates as nr
        >>> unit = nr.surrogates.Scaling([0.0, 0.0], [1.0, 1.0])
        >>> network = nr.surrogates.Network.random(unit, unit, [8, 8], key=jax.random.key(0))
        >>> value, jacobian = nr.bundles.OnnxRuntime(network)(np.zeros((5, 2)))
        >>> value.shape, jacobian.shape
        ((5, 2), (5, 2, 2))
    """

    def __init__(self, network: Network, num_threads: int = 1) -> None:
        self._values = session(to_onnx(network, jacobian=False), num_threads)
        self._both = session(to_onnx(network), num_threads)

    def value(self, x: Points) -> Float[np.ndarray, "batch outputs"]:
        """Outputs at many points."""
        (value,) = self._values.run(None, {"x": x})
        return value

    def __call__(
        self, x: Points
    ) -> tuple[Float[np.ndarray, "batch outputs"], Float[np.ndarray, "batch outputs inputs"]]:
        """Outputs and their derivatives to every input, at many points."""
        value, jacobian = self._both.run(None, {"x": x})
        return value, jacobian


@door
def to_onnx(network: Network, *, jacobian: bool = True) -> onnx.ModelProto:
    """The network as an ONNX model in float64: input `x`, outputs `value` and `jacobian`.

    Both scalings are folded into the first and last layers, so that the reverse sweep through the
    layers gives derivatives in raw units. With hidden layer k equal to $f(W_k h + b_k)$ the
    Jacobian is $W_n f'_{n-1} W_{n-1} \\cdots f'_1 W_1$, multiplied from the left.

    Args:
        network: what to write
        jacobian: whether the graph returns derivatives too

    Returns:
        A checked model of opset 17; only operators with float64 kernels on the CPU.
    """
    graph, names = Graph(), []
    weights = _folded(network)
    hidden, slopes = "x", []
    for weight, bias in weights[:-1]:
        names.append(graph.constant(weight))
        before = graph.node("Gemm", [hidden, names[-1], graph.constant(bias)], transB=1)
        hidden, slope = _activated(graph, network.activation, before, jacobian)
        slopes.append(slope)
    names.append(graph.constant(weights[-1][0]))
    graph.node("Gemm", [hidden, names[-1], graph.constant(weights[-1][1])], "value", transB=1)
    num_inputs, num_outputs = weights[0][0].shape[1], weights[-1][0].shape[0]
    outputs = {"value": doubles(num_outputs)}
    if jacobian:
        _reverse(graph, names, slopes)
        outputs["jacobian"] = doubles(num_outputs, num_inputs)
    return graph.model("network", {"x": doubles(num_inputs)}, outputs)


def _folded(network: Network) -> list[tuple[np.ndarray, np.ndarray]]:
    """Weights and biases of the layers, from raw inputs to raw outputs."""
    layers = [(np.asarray(layer.weight), np.asarray(layer.bias)) for layer in network.layers]
    shift, scale = np.asarray(network.input_scaling.shift), np.asarray(network.input_scaling.scale)
    weight, bias = layers[0]
    layers[0] = (weight / scale, bias - (weight / scale) @ shift)
    shift, scale = (
        np.asarray(network.output_scaling.shift),
        np.asarray(network.output_scaling.scale),
    )
    weight, bias = layers[-1]
    layers[-1] = (scale[:, None] * weight, scale * bias + shift)
    return layers


def _activated(graph: Graph, activation: str, before: str, slope: bool) -> tuple[str, str]:
    """The activation and, if wanted, its slope with an axis for the outputs put in."""
    hidden, derivative = {"silu": _silu, "tanh": _tanh, "relu": _relu}[activation](
        graph, before, slope
    )
    if not slope:
        return hidden, ""
    return hidden, graph.node("Unsqueeze", [derivative, graph.constant([1], np.int64)])


def _silu(graph: Graph, before: str, slope: bool) -> tuple[str, str]:
    """h = a s(a) and h' = s + h (1 - s) = s + h - h s, with the logistic function s."""
    logistic = graph.node("Sigmoid", [before])
    hidden = graph.node("Mul", [before, logistic])
    if not slope:
        return hidden, ""
    product = graph.node("Mul", [hidden, logistic])
    return hidden, graph.node("Sub", [graph.node("Add", [logistic, hidden]), product])


def _tanh(graph: Graph, before: str, slope: bool) -> tuple[str, str]:
    """h = tanh a and h' = 1 - h^2."""
    hidden = graph.node("Tanh", [before])
    if not slope:
        return hidden, ""
    square = graph.node("Mul", [hidden, hidden])
    return hidden, graph.node("Sub", [graph.constant(1.0), square])


def _relu(graph: Graph, before: str, slope: bool) -> tuple[str, str]:
    """h = max(a, 0) and h' = 1 where a is positive."""
    hidden = graph.node("Relu", [before])
    if not slope:
        return hidden, ""
    positive = graph.node("Greater", [before, graph.constant(0.0)])
    return hidden, graph.node("Cast", [positive], to=TensorProto.DOUBLE)


def _reverse(graph: Graph, weights: list[str], slopes: list[str]) -> None:
    """From the last layer's weights back to the inputs; the result is named `jacobian`."""
    sweep = weights[-1]
    for k in reversed(range(len(slopes))):
        sloped = graph.node("Mul", [slopes[k], sweep])
        sweep = graph.node("MatMul", [sloped, weights[k]], "jacobian" if k == 0 else "")
