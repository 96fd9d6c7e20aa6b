"""Elements taken from places, or put and added there, of arrays of any axes; places may depend on the point.

Arrays are flat in a graph. An element's place in the flat one is a sum over the axes: of where its slice starts, and of where
in the slice it stands.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import numpy as np

from neuralrates.bundles.runtimes.conversion.affine import Value, is_constant, linear, total
from neuralrates.bundles.runtimes.conversion.program import Operation
from neuralrates.bundles.runtimes.conversion.writer import Writer, rule

Inputs = tuple[Value, ...]
Shape = tuple[int, ...]
_DROPS = jax.lax.GatherScatterMode.FILL_OR_DROP


class _Layout(NamedTuple):
    """Where elements stand.

    Args:
        rows: of each element the slice that it is of
        offsets: its place in the flat array, less that of the start of its slice
        strides: of the axes along which slices start somewhere
        highest: start of a slice that ends where the array ends, by axis
        length: of the flat array
    """

    rows: np.ndarray
    offsets: np.ndarray
    strides: np.ndarray
    highest: np.ndarray
    length: int


class _Places(NamedTuple):
    """Flat places of elements, and which of them are inside the array, 0 or 1; all of them where that is None."""

    flat: Value
    inside: Value | None


@rule("gather")
def _gathered(writer: Writer, operation: Operation, inputs: Inputs) -> list[Value]:
    operand, starts = inputs
    said, shape = operation.parameters["dimension_numbers"], operation.outputs[0].shape
    layout = _layout(
        operand.shape,
        shape,
        windows=_pair(said.offset_dims, said.collapsed_slice_dims),
        batches=_pair(said.operand_batching_dims, said.start_indices_batching_dims),
        axes=_axes(said.start_index_map),
        sizes=operation.parameters["slice_sizes"],
    )
    places = _places(writer, starts, layout, drops=operation.parameters["mode"] == _DROPS)
    given = operation.parameters["fill_value"]
    return [_taken(writer, operand, places, shape, np.nan if given is None else float(given))]


@rule("dynamic_slice")
def _sliced(writer: Writer, operation: Operation, inputs: Inputs) -> list[Value]:
    operand, shape = inputs[0], operation.outputs[0].shape
    layout = _of_slice(operand.shape, shape)
    places = _places(writer, _joined(inputs[1:]), layout, drops=False)
    return [_taken(writer, operand, places, shape, np.nan)]


@rule("scatter", "scatter-add")
def _scattered(writer: Writer, operation: Operation, inputs: Inputs) -> list[Value]:
    operand, starts, updates = inputs
    said = operation.parameters["dimension_numbers"]
    windows = iter(updates.shape[axis] for axis in said.update_window_dims)
    gone = {*said.inserted_window_dims, *said.operand_batching_dims}
    layout = _layout(
        operand.shape,
        updates.shape,
        windows=_pair(said.update_window_dims, said.inserted_window_dims),
        batches=_pair(said.operand_batching_dims, said.scatter_indices_batching_dims),
        axes=_axes(said.scatter_dims_to_operand_dims),
        sizes=[1 if axis in gone else next(windows) for axis in range(len(operand.shape))],
    )
    places = _places(writer, starts, layout, drops=operation.parameters["mode"] == _DROPS)
    return [_put(writer, operand, updates, places, adds=operation.name == "scatter-add")]


@rule("dynamic_update_slice")
def _slice_put(writer: Writer, operation: Operation, inputs: Inputs) -> list[Value]:
    operand, updates = inputs[:2]
    layout = _of_slice(operand.shape, updates.shape)
    places = _places(writer, _joined(inputs[2:]), layout, drops=False)
    return [_put(writer, operand, updates, places, adds=False)]


def _axes(found: Any) -> Shape:
    """Axes as JAX names them, some as its own kind of whole number."""
    return tuple(map(int, found))


def _pair(one: Any, other: Any) -> tuple[Shape, Shape]:
    return _axes(one), _axes(other)


def _layout(
    whole: Shape,
    shape: Shape,
    *,
    windows: tuple[Sequence[int], Sequence[int]],
    batches: tuple[Sequence[int], Sequence[int]],
    axes: Sequence[int],
    sizes: Sequence[int],
) -> _Layout:
    """Of the elements of an array of slices.

    Args:
        whole: shape of the array that slices are of
        shape: of the array of slices
        windows: its axes within a slice, and the axes of the whole that slices do not have
        batches: axes of the whole that go along with axes of the starts, and those axes
        axes: of the whole, of each number of a start
        sizes: of a slice, by axis of the whole
    """
    number = np.indices(shape).reshape(len(shape), int(np.prod(shape, dtype=int)))
    strides = np.array([int(np.prod(whole[axis + 1 :])) for axis in range(len(whole))], int)
    outer = [axis for axis in range(len(shape)) if axis not in windows[0]]
    inner = [axis for axis in range(len(whole)) if axis not in (*windows[1], *batches[0])]
    offsets = np.zeros(number.shape[1], int)
    pairs = [*zip(inner, windows[0], strict=True)]
    pairs += [(axis, outer[place]) for axis, place in zip(*batches, strict=True)]
    for axis, along in pairs:
        offsets += strides[axis] * number[along]
    rows = np.zeros(number.shape[1], int)
    for axis in outer:
        rows = rows * shape[axis] + number[axis]
    highest = np.array([whole[axis] - sizes[axis] for axis in axes], float)
    length = int(np.prod(whole, dtype=int))
    return _Layout(rows, offsets, strides[list(axes)], highest, length)


def _of_slice(whole: Shape, shape: Shape) -> _Layout:
    """Of the elements of one slice."""
    every = range(len(whole))
    return _layout(whole, shape, windows=(every, ()), batches=((), ()), axes=every, sizes=shape)


def _joined(starts: Inputs) -> Value:
    """The start of a slice along every axis as one array."""
    (found,) = linear(lambda *each: np.stack(each, axis=1), [_of_doubles(one) for one in starts])
    return found


def _of_doubles(value: Value) -> Value:
    return np.asarray(value, np.float64) if is_constant(value) else value


def _places(writer: Writer, starts: Value, layout: _Layout, *, drops: bool) -> _Places:
    """Flat places; a start too far out is brought inside, or (drops) its slice counts as outside."""
    axes = len(layout.highest)
    (starts,) = linear(lambda s: s.reshape(len(s), -1, axes), [_of_doubles(starts)])
    kept, same = _held(writer, starts, layout.highest)

    def flat(where: Any) -> Any:
        return (where @ layout.strides)[:, layout.rows]

    (places,) = linear(flat, [kept])
    places = total(places, layout.offsets.astype(float))
    if not drops:
        return _Places(places, None)
    (count,) = linear(lambda s: s.sum(axis=2)[:, layout.rows], [same])
    limit = writer.constant(np.asarray(axes - 0.5))
    if is_constant(count):
        inside = (count > axes - 0.5).astype(float)
        return _Places(places, None if inside.all() else inside)
    truth = writer.graph.node("Greater", [writer.wide(count), limit])
    return _Places(places, writer.from_truth(truth, count.size, count.shape))


def _held(writer: Writer, starts: Value, highest: np.ndarray) -> tuple[Value, Value]:
    """Starts between zero and the highest, and which were."""
    if is_constant(starts):
        found = np.clip(starts, 0.0, highest)
        return found, (found == starts).astype(float)
    limits, zero = np.broadcast_to(highest, starts.shape), writer.constant(np.asarray(0.0))
    wide = writer.wide(starts)
    node = writer.graph.node
    kept = node("Min", [node("Max", [wide, zero]), writer.constant(limits)])
    same = node("Equal", [wide, kept])
    size, shape = starts.size, starts.shape
    return writer.result(kept, size, shape), writer.from_truth(same, size, shape)


def _taken(writer: Writer, operand: Value, places: _Places, shape: Shape, fill: float) -> Value:
    """Elements at places, and what fills the places outside."""
    flat, inside = places
    if is_constant(flat) and (inside is None or is_constant(inside)):
        at = flat.astype(int)
        (found,) = linear(lambda x: x.reshape(len(x), -1)[:, at], [_of_doubles(operand)])
        if inside is not None:
            shares = np.where(inside, 1.0, 0.0)
            (found,) = linear(lambda x: x * shares, [found])
            found = total(found, np.where(inside, 0.0, fill))
        (found,) = linear(lambda x: x.reshape(len(x), *shape), [found])
        return found
    table = writer.wide(operand, everywhere=True)
    name = writer.graph.node("GatherElements", [table, _whole_numbers(writer, flat)], axis=1)
    size = int(np.prod(shape, dtype=int))
    if inside is not None:
        filling = writer.graph.constant(np.full((1, size), fill))
        name = writer.graph.node("Where", [_truth(writer, inside), name, filling])
    return writer.result(name, size, shape)


def _put(writer: Writer, operand: Value, updates: Value, places: _Places, *, adds: bool) -> Value:
    """An array with others put or added at places; what is outside is left out, at a place behind the last."""
    flat, inside = places
    length, shape = int(np.prod(operand.shape, dtype=int)), operand.shape
    if is_constant(flat) and (inside is None or is_constant(inside)):
        kept = np.ones(flat.size, bool) if inside is None else inside.reshape(-1) > 0.5
        at: Any = flat.reshape(-1)[kept].astype(int)

        def put(ground: Any, more: Any) -> Any:
            found = np.array(ground, float).reshape(len(ground), -1)
            chosen = np.asarray(more, float).reshape(len(more), -1)[:, kept]
            if adds:
                np.add.at(found.T, at, chosen.T)
            else:
                found[:, at] = chosen
            return found.reshape(len(found), *shape)

        return linear(put, [_of_doubles(operand), _of_doubles(updates)])[0]
    (ground,) = linear(
        lambda g: np.pad(np.reshape(g, (len(g), -1)), ((0, 0), (0, 1))), [_of_doubles(operand)]
    )
    if inside is not None:
        last = writer.graph.constant(np.full((1, flat.size), float(length)))
        name = writer.graph.node("Where", [_truth(writer, inside), writer.wide(flat), last])
        flat = writer.result(name, flat.size, flat.shape)
    added = {"reduction": "add"} if adds else {}
    name = writer.graph.node(
        "ScatterElements",
        [
            writer.wide(ground, everywhere=True),
            _whole_numbers(writer, flat),
            writer.wide(updates, everywhere=True),
        ],
        axis=1,
        **added,
    )
    whole = writer.result(name, length + 1, (length + 1,))
    return linear(lambda w: w[:, :-1].reshape(len(w), *shape), [whole])[0]


def _whole_numbers(writer: Writer, value: Value) -> str:
    return writer.graph.node("Cast", [writer.wide(value, everywhere=True)], to=7)


def _truth(writer: Writer, value: Value) -> str:
    half = writer.graph.constant(0.5)
    return writer.graph.node("Greater", [writer.wide(value, everywhere=True), half])
