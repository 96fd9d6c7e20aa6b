"""Operators of ONNX number by number, and those that only arrange."""

from collections.abc import Mapping

import numpy as np

from neuralrates.bundles.runtimes.host.onnx_file import Node
from neuralrates.bundles.runtimes.machine.tracing import (
    NotCompiledError,
    Trace,
    Value,
    constant,
    part,
    rule,
)

_BETWEEN: Mapping[str, str] = {
    "Mul": "multiply",
    "Add": "add",
    "Sub": "subtract",
    "Div": "divide",
    "Max": "larger",
    "Min": "smaller",
    "Pow": "power",
    "And": "both",
    "Or": "either",
}
_COMPARED: Mapping[str, str] = {
    "Less": "is_less",
    "LessOrEqual": "is_at_most",
    "Greater": "is_less",
    "GreaterOrEqual": "is_at_most",
    "Equal": "is_equal",
}
_OF_ONE: Mapping[str, str] = {
    "Exp": "exponential",
    "Log": "logarithm",
    "Sqrt": "square_root",
    "Tanh": "hyperbolic_tangent",
    "Sigmoid": "logistic",
    "Sin": "sine",
    "Cos": "cosine",
    "Floor": "round_down",
    "Ceil": "round_up",
    "Abs": "absolute",
    "Sign": "sign",
    "Not": "negate_truth",
    "Reciprocal": "reciprocal",
}
_FLOAT, _INTEGER, _DOUBLE = 1, 7, 11


@rule(*_BETWEEN)
def _between(trace: Trace, node: Node) -> Value:
    return trace.apply(_BETWEEN[node.operator], *trace.values(node))


@rule(*_COMPARED)
def _compared(trace: Trace, node: Node) -> Value:
    one, other = trace.values(node)
    pair = (other, one) if node.operator.startswith("Greater") else (one, other)
    return trace.in_double(trace.apply(_COMPARED[node.operator], *pair))


@rule(*_OF_ONE)
def _of_one(trace: Trace, node: Node) -> Value:
    return trace.apply(_OF_ONE[node.operator], trace.in_register(trace.value(node.inputs[0])))


@rule("Where")
def _chosen(trace: Trace, node: Node) -> Value:
    truth, yes, no = trace.values(node)
    numbers = [value for value in (yes, no) if value.constant is None] or [yes]
    if numbers[0].is_single:
        truth = trace.in_single(truth)
    return trace.apply("choose", truth, yes, no)


@rule("Cast")
def _cast(trace: Trace, node: Node) -> Value:
    value, kind = trace.value(node.inputs[0]), node.attributes["to"]
    if kind == _FLOAT:
        return trace.in_single(value)
    if kind == _DOUBLE:
        return trace.in_double(value)
    if kind == _INTEGER:
        return trace.apply("round_to_zero", trace.in_register(trace.in_double(value)))
    raise NotCompiledError(f"A cast to the type {kind}.")


@rule("Identity", "Unsqueeze")
def _same(trace: Trace, node: Node) -> Value:
    return trace.value(node.inputs[0])


@rule("Reshape")
def _reshaped(trace: Trace, node: Node) -> Value:
    value = trace.value(node.inputs[0])
    shape = tuple(int(size) for size in trace.constants[node.inputs[1]][1:])
    if shape and np.prod(shape) != value.width:
        raise NotCompiledError("A shape that is only known with the points.")
    return value._replace(shape=shape)


@rule("Concat")
def _joined(trace: Trace, node: Node) -> Value:
    values = [value for value in trace.values(node) if value.width]
    if all(value.constant is not None for value in values):
        return constant(np.concatenate([value.constant for value in values]))
    width = sum(value.width for value in values)
    result = trace.register(width, values[0].is_single, trace.chosen(*values), in_parts=True)
    start = 0
    for value in values:
        trace.add("copy", part(result, start, value.width), value)
        start += value.width
    return result


@rule("Slice")
def _sliced(trace: Trace, node: Node) -> Value:
    start, end = (int(trace.constants[name].item()) for name in node.inputs[1:3])
    return part(trace.value(node.inputs[0]), start, end - start)
