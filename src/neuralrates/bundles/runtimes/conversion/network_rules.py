"""Networks written by hand: in single precision past the first layer, value and slope from one exponential."""

import numpy as np

from neuralrates.bundles.runtimes.conversion.affine import Value, is_constant, linear, total
from neuralrates.bundles.runtimes.conversion.program import Operation
from neuralrates.bundles.runtimes.conversion.writer import Writer, rule
from neuralrates.core.errors import RefusalError

Inputs = tuple[Value, ...]
_SINGLE, _DOUBLE = 1, 11


@rule("network", "residual_network")
def _network(writer: Writer, operation: Operation, inputs: Inputs) -> list[Value]:
    """With n minus an affine part, $e = e^n$ and $s = 1 / (1 + e)$: minus $h$ is $m = n s$, and $h' = s - m e s$.

    Nothing cancels in them. What is kept between layers is minus the hidden value.
    """
    x, *weights = inputs
    node, residual = writer.graph.node, operation.name.startswith("residual")
    layers, one = _layers(weights), _single(writer, np.ones((1, 1)))
    before = _first(writer, x, *layers[0])
    hidden, slopes = "", []
    for number, (weight, bias) in enumerate(layers[:-1]):
        if number:
            before = _affine(writer, hidden, weight, -bias)
        exponential = node("Exp", [before])
        share = node("Reciprocal", [node("Add", [exponential, one])])
        moved = node("Mul", [before, share])
        less = node("Mul", [node("Mul", [moved, exponential]), share])
        slope = node("Sub", [share, less])
        slopes.append(writer.result(slope, len(bias), (len(bias),)))
        hidden = node("Add", [hidden, moved]) if residual and number else moved
    weight, bias = layers[-1]
    value = node("Cast", [_affine(writer, hidden, -weight, bias)], to=_DOUBLE)
    return [writer.result(value, len(bias), (len(bias),)), *slopes]


@rule("network_back", "residual_network_back")
def _network_back(writer: Writer, operation: Operation, inputs: Inputs) -> list[Value]:
    """The reverse sweep."""
    count = (len(inputs) - 3) // 3
    change, slopes = inputs[0], inputs[1 : count + 1]
    layers = _layers(inputs[count + 1 :])
    node, residual = writer.graph.node, operation.name.startswith("residual")
    (back,) = linear(lambda c: c @ layers[-1][0], [change])
    sweep = node("Cast", [writer.dense(back)], to=_SINGLE)
    for number in reversed(range(count)):
        slope, _ = writer.factor(slopes[number])
        sloped = node("Mul", [sweep, slope])
        weight = _single(writer, layers[number][0])
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
    """Minus the first affine part: in double precision, for inputs differ in size."""
    (moved,) = linear(lambda v: -(v @ weight.T), [x])
    return writer.graph.node("Cast", [writer.dense(total(moved, -bias))], to=_SINGLE)


def _affine(writer: Writer, hidden: str, weight: np.ndarray, bias: np.ndarray) -> str:
    pair = [_single(writer, weight.T), _single(writer, bias[None, :])]
    return writer.graph.node("Gemm", [hidden, *pair])


def _single(writer: Writer, array: np.ndarray) -> str:
    name = writer.graph.constant(array, np.float32)
    writer.widths[name] = array.shape[-1]
    return name
