"""Networks written by hand: in single precision past the first layer, value and slope from one hyperbolic tangent."""

import numpy as np

from neuralrates.bundles.runtimes.conversion.affine import Value, is_constant, linear, total
from neuralrates.bundles.runtimes.conversion.program import Operation
from neuralrates.bundles.runtimes.conversion.writer import Writer, rule
from neuralrates.core.errors import RefusalError

Inputs = tuple[Value, ...]
_SINGLE, _DOUBLE = 1, 11


@rule("network", "residual_network")
def _network(writer: Writer, operation: Operation, inputs: Inputs) -> list[Value]:
    """Affine parts with u = x / 2 for x: $h = u p$ and $2 h' = p + h (1 - t)$ with $t = \\tanh u$ and $p = 1 + t$."""
    x, *weights = inputs
    node, residual = writer.graph.node, operation.name.startswith("residual")
    layers, one = _layers(weights), _single(writer, np.ones((1, 1)))
    half = _first(writer, x, *layers[0])
    hidden, slopes = "", []
    for number, (weight, bias) in enumerate(layers[:-1]):
        if number:
            half = _affine(writer, hidden, 0.5 * weight, 0.5 * bias)
        tangent = node("Tanh", [half])
        raised = node("Add", [tangent, one])
        moved = node("Mul", [half, raised])
        rest = node("Sub", [one, tangent])
        slope = node("Add", [raised, node("Mul", [moved, rest])])
        slopes.append(writer.result(slope, len(bias), (len(bias),), 0.5))
        hidden = node("Add", [hidden, moved]) if residual and number else moved
    value = node("Cast", [_affine(writer, hidden, *layers[-1])], to=_DOUBLE)
    size = len(layers[-1][1])
    return [writer.result(value, size, (size,)), *slopes]


@rule("network_back", "residual_network_back")
def _network_back(writer: Writer, operation: Operation, inputs: Inputs) -> list[Value]:
    """The reverse sweep; the halves of the slopes go into the weights."""
    count = (len(inputs) - 3) // 3
    change, slopes = inputs[0], inputs[1 : count + 1]
    layers = _layers(inputs[count + 1 :])
    node, residual = writer.graph.node, operation.name.startswith("residual")
    (back,) = linear(lambda c: c @ layers[-1][0], [change])
    sweep = node("Cast", [writer.dense(back)], to=_SINGLE)
    for number in reversed(range(count)):
        slope, _ = writer.factor(slopes[number])
        sloped = node("Mul", [sweep, slope])
        weight = _single(writer, 0.5 * layers[number][0])
        pair, added = [sloped, weight], residual and number
        sweep = node("Gemm", [*pair, sweep]) if added else node("MatMul", pair)
    size = layers[0][0].shape[1]
    return [writer.result(node("Cast", [sweep], to=_DOUBLE), size, (size,))]


def _layers(weights: Inputs | list[Value]) -> list[tuple[np.ndarray, np.ndarray]]:
    if not all(is_constant(weight) for weight in weights):
        raise RefusalError("A network whose weights depend on the point has no graph.")
    arrays = [np.asarray(weight, np.float64) for weight in weights]
    return [*zip(arrays[::2], arrays[1::2], strict=True)]


def _first(writer: Writer, x: Value, weight: np.ndarray, bias: np.ndarray) -> str:
    """Half of the first affine part: in double precision, for inputs differ in size."""
    (moved,) = linear(lambda v: v @ (0.5 * weight.T), [x])
    return writer.graph.node("Cast", [writer.dense(total(moved, 0.5 * bias))], to=_SINGLE)


def _affine(writer: Writer, hidden: str, weight: np.ndarray, bias: np.ndarray) -> str:
    pair = [_single(writer, weight.T), _single(writer, bias[None, :])]
    return writer.graph.node("Gemm", [hidden, *pair])


def _single(writer: Writer, array: np.ndarray) -> str:
    name = writer.graph.constant(array, np.float32)
    writer.widths[name] = array.shape[-1]
    return name
