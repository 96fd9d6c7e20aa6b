"""Values that are affine in results already computed: kept as matrices until something bends them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

import numpy as np


@dataclass(frozen=True, eq=False)
class Affine:
    """A sum of matrices applied to results, and a constant: $\\sum_k r_k M_k + b$, flattened in rows.

    Args:
        terms: name of each result to its matrix, rows as wide as the result
        bias: of the value's shape at one point
    """

    terms: Mapping[str, np.ndarray]
    bias: np.ndarray

    @property
    def shape(self) -> tuple[int, ...]:
        """At one point."""
        return self.bias.shape

    @property
    def size(self) -> int:
        """Numbers at one point."""
        return self.bias.size

    @property
    def alone(self) -> tuple[str, np.ndarray] | None:
        """The one result and its matrix, where there is one and no constant."""
        if len(self.terms) != 1 or np.any(self.bias):
            return None
        return next(iter(self.terms.items()))


Value = Affine | np.ndarray


def is_constant(value: Value) -> TypeGuard[np.ndarray]:
    """Whether a value is the same at every point."""
    return isinstance(value, np.ndarray)


def of_result(name: str, width: int, shape: tuple[int, ...], scale: Any = 1.0) -> Affine:
    """A result as it is, or times a scale for each of its numbers; one number may stand for all."""
    size = int(np.prod(shape, dtype=int))
    scales = np.broadcast_to(np.asarray(scale, np.float64), (size,))
    matrix = np.diag(scales) if width == size else scales[None, :].copy()
    return Affine({name: matrix}, np.zeros(shape))


def linear(apply: Callable[..., Any], values: Sequence[Value]) -> list[Value]:
    """A linear map of some values together, as matrices.

    Args:
        apply: linear in all its arguments, which it takes at many points; returns an array or several
        values: its arguments

    Returns:
        Its results.
    """
    biases = [value if isinstance(value, np.ndarray) else value.bias for value in values]
    shifted = [one[0] for one in _several(apply(*(np.asarray(bias)[None] for bias in biases)))]
    moved = [value for value in values if isinstance(value, Affine)]
    names = dict.fromkeys(name for value in moved for name in value.terms)
    terms: list[dict[str, np.ndarray]] = [{} for _ in shifted]
    for name in names:
        rows = _rows(name, values)
        for found, matrix in zip(terms, _several(apply(*rows)), strict=True):
            flat = np.asarray(matrix, np.float64).reshape(len(matrix), -1)
            if np.any(flat):
                found[name] = flat
    return [
        Affine(found, np.asarray(bias, np.float64)) if found else np.asarray(bias)
        for found, bias in zip(terms, shifted, strict=True)
    ]


def scaled(value: Value, scale: np.ndarray) -> Value:
    """A value times constants of its shape, or one."""
    if isinstance(value, np.ndarray):
        return np.asarray(value * scale)
    scales = np.broadcast_to(np.asarray(scale, np.float64), value.shape)
    terms = {name: matrix * scales.reshape(1, -1) for name, matrix in value.terms.items()}
    terms = {name: matrix for name, matrix in terms.items() if np.any(matrix)}
    bias = np.asarray(value.bias * scales)
    return Affine(terms, bias) if terms else bias


def spread(value: Value, shape: tuple[int, ...]) -> Value:
    """A value of this shape; what has one number along an axis has it at every place of the axis."""
    if value.shape == shape:
        return value
    if isinstance(value, np.ndarray):
        return np.broadcast_to(value, shape)
    new = (1,) * (len(shape) - len(value.shape)) + value.shape
    terms = {
        name: np.broadcast_to(matrix.reshape(-1, *new), (len(matrix), *shape)).reshape(
            len(matrix), -1
        )
        for name, matrix in value.terms.items()
    }
    return Affine(terms, np.broadcast_to(value.bias, shape))


def total(one: Value, other: Value, sign: float = 1.0) -> Value:
    """Sum of two values of one shape, or of one with a single number."""
    shape = np.broadcast_shapes(one.shape, other.shape)
    terms: dict[str, np.ndarray] = {}
    bias = np.zeros(shape)
    for value, weight in ((spread(one, shape), 1.0), (spread(other, shape), sign)):
        bias = bias + weight * (value.bias if isinstance(value, Affine) else value)
        for name, matrix in value.terms.items() if isinstance(value, Affine) else ():
            terms[name] = terms.get(name, 0.0) + weight * matrix
    terms = {name: matrix for name, matrix in terms.items() if np.any(matrix)}
    return Affine(terms, np.asarray(bias)) if terms else np.asarray(bias)


def _rows(name: str, values: Sequence[Value]) -> list[Any]:
    """What each value adds for each number of a result."""
    heights = [v.terms[name].shape[0] for v in values if isinstance(v, Affine) and name in v.terms]
    rows = []
    for value in values:
        matrix = value.terms.get(name) if isinstance(value, Affine) else None
        shape = (heights[0], *value.shape)
        rows.append(np.zeros(shape) if matrix is None else matrix.reshape(shape))
    return rows


def _several(results: Any) -> list[Any]:
    return list(results) if isinstance(results, (list, tuple)) else [results]
