"""Networks as ONNX graphs that return value and Jacobian, written by hand and run in float64."""

from typing import Any, NamedTuple

import numpy as np
import onnx
import onnxruntime
from jaxtyping import Float
from onnx import TensorProto, helper, numpy_helper

from neuralrates.surrogates.networks.network import Network

OPSET = 17
INTERMEDIATE_VERSION = 8
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
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = num_threads
        options.inter_op_num_threads = 1
        self._values = _session(to_onnx(network, jacobian=False), options)
        self._both = _session(to_onnx(network), options)

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
    graph = _Graph([], [], network.activation)
    weights = _folded(network)
    hidden, slopes = "x", []
    for k, (weight, bias) in enumerate(weights[:-1]):
        before = _affine(graph, f"{k}", hidden, weight, bias)
        hidden, slope = _activate(graph, f"{k}", before, jacobian)
        slopes.append(slope)
    _affine(graph, "last", hidden, *weights[-1], output="value")
    if jacobian:
        _reverse(graph, [weight for weight, _ in weights], slopes)
    return _model(graph, num_inputs=weights[0][0].shape[1], num_outputs=weights[-1][0].shape[0])


class _Graph(NamedTuple):
    """A graph in the making."""

    nodes: list[onnx.NodeProto]
    constants: list[onnx.TensorProto]
    activation: str

    def constant(self, name: str, array: np.ndarray) -> str:
        self.constants.append(numpy_helper.from_array(np.asarray(array, dtype=np.float64), name))
        return name

    def node(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output


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


def _affine(
    graph: _Graph, label: str, hidden: str, weight: np.ndarray, bias: np.ndarray, output: str = ""
) -> str:
    inputs = [hidden, graph.constant(f"W{label}", weight), graph.constant(f"b{label}", bias)]
    return graph.node("Gemm", inputs, output or f"a{label}", transB=1)


def _activate(graph: _Graph, label: str, before: str, slope: bool) -> tuple[str, str]:
    """The activation and, if wanted, its slope with an axis for the outputs put in."""
    write = {"silu": _silu, "tanh": _tanh, "relu": _relu}[graph.activation]
    hidden, derivative = write(graph, label, before, slope)
    if not slope:
        return hidden, ""
    axis = f"axis{label}"
    graph.constants.append(numpy_helper.from_array(np.array([1], dtype=np.int64), axis))
    return hidden, graph.node("Unsqueeze", [derivative, axis], f"d{label}")


def _silu(graph: _Graph, label: str, before: str, slope: bool) -> tuple[str, str]:
    """h = a s(a) and h' = s + h (1 - s) = s + h - h s, with the logistic function s."""
    logistic = graph.node("Sigmoid", [before], f"s{label}")
    hidden = graph.node("Mul", [before, logistic], f"h{label}")
    if not slope:
        return hidden, ""
    product = graph.node("Mul", [hidden, logistic], f"hs{label}")
    total = graph.node("Add", [logistic, hidden], f"sh{label}")
    return hidden, graph.node("Sub", [total, product], f"f{label}")


def _tanh(graph: _Graph, label: str, before: str, slope: bool) -> tuple[str, str]:
    """h = tanh a and h' = 1 - h^2."""
    hidden = graph.node("Tanh", [before], f"h{label}")
    if not slope:
        return hidden, ""
    square = graph.node("Mul", [hidden, hidden], f"hh{label}")
    one = graph.constant(f"one{label}", np.ones(()))
    return hidden, graph.node("Sub", [one, square], f"f{label}")


def _relu(graph: _Graph, label: str, before: str, slope: bool) -> tuple[str, str]:
    """h = max(a, 0) and h' = 1 where a is positive."""
    hidden = graph.node("Relu", [before], f"h{label}")
    if not slope:
        return hidden, ""
    zero = graph.constant(f"zero{label}", np.zeros(()))
    positive = graph.node("Greater", [before, zero], f"p{label}")
    return hidden, graph.node("Cast", [positive], f"f{label}", to=TensorProto.DOUBLE)


def _reverse(graph: _Graph, weights: list[np.ndarray], slopes: list[str]) -> None:
    """From the last layer's weights back to the inputs; the result is named `jacobian`."""
    sweep = "Wlast"
    for k in reversed(range(len(slopes))):
        sloped = graph.node("Mul", [slopes[k], sweep], f"g{k}")
        sweep = graph.node("MatMul", [sloped, f"W{k}"], "jacobian" if k == 0 else f"G{k}")


def _model(graph: _Graph, num_inputs: int, num_outputs: int) -> onnx.ModelProto:
    def tensor(name: str, *shape: int | str) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.DOUBLE, list(shape))

    outputs = [tensor("value", "batch", num_outputs)]
    if any("jacobian" in node.output for node in graph.nodes):
        outputs.append(tensor("jacobian", "batch", num_outputs, num_inputs))
    model = helper.make_model(
        helper.make_graph(
            graph.nodes, "network", [tensor("x", "batch", num_inputs)], outputs, graph.constants
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=INTERMEDIATE_VERSION,
        producer_name="neuralrates",
    )
    onnx.checker.check_model(model, full_check=True)
    return model


def _session(
    model: onnx.ModelProto, options: onnxruntime.SessionOptions
) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
