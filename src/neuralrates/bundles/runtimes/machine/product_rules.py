"""Products with constant matrices, dense or sparse, laid out for one point or for many."""

import numpy as np

from neuralrates.bundles.runtimes.host.onnx_file import Node
from neuralrates.bundles.runtimes.machine.tracing import (
    NotCompiledError,
    Trace,
    Value,
    constant,
    rule,
)

_INPUTS, _REPEATS, _WEIGHTS, _ADDED, _PLACES, _STARTS = range(6)
_STEP = 64
_TILES = (8, 4, 2, 1)
"""Rows of a product that the kernel holds at once."""


@rule("MatMul")
def _matrix_product(trace: Trace, node: Node) -> Value:
    left, right = node.inputs
    if left not in trace.constants:
        return product(trace, trace.value(left), trace.constants[right])
    matrix, value = trace.constants[left], trace.value(right)
    columns = value.shape[1]
    turned = np.kron(matrix.T, np.eye(columns, dtype=matrix.dtype))
    found = product(trace, value._replace(shape=()), turned)
    return found._replace(shape=(matrix.shape[0], columns))


@rule("Gemm")
def _affine(trace: Trace, node: Node) -> Value:
    name, weights, added = node.inputs
    matrix = trace.constants[weights]
    matrix = matrix.T if node.attributes.get("transB") else matrix
    if added in trace.constants:
        shift = np.broadcast_to(trace.constants[added].reshape(-1), matrix.shape[1])
        return product(trace, trace.value(name), matrix, shift)
    return trace.apply("add", product(trace, trace.value(name), matrix), trace.value(added))


def product(
    trace: Trace, value: Value, matrix: np.ndarray, shift: np.ndarray | None = None
) -> Value:
    """A value (each of its rows) times a matrix from the right, and a shift."""
    inputs, columns = matrix.shape
    repeats = value.shape[0] if len(value.shape) > 1 else 1
    if value.width != inputs * repeats:
        raise NotCompiledError("A product of different widths.")
    if not matrix.any():
        flat = np.zeros(columns, matrix.dtype) if shift is None else shift
        return constant(np.tile(flat, repeats).reshape((repeats, columns)[repeats < 2 :]))
    if value.constant is not None:
        found = value.constant.reshape(repeats, inputs) @ matrix
        return constant(found if shift is None else found + shift)
    if inputs == 1 and repeats == 1:
        found = trace.apply("multiply", value, constant(matrix.reshape(-1)))
        return found if shift is None else trace.apply("add", found, constant(shift))
    shape = (repeats, columns) if repeats > 1 else ()
    result = trace.register(
        repeats * columns, value.is_single, value.chosen, shape, in_parts=repeats > 1
    )
    added = np.zeros(columns, matrix.dtype) if shift is None else np.ascontiguousarray(shift)
    if not value.is_single and _is_sparse(matrix, trace.one):
        arrays = _by_places(matrix) | {_ADDED: added}
        step = trace.add("sparse_product", result, value, arrays=arrays)
    else:
        arrays = _laid_out(matrix, added, one=trace.one)
        step = trace.add("product", result, value, arrays=arrays)
    step.settings |= {_INPUTS: inputs, _REPEATS: repeats}
    return result


def _is_sparse(matrix: np.ndarray, one: bool) -> bool:
    """Whether a product takes less time place by place: by the numbers that the kernel would read."""
    rows, columns = matrix.shape
    others = int(np.count_nonzero(matrix))
    if not one:
        return 2 * others + 4 * columns < rows * columns
    steps = rows / 4 + 10 if columns == 1 else rows * -(-columns // 8)
    return 2 * others + 4 * columns < 1.5 * steps


def _by_places(matrix: np.ndarray) -> dict[int, np.ndarray]:
    """Of each column the rows that are not zero, and their weights."""
    columns, places = np.nonzero(matrix.T)
    starts = np.searchsorted(columns, np.arange(matrix.shape[1] + 1))
    weights = np.ascontiguousarray(matrix.T[columns, places], np.float64)
    return {
        _WEIGHTS: weights,
        _PLACES: places.astype(np.int32),
        _STARTS: starts.astype(np.int32),
    }


def _laid_out(matrix: np.ndarray, added: np.ndarray, *, one: bool) -> dict[int, np.ndarray]:
    """Weights in the order in which the kernel reads them."""
    columns = matrix.shape[1]
    if not one:
        return {_WEIGHTS: _in_tiles(matrix, _TILES), _ADDED: added}
    if columns == 1:
        return {_WEIGHTS: np.ascontiguousarray(matrix), _ADDED: added}
    missing = -columns % (_STEP // matrix.itemsize)
    padded = np.zeros((len(matrix) + 1, columns + missing), matrix.dtype)
    padded[:-1, :columns], padded[-1, :columns] = matrix, added
    return {_WEIGHTS: padded[:-1], _ADDED: padded[-1]}


def _in_tiles(matrix: np.ndarray, sizes: tuple[int, ...]) -> np.ndarray:
    """Columns in tiles of the largest sizes that fit, each tile row by row."""
    inputs, columns = matrix.shape
    whole = columns - columns % sizes[0]
    tiles = [matrix[:, :whole].reshape(inputs, -1, sizes[0]).swapaxes(0, 1).ravel()]
    start = whole
    for size in sizes[1:]:
        if columns - start >= size:
            tiles.append(matrix[:, start : start + size].ravel())
            start += size
    return np.concatenate(tiles)
