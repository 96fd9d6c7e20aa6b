"""Operators of ONNX that take from places and put there, and that look for the largest."""

import numpy as np

from neuralrates.bundles.runtimes.host.onnx_file import Node
from neuralrates.bundles.runtimes.machine.tracing import NotCompiledError, Trace, Value, part, rule

_REDUCED = {
    "ReduceMax": "largest",
    "ReduceMin": "smallest",
    "ArgMax": "place_of_largest",
    "ArgMin": "place_of_smallest",
}


@rule("Gather")
def _taken(trace: Trace, node: Node) -> Value:
    value, places = trace.value(node.inputs[0]), trace.constants.get(node.inputs[1])
    if places is None:
        return _of_chosen_points(trace, value, trace.value(node.inputs[1]))
    flat = places.reshape(-1)
    if node.attributes.get("axis", 0) == 0:
        return part(value, int(flat.item()), 1)
    if np.array_equal(flat, flat[0] + np.arange(flat.size)):
        return part(value, int(flat[0]), flat.size)
    source = trace.in_register(value)
    result = trace.register(flat.size, source.is_single, source.chosen)
    step = trace.add("take", result, source, arrays={1: flat.astype(np.int32)})
    step.settings[0] = source.width
    return result


def _of_chosen_points(trace: Trace, value: Value, choice: Value) -> Value:
    """Numbers of the points that a branch is about."""
    if trace.one or value.constant is not None:
        return value
    if value.chosen:
        raise NotCompiledError("A choice among points that are chosen already.")
    result = trace.register(value.width, chosen=choice.chosen)
    trace.add("take_points", result, value)
    return result._replace(shape=value.shape)


@rule("NonZero")
def _places(trace: Trace, node: Node) -> Value:
    truths = trace.in_register(trace.value(node.inputs[0]))
    if trace.one:
        return truths
    if truths.chosen:
        raise NotCompiledError("A choice among points that are chosen already.")
    trace.add("choose_points", None, truths)
    return truths._replace(chosen=trace.choose())


@rule("ScatterND")
def _put(trace: Trace, node: Node) -> Value:
    block, choice, updates = trace.values(node)
    if trace.one:
        return updates
    ground = trace.ground
    if ground is None:
        raise NotCompiledError("Numbers of some points put elsewhere than at the end of a branch.")
    if updates.width != ground.width or block.width != ground.width:
        raise NotCompiledError("Numbers of some points of another width than those of all.")
    trace.add("put_points", ground, trace.in_register(updates, choice.chosen))
    return ground


@rule("GatherElements")
def _taken_by_point(trace: Trace, node: Node) -> Value:
    table, places = trace.values(node)
    places = trace.in_register(places)
    result = trace.register(places.width, chosen=trace.chosen(table, places))
    trace.add("take_by_point", result, table, places).settings[0] = table.width
    return result


@rule("ScatterElements")
def _put_by_point(trace: Trace, node: Node) -> Value:
    operands = trace.values(node)
    chosen = trace.chosen(*operands)
    ground, places, updates = (trace.in_register(value, chosen) for value in operands)
    result = trace.register(ground.width, chosen=chosen)
    step = trace.add("put_by_point", result, ground, places, updates)
    step.settings |= {0: places.width, 1: int(node.attributes.get("reduction") == "add")}
    return result


@rule(*_REDUCED)
def _reduced(trace: Trace, node: Node) -> Value:
    value = trace.in_register(trace.value(node.inputs[0]))
    axes = trace.constants[node.inputs[1]].tolist() if len(node.inputs) > 1 else [1]
    if axes != [0]:
        result = trace.register(1, chosen=value.chosen)
        trace.add(_REDUCED[node.operator], result, value).settings[0] = value.width
        return result
    if trace.one:
        return value
    if node.operator != "ReduceMax":
        raise NotCompiledError(f"{node.operator} over points.")
    return trace.apply("largest_of_points", value)
