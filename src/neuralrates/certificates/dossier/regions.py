"""Errors by region: a third of one input, and cells of two."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from neuralrates.certificates.dossier.classes import Classes, classes
from neuralrates.certificates.dossier.measurement import Measurement
from neuralrates.certificates.dossier.sensitivity import Sensitivity

THIRDS, CELLS = 3, 8
Cells = Float[np.ndarray, "rows columns"]


@dataclass(frozen=True)
class Third:
    """Errors at the points of one class of one input, per unit notional.

    Args:
        input: which
        low: smallest value of the class
        high: largest value of the class
        count: points
        mean: mean absolute error
        quantile_99: 99 percent of the points stay below
        largest: at the worst point
        within: share of the points inside the band
    """

    input: str
    low: float
    high: float
    count: int
    mean: float
    quantile_99: float
    largest: float
    within: float


@dataclass(frozen=True, eq=False)
class HeatMap:
    """Mean absolute error over two inputs, per unit notional.

    Args:
        across: input from left to right
        down: input from the bottom up
        columns: classes of the first
        rows: classes of the second
        mean: mean error of each cell; NaN where it has no points
        largest: largest error of each cell; NaN where it has no points
        count: points of each cell
    """

    across: str
    down: str
    columns: Classes
    rows: Classes
    mean: Cells
    largest: Cells
    count: Cells


def thirds(found: Measurement, inputs: Iterable[str], band: float) -> list[Third]:
    """Errors by thirds of some inputs; by their values where these are few."""
    return [third for name in inputs for third in _thirds_of(found, name, band)]


def heat_map(found: Measurement, across: str, down: str) -> HeatMap:
    """Errors over two inputs, in classes of equal size."""
    columns, rows = (classes(_column(found, name), CELLS) for name in (across, down))
    place = rows.number * len(columns) + columns.number
    shape = (len(rows), len(columns))
    count = np.bincount(place, minlength=shape[0] * shape[1]).astype(float)
    total = np.bincount(place, weights=found.error, minlength=len(count))
    largest = np.full(len(count), -np.inf)
    np.maximum.at(largest, place, found.error)
    empty = count == 0.0
    mean = np.where(empty, np.nan, total / np.maximum(count, 1.0))
    cells = (mean, np.where(empty, np.nan, largest), count)
    return HeatMap(across, down, columns, rows, *(part.reshape(shape) for part in cells))


def telling_pairs(known: Iterable[Sensitivity]) -> list[tuple[str, str]]:
    """Pairs of inputs worth a map: the two that explain most of the error, the two that move the price most, one of each."""
    told = list(known)
    if len(told) < 2:
        return []
    errors = sorted(told, key=lambda one: -one.error_share)
    prices = sorted(told, key=lambda one: -one.price_move)
    wanted = [errors[:2], prices[:2], [errors[0], prices[0]], [errors[0], prices[1]]]
    pairs = [tuple(one.input for one in pair) for pair in wanted]
    kept: dict[frozenset[str], tuple[str, str]] = {}
    for first, second in pairs:
        if first != second:
            kept.setdefault(frozenset((first, second)), (first, second))
    return list(itertools.islice(kept.values(), 3))


def _column(found: Measurement, name: str) -> Float[np.ndarray, "samples"]:
    return found.x[:, found.names.index(name)]


def _thirds_of(found: Measurement, name: str, band: float) -> list[Third]:
    sorted_in = classes(_column(found, name), THIRDS)
    parts = [found.error[sorted_in.number == k] for k in range(len(sorted_in))]
    return [
        Third(
            name,
            float(sorted_in.low[k]),
            float(sorted_in.high[k]),
            len(errors),
            float(np.mean(errors)),
            float(np.quantile(errors, 0.99)),
            float(np.max(errors)),
            float(np.mean(errors <= band)),
        )
        for k, errors in enumerate(parts)
    ]
