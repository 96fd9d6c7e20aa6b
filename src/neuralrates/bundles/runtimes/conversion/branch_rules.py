"""Branches: each computed only for the points that take it, and left out where there are none."""

import numpy as np

from neuralrates.bundles.runtimes.conversion.affine import Affine, Value
from neuralrates.bundles.runtimes.conversion.program import Operation, Program
from neuralrates.bundles.runtimes.conversion.writer import Writer, rule
from neuralrates.bundles.runtimes.graph import Graph
from neuralrates.core.extras import extra

with extra("onnx"):
    import onnx

Inputs = tuple[Value, ...]


@rule("cond")
def _cond(writer: Writer, operation: Operation, inputs: Inputs) -> list[Value]:
    """One column block for all results, filled branch by branch."""
    which, *operands = inputs
    programs: tuple[Program, ...] = operation.parameters["programs"]
    graph, shapes = writer.graph, [output.shape for output in operation.outputs]
    width = sum(int(np.prod(shape, dtype=int)) for shape in shapes)
    place = writer.dense(which)
    numbers = graph.constant(np.arange(float(len(programs)))[None, :])
    taken = graph.node("Cast", [graph.node("Equal", [place, numbers])], to=11)
    first = graph.constant([0], np.int64)
    anywhere = graph.node("ReduceMax", [taken, first], keepdims=0)
    some = graph.node("Greater", [anywhere, graph.constant(0.5)])
    block, ready = _ground(writer, programs, operands, width)
    for number, program in enumerate(programs):
        if number == ready:
            continue
        is_taken = graph.node("Gather", [some, graph.constant(number, np.int64)], axis=0)
        then = _branch(writer, program, tuple(operands), place, number, block)
        otherwise = Graph(graph)
        kept = graph.fresh()
        otherwise.node("Identity", [block], kept)
        block = graph.node(
            "If",
            [is_taken],
            then_branch=then,
            else_branch=otherwise.branch(f"otherwise_{number}", kept),
        )
    return _columns(writer, block, width, shapes)


def _ground(
    writer: Writer, programs: tuple[Program, ...], operands: list[Value], width: int
) -> tuple[str, int]:
    """The block before any branch, and the branch that needs nothing more: one that hands on what it is given."""
    for number, program in enumerate(programs):
        if program.operations:
            continue
        given = {id(symbol): value for symbol, value in zip(program.inputs, operands, strict=True)}
        results = [given.get(id(value), value) for value in program.outputs]
        names = [writer.wide(result, everywhere=True) for result in results]  # type: ignore[arg-type]
        whole = writer.graph.node("Concat", names, axis=1) if len(names) > 1 else names[0]
        return whole, number
    return writer.everywhere(np.zeros(width)), -1


def _columns(writer: Writer, block: str, width: int, shapes: list[tuple[int, ...]]) -> list[Value]:
    """Results out of the columns of a block."""
    writer.widths[block] = width
    results: list[Value] = []
    start = 0
    for shape in shapes:
        size = int(np.prod(shape, dtype=int))
        results.append(Affine({block: np.eye(width)[:, start : start + size]}, np.zeros(shape)))
        start += size
    return results


def _branch(
    writer: Writer, program: Program, operands: Inputs, place: str, number: int, block: str
) -> onnx.GraphProto:
    """The block with the rows of the points that take this branch replaced."""
    graph = Graph(writer.graph)
    chosen = graph.node("Equal", [place, graph.constant(float(number))])
    both = graph.node("NonZero", [chosen])
    rows = graph.node("Gather", [both, graph.constant(0, np.int64)], axis=0)
    inner = Writer(graph, {}, "")
    own: dict[str, str] = {}
    inputs = tuple(_gathered(writer, inner, operand, rows, own) for operand in operands)
    results = inner.run(program, inputs)
    names = [inner.wide(result, everywhere=True) for result in results]
    updates = graph.node("Concat", names, axis=1) if len(names) > 1 else names[0]
    last = graph.constant([1], np.int64)
    places = graph.node("Unsqueeze", [rows, last])
    output = graph.fresh()
    graph.node("ScatterND", [block, places, updates], output)
    return graph.branch(f"branch_{number}", output)


def _gathered(
    writer: Writer, inner: Writer, operand: Value, rows: str, own: dict[str, str]
) -> Value:
    """An operand at the points that take a branch."""
    if isinstance(operand, np.ndarray):
        return operand
    for name in operand.terms:
        if name not in own:
            own[name] = inner.graph.node("Gather", [name, rows], axis=0)
            inner.widths[own[name]] = writer.widths[name]
            inner.points = inner.points or own[name]
    return Affine({own[name]: matrix for name, matrix in operand.terms.items()}, operand.bias)
