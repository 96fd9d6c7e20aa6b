"""Elements taken from, or added to, places that depend on the point: along one axis."""

import numpy as np

from neuralrates.bundles.runtimes.conversion.affine import Value, linear, spread, total
from neuralrates.bundles.runtimes.conversion.linear_rules import moved
from neuralrates.bundles.runtimes.conversion.program import Operation
from neuralrates.bundles.runtimes.conversion.writer import Writer, rule
from neuralrates.core.errors import RefusalError

Inputs = tuple[Value, ...]


@rule("gather", "dynamic_slice")
def _taken(writer: Writer, operation: Operation, inputs: Inputs) -> list[Value]:
    operand, starts, shape = inputs[0], inputs[1:], operation.outputs[0].shape
    if all(isinstance(start, np.ndarray) for start in starts):
        return moved(operation, inputs, (0,))
    _check_one_axis(operation, operand)
    size = operation.parameters["slice_sizes"][0]
    places = _places(writer, starts[0], operand.shape[0], size, shape)
    table = writer.wide(operand, everywhere=True)
    name = writer.graph.node("GatherElements", [table, places], axis=1)
    return [writer.result(name, int(np.prod(shape, dtype=int)), shape)]


@rule("scatter", "scatter-add", "dynamic_update_slice")
def _put(writer: Writer, operation: Operation, inputs: Inputs) -> list[Value]:
    slices = operation.name == "dynamic_update_slice"
    operand, updates, starts = (
        (inputs[0], inputs[1], inputs[2:]) if slices else (inputs[0], inputs[2], inputs[1:2])
    )
    if all(isinstance(start, np.ndarray) for start in starts):
        return moved(operation, inputs, (0, 1) if slices else (0, 2))
    _check_one_axis(operation, operand)
    length = operand.shape[0]
    size = updates.shape[0] if slices else _window(operation, updates)
    places = _places(writer, starts[0], length, size, updates.shape)
    ground = writer.wide(operand, everywhere=True)
    added = {"reduction": "add"} if operation.name == "scatter-add" else {}
    name = writer.graph.node(
        "ScatterElements", [ground, places, writer.wide(updates)], axis=1, **added
    )
    return [writer.result(name, length, operand.shape)]


def _check_one_axis(operation: Operation, operand: Value) -> None:
    if len(operand.shape) != 1:
        raise RefusalError(f"The operation `{operation.name}` along several axes has no graph.")


def _window(operation: Operation, updates: Value) -> int:
    """Neighbouring elements that one start stands for."""
    windows = operation.parameters["dimension_numbers"].update_window_dims
    return updates.shape[windows[0]] if windows else 1


def _places(writer: Writer, starts: Value, length: int, size: int, shape: tuple[int, ...]) -> str:
    """Places of all elements, as whole numbers in rows."""
    count = int(np.prod(shape, dtype=int)) // size
    highest = writer.constant(np.asarray(float(length - size)))
    if starts.shape == () or int(np.prod(starts.shape, dtype=int)) != count:
        starts = spread(starts, (count,))
    kept = writer.graph.node("Max", [writer.dense(starts), writer.constant(np.asarray(0.0))])
    kept = writer.graph.node("Min", [kept, highest])
    first = writer.result(kept, writer.widths[writer.dense(starts)], (count,))
    (each,) = linear(lambda s: s.reshape(-1, count, 1) + np.zeros(size), [first])
    steps = np.broadcast_to(np.arange(float(size)), (count, size))
    return writer.graph.node("Cast", [writer.wide(total(each, steps))], to=7)
