"""Products, quotients, powers and contractions; constants are pulled out of them."""

from typing import Any

import numpy as np

from neuralrates.bundles.runtimes.conversion.affine import (
    Value,
    is_constant,
    linear,
    scaled,
    spread,
)
from neuralrates.bundles.runtimes.conversion.linear_rules import moved
from neuralrates.bundles.runtimes.conversion.program import Operation
from neuralrates.bundles.runtimes.conversion.writer import Writer, rule


def product(writer: Writer, one: Value, other: Value, shape: tuple[int, ...]) -> Value:
    """Product of two values of one shape, or of one with a single number."""
    one, other = spread(one, shape), spread(other, shape)
    for value, constant in ((one, other), (other, one)):
        if is_constant(constant):
            return scaled(value, constant)
    (left, first), (right, second) = writer.factor(one), writer.factor(other)
    width = max(writer.widths[left], writer.widths[right])
    name = writer.graph.node("Mul", [left, right])
    return writer.result(name, width, shape, first * second)


def quotient(writer: Writer, one: Value, other: Value, shape: tuple[int, ...]) -> Value:
    """Quotient of two values of one shape."""
    one, other = spread(one, shape), spread(other, shape)
    if is_constant(other):
        return scaled(one, 1.0 / other)
    below, second = writer.factor(other)
    if np.any(second == 0.0):
        below, second = writer.dense(other), np.ones(1)
    if is_constant(one):
        name = writer.graph.node("Reciprocal", [below])
        scale = one.reshape(-1) / second
        return writer.result(name, writer.widths[below], shape, scale)
    above, first = writer.factor(one)
    width = max(writer.widths[above], writer.widths[below])
    name = writer.graph.node("Div", [above, below])
    return writer.result(name, width, shape, first / second)


@rule("mul")
def _mul(writer: Writer, operation: Operation, inputs: tuple[Value, ...]) -> list[Value]:
    return [product(writer, inputs[0], inputs[1], operation.outputs[0].shape)]


@rule("square")
def _square(writer: Writer, operation: Operation, inputs: tuple[Value, ...]) -> list[Value]:
    return [product(writer, inputs[0], inputs[0], inputs[0].shape)]


@rule("div")
def _div(writer: Writer, operation: Operation, inputs: tuple[Value, ...]) -> list[Value]:
    return [quotient(writer, inputs[0], inputs[1], operation.outputs[0].shape)]


@rule("integer_pow")
def _integer_power(writer: Writer, operation: Operation, inputs: tuple[Value, ...]) -> list[Value]:
    power, shape = int(operation.parameters["y"]), inputs[0].shape
    result = _power(writer, inputs[0], abs(power), shape)
    return [result if power >= 0 else quotient(writer, np.ones(shape), result, shape)]


def _power(writer: Writer, value: Value, power: int, shape: tuple[int, ...]) -> Value:
    """By halves."""
    if power == 0:
        return np.ones(shape)
    if power == 1:
        return value
    half = _power(writer, value, power // 2, shape)
    whole = product(writer, half, half, shape)
    return product(writer, whole, value, shape) if power % 2 else whole


@rule("pow")
def _pow(writer: Writer, operation: Operation, inputs: tuple[Value, ...]) -> list[Value]:
    shape = operation.outputs[0].shape
    base, power = (writer.dense(spread(value, shape)) for value in inputs)
    return [writer.node("Pow", base, power, shape=shape)]


@rule("dot_general")
def _contraction(writer: Writer, operation: Operation, inputs: tuple[Value, ...]) -> list[Value]:
    """By a matrix where one side is constant; else by all products, then their sums."""
    for place in (0, 1):
        if is_constant(inputs[1 - place]):
            return moved(operation, inputs, (place,))
    (left, right), (batch_left, batch_right) = operation.parameters["dimension_numbers"]
    one, other = inputs
    layout = _Layout(one.shape, other.shape, left, right, batch_left, batch_right)
    (first,), (second,) = linear(layout.one, [one]), linear(layout.other, [other])
    products = product(writer, first, second, layout.shape)
    return linear(lambda p: p.sum(axis=layout.summed), [products])


class _Layout:
    """Both sides of a contraction laid out over all of its axes: batch, free ones of either side, contracted."""

    def __init__(self, one: Any, other: Any, left: Any, right: Any, batch: Any, batch_right: Any):
        self._orders = []
        free = [[k for k in range(len(one)) if k not in (*left, *batch)]]
        free += [[k for k in range(len(other)) if k not in (*right, *batch_right)]]
        self._axes = (
            ((*batch, *free[0], *left), (len(batch), len(free[0]), len(left))),
            ((*batch_right, *free[1], *right), (len(batch), len(free[1]), len(right))),
        )
        self._free = [len(part) for part in free]
        sizes = [one[k] for k in batch] + [one[k] for k in free[0]] + [other[k] for k in free[1]]
        self.shape = (*sizes, *(one[k] for k in left))
        self.summed = tuple(range(len(sizes) + 1, len(self.shape) + 1))

    def one(self, values: Any) -> Any:
        return self._laid(values, 0)

    def other(self, values: Any) -> Any:
        return self._laid(values, 1)

    def _laid(self, values: Any, side: int) -> Any:
        order, (batch, free, _) = self._axes[side]
        turned = values.transpose(0, *(k + 1 for k in order))
        first = 1 + batch + (free if side == 0 else 0)
        new = tuple(range(first, first + self._free[1 - side]))
        return np.broadcast_to(np.expand_dims(turned, new), (len(values), *self.shape))
