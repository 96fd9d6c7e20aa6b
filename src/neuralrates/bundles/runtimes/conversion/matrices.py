"""A result times a constant matrix, in the nodes that cost least for the matrix's pattern."""

from typing import NamedTuple

import numpy as np

from neuralrates.bundles.runtimes.graph import Graph

_LARGE = 4096
"""Numbers of a matrix from which its pattern pays: below, one product costs less than two nodes."""


class Blocks(NamedTuple):
    """A matrix that is one block again and again.

    Args:
        block: $B$
        repeats: k of $I_k \\otimes B$, or of $B \\otimes I_k$
        inner: whether the identity is the right factor
    """

    block: np.ndarray
    repeats: int
    inner: bool


def multiplied(graph: Graph, name: str, matrix: np.ndarray) -> str:
    """The name of a result times a matrix."""
    columns = run_of_columns(matrix)
    if columns is not None:
        ends = [graph.constant([k], np.int64) for k in (*columns, 1)]
        return graph.node("Slice", [name, *ends])
    if matrix.size <= _LARGE:
        return graph.node("MatMul", [name, graph.constant(matrix)])
    if np.all(np.count_nonzero(matrix, axis=0) <= 1):
        return _taken(graph, name, matrix)
    found = blocks(matrix)
    if found is None:
        return graph.node("MatMul", [name, graph.constant(matrix)])
    return _by_blocks(graph, name, found, matrix.shape[1])


def is_large(matrix: np.ndarray) -> bool:
    """Whether a pattern of the matrix would be used."""
    return matrix.size > _LARGE


def _taken(graph: Graph, name: str, matrix: np.ndarray) -> str:
    """Columns that are each a multiple of one number."""
    places = np.argmax(matrix != 0.0, axis=0)
    scale = matrix[places, np.arange(matrix.shape[1])]
    taken = graph.node("Gather", [name, graph.constant(places, np.int64)], axis=1)
    if np.all(scale == 1.0):
        return taken
    return graph.node("Mul", [taken, graph.constant(scale[None, :])])


def _by_blocks(graph: Graph, name: str, found: Blocks, width: int) -> str:
    rows, _ = found.block.shape
    split = [0, rows, found.repeats] if found.inner else [0, found.repeats, rows]
    apart = graph.node("Reshape", [name, graph.constant(split, np.int64)])
    pair = [apart, graph.constant(found.block)]
    if found.inner:
        pair = [graph.constant(found.block.T), apart]
    product = graph.node("MatMul", pair)
    return graph.node("Reshape", [product, graph.constant([0, width], np.int64)])


def blocks(matrix: np.ndarray) -> Blocks | None:
    """The smallest block that a matrix repeats, if any.

    Example:
        >>> import numpy as np
        >>> from neuralrates.bundles.runtimes.conversion.matrices import blocks
        >>> found = blocks(np.kron(np.eye(3), [[1.0, 2.0]]))
        >>> found.repeats, found.inner, blocks(np.ones((2, 2)))
        (3, False, None)
    """
    rows, columns = matrix.shape
    common = int(np.gcd(rows, columns))
    for count in (k for k in range(common, 1, -1) if common % k == 0):
        high, wide = rows // count, columns // count
        outer = matrix.reshape(count, high, count, wide)
        inner = matrix.reshape(high, count, wide, count).transpose(1, 0, 3, 2)
        for inside, parts in ((False, outer), (True, inner)):
            block = parts[0, :, 0, :]
            same = np.eye(count)[:, None, :, None] * block[None, :, None, :]
            if np.array_equal(parts, same):
                return Blocks(block, count, inside)
    return None


def run_of_columns(matrix: np.ndarray) -> tuple[int, int] | None:
    """First and one past the last column, where the matrix takes neighbouring columns as they are."""
    first = int(np.argmax(matrix[:, 0] != 0.0))
    wanted = np.eye(matrix.shape[0])[:, first : first + matrix.shape[1]]
    same = wanted.shape == matrix.shape and np.array_equal(wanted, matrix)
    return (first, first + matrix.shape[1]) if same else None


def is_diagonal(matrix: np.ndarray) -> bool:
    """Whether a matrix is zero off its diagonal."""
    return bool(np.count_nonzero(matrix) == np.count_nonzero(np.diag(matrix)))
