"""Linear maps with few entries."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

Vector = Float[np.ndarray, "_"]


class Entries(NamedTuple):
    """Entries of a matrix; those of one place add up."""

    rows: Int[np.ndarray, "entries"]
    columns: Int[np.ndarray, "entries"]
    values: Float[np.ndarray, "entries"]


class SparseMap:
    """A matrix by its entries, and its transpose.

    Args:
        entries: parts, which are put together
        num_rows: length of what it gives
        num_columns: length of what it takes

    Example:
        >>> import numpy as np
        >>> from neuralrates.engines.closed_forms.sparse_map import Entries, SparseMap
        >>> parts = [Entries(np.array([0, 0]), np.array([0, 2]), np.array([1.0, 3.0]))]
        >>> both = SparseMap(parts, 1, 3)
        >>> both(np.array([1.0, 1.0, 1.0])), both.transposed(np.array([2.0]))
        (array([4.]), array([2., 0., 6.]))
    """

    def __init__(self, entries: Iterable[Entries], num_rows: int, num_columns: int) -> None:
        self._rows, self._columns, self._values = map(np.concatenate, zip(*entries, strict=True))
        self._num_rows, self._num_columns = num_rows, num_columns

    @property
    def entries(self) -> Entries:
        """All of them."""
        return Entries(self._rows, self._columns, self._values)

    def __call__(self, vector: Vector) -> Vector:
        """The matrix times a vector."""
        return np.bincount(self._rows, self._values * vector[self._columns], self._num_rows)

    def transposed(self, vector: Vector) -> Vector:
        """The transposed matrix times a vector."""
        return np.bincount(self._columns, self._values * vector[self._rows], self._num_columns)
