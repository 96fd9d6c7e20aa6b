"""Points sorted into classes of one input, each with as many points as the others."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

_MOST_VALUES = 12


@dataclass(frozen=True, eq=False)
class Classes:
    """Which class of an input each point is in.

    Args:
        number: of the class of each point, from zero
        low: smallest value of each class
        middle: median of each class
        high: largest value of each class
    """

    number: Int[np.ndarray, "samples"]
    low: Float[np.ndarray, "classes"]
    middle: Float[np.ndarray, "classes"]
    high: Float[np.ndarray, "classes"]

    def __len__(self) -> int:
        return len(self.low)


def classes(column: Float[np.ndarray, "samples"], count: int) -> Classes:
    """Classes of an input: one per value where it has few, else of equal size.

    Args:
        column: the input at every point
        count: how many classes, where the values are many

    Returns:
        The classes, in the order of their values.

    Example:
        >>> import numpy as np
        >>> from neuralrates.certificates.dossier.classes import classes
        >>> classes(np.arange(100.0), 4).high
        array([24., 49., 74., 99.])
        >>> classes(np.array([1.0, 0.0, 1.0]), 4).number
        array([1, 0, 1])
    """
    values, which = np.unique(column, return_inverse=True)
    if len(values) <= max(_MOST_VALUES, count):
        return Classes(which, values, values, values)
    rank = np.empty(len(column), dtype=np.int64)
    rank[np.argsort(column, kind="stable")] = np.arange(len(column))
    number = rank * count // len(column)
    members = [column[number == k] for k in range(count)]
    ends = (np.array([at(part) for part in members]) for at in (np.min, np.median, np.max))
    return Classes(number, *ends)
