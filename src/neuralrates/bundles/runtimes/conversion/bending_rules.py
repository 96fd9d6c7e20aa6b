"""Operations that bend: one node each, or a few where the runtime has no kernel in double precision."""

from functools import partial

import numpy as np

from neuralrates.bundles.runtimes.conversion.affine import (
    Value,
    is_constant,
    linear,
    scaled,
    spread,
    total,
)
from neuralrates.bundles.runtimes.conversion.linear_rules import moved
from neuralrates.bundles.runtimes.conversion.product_rules import product
from neuralrates.bundles.runtimes.conversion.program import Operation
from neuralrates.bundles.runtimes.conversion.writer import Writer, rule
from neuralrates.core.errors import RefusalError

Inputs = tuple[Value, ...]

_NAMES = {
    "exp": "Exp",
    "log": "Log",
    "sqrt": "Sqrt",
    "tanh": "Tanh",
    "logistic": "Sigmoid",
    "abs": "Abs",
    "sign": "Sign",
    "floor": "Floor",
    "ceil": "Ceil",
    "sin": "Sin",
    "cos": "Cos",
}
_PAIRS = {"max": "Max", "min": "Min"}
_COMPARISONS = {
    "lt": "Less",
    "le": "LessOrEqual",
    "gt": "Greater",
    "ge": "GreaterOrEqual",
    "eq": "Equal",
}


@rule(*_NAMES)
def _bent(writer: Writer, operation: Operation, inputs: Inputs) -> list[Value]:
    value = writer.dense(inputs[0])
    return [writer.node(_NAMES[operation.name], value, shape=inputs[0].shape)]


@rule(*_PAIRS)
def _pair(writer: Writer, operation: Operation, inputs: Inputs) -> list[Value]:
    one, other = _alike(writer, operation, inputs)
    return [writer.node(_PAIRS[operation.name], one, other, shape=operation.outputs[0].shape)]


@rule("clamp")
def _clamped(writer: Writer, operation: Operation, inputs: Inputs) -> list[Value]:
    low, value, high = _alike(writer, operation, inputs)
    shape = operation.outputs[0].shape
    raised = writer.dense(writer.node("Max", value, low, shape=shape))
    return [writer.node("Min", raised, high, shape=shape)]


@rule("log1p")
def _log_of_one_more(writer: Writer, operation: Operation, inputs: Inputs) -> list[Value]:
    shape = inputs[0].shape
    return [writer.node("Log", writer.dense(total(inputs[0], np.ones(shape))), shape=shape)]


@rule("expm1")
def _exponential_less_one(writer: Writer, operation: Operation, inputs: Inputs) -> list[Value]:
    """$e^x - 1 = \\tanh(x / 2) (e^x + 1)$, exact near zero too."""
    shape = inputs[0].shape
    half = writer.dense(total(np.zeros(shape), inputs[0], 0.5))
    tangent = writer.node("Tanh", half, shape=shape)
    exponential = writer.node("Exp", writer.dense(inputs[0]), shape=shape)
    return [product(writer, tangent, total(exponential, np.ones(shape)), shape)]


@rule(*_COMPARISONS)
def _compared(writer: Writer, operation: Operation, inputs: Inputs) -> list[Value]:
    one, other = _alike(writer, operation, inputs)
    width = max(writer.widths[one], writer.widths[other])
    name = writer.graph.node(_COMPARISONS[operation.name], [one, other])
    return [writer.from_truth(name, width, operation.outputs[0].shape)]


@rule("ne")
def _different(writer: Writer, operation: Operation, inputs: Inputs) -> list[Value]:
    (same,) = _compared(writer, operation._replace(name="eq"), inputs)
    return [total(np.ones(same.shape), same, -1.0)]


@rule("and")
def _both(writer: Writer, operation: Operation, inputs: Inputs) -> list[Value]:
    """Of truths where both are known as such, else as a product of zeros and ones."""
    shape = operation.outputs[0].shape
    names = [writer.dense(spread(value, shape)) for value in inputs]
    if not all(name in writer.truths for name in names):
        return [product(writer, inputs[0], inputs[1], shape)]
    width = max(writer.widths[name] for name in names)
    both = writer.graph.node("And", [writer.truths[name] for name in names])
    return [writer.from_truth(both, width, shape)]


@rule("or")
def _either(writer: Writer, operation: Operation, inputs: Inputs) -> list[Value]:
    one, other = _alike(writer, operation, inputs)
    return [writer.node("Max", one, other, shape=operation.outputs[0].shape)]


@rule("not")
def _not(writer: Writer, operation: Operation, inputs: Inputs) -> list[Value]:
    return [total(np.ones(inputs[0].shape), inputs[0], -1.0)]


@rule("reduce_and", "reduce_or")
def _counted(writer: Writer, operation: Operation, inputs: Inputs) -> list[Value]:
    """By how many are true."""
    axes, shape = operation.parameters["axes"], inputs[0].shape
    (count,) = linear(partial(np.sum, axis=tuple(k + 1 for k in axes)), [inputs[0]])
    wanted = 1.0 if operation.name == "reduce_or" else np.prod([shape[k] for k in axes])
    limit = writer.constant(np.asarray(wanted - 0.5))
    name = writer.dense(count)
    truth = writer.graph.node("Greater", [name, limit])
    return [writer.from_truth(truth, writer.widths[name], operation.outputs[0].shape)]


@rule("reduce_max", "reduce_min")
def _extreme(writer: Writer, operation: Operation, inputs: Inputs) -> list[Value]:
    if len(operation.parameters["axes"]) != len(inputs[0].shape):
        raise RefusalError(f"The operation `{operation.name}` has no rule for such a use of it.")
    kind = "ReduceMax" if operation.name == "reduce_max" else "ReduceMin"
    axes = writer.graph.constant([1], np.int64)
    name = writer.graph.node(kind, [writer.dense(inputs[0]), axes], keepdims=1)
    return [writer.result(name, 1, ())]


@rule("argmax", "argmin")
def _place_of_extreme(writer: Writer, operation: Operation, inputs: Inputs) -> list[Value]:
    if len(inputs[0].shape) != 1:
        raise RefusalError(f"The operation `{operation.name}` has no rule for such a use of it.")
    kind = "ArgMax" if operation.name == "argmax" else "ArgMin"
    place = writer.graph.node(kind, [writer.dense(inputs[0])], axis=1, keepdims=1)
    return [writer.result(writer.graph.node("Cast", [place], to=11), 1, ())]


@rule("select_n")
def _chosen(writer: Writer, operation: Operation, inputs: Inputs) -> list[Value]:
    which, *cases = inputs
    if is_constant(which):
        return moved(operation, inputs, tuple(range(1, len(inputs))))
    if len(cases) != 2:
        raise RefusalError(f"The operation `{operation.name}` has no rule for such a use of it.")
    first, second = cases
    if is_constant(first) and is_constant(second):
        return [total(scaled(spread(which, first.shape), np.asarray(second - first)), first)]
    no, yes = _alike(writer, operation, tuple(cases))
    which = spread(which, operation.outputs[0].shape)
    truth = writer.truth(which)
    widths = [writer.widths[name] for name in (writer.dense(which), no, yes)]
    name = writer.graph.node("Where", [truth, yes, no])
    return [writer.result(name, max(widths), operation.outputs[0].shape)]


@rule("convert_element_type")
def _converted(writer: Writer, operation: Operation, inputs: Inputs) -> list[Value]:
    """Whole numbers are kept in double precision."""
    kind = np.dtype(operation.parameters["new_dtype"]).kind
    return [inputs[0]] if kind in "fbiu" else moved(operation, inputs, (0,))


def _alike(writer: Writer, operation: Operation, values: Inputs) -> list[str]:
    """Names of what holds some values, each of the shape of the result."""
    return [writer.dense(spread(value, operation.outputs[0].shape)) for value in values]
