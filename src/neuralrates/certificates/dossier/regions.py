"""Errors by region: by thirds of one coordinate, and over two of them."""

import itertools
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from neuralrates.certificates.dossier.classes import Classes, classes
from neuralrates.certificates.dossier.measurement import Column, Measurement
from neuralrates.certificates.dossier.sensitivity import first_order_indices

THIRDS, MAPS = 3, 3
_FEWEST_CELLS, _MOST_CELLS, _POINTS_OF_A_CELL = 3, 8, 20
Cells = Float[np.ndarray, "rows columns"]


@dataclass(frozen=True)
class Third:
    """Errors at the points of one class of one coordinate, per unit notional.

    Args:
        coordinate: which
        low: smallest value of the class
        high: largest value of the class
        count: points
        mean: mean absolute error
        quantile_99: 99 percent of the points stay below
        largest: at the worst point
        within: share of the points inside the band
    """

    coordinate: str
    low: float
    high: float
    count: int
    mean: float
    quantile_99: float
    largest: float
    within: float


@dataclass(frozen=True, eq=False)
class HeatMap:
    """Mean absolute error over two coordinates, per unit notional.

    Args:
        across: coordinate from left to right
        down: coordinate from the bottom up
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


def thirds(found: Measurement, band: Column) -> list[Third]:
    """Errors by thirds of every coordinate, or by its values where these are few; `band` is its half-width at every point."""
    return [third for name in found.coordinates for third in _thirds_of(found, name, band)]


def heat_map(found: Measurement, across: str, down: str) -> HeatMap:
    """Errors over two coordinates, in classes of equal size: so many that a cell has some twenty points on average."""
    side = int(np.sqrt(len(found) / _POINTS_OF_A_CELL))
    count = int(np.clip(side, _FEWEST_CELLS, _MOST_CELLS))
    columns, rows = (classes(found.coordinates[name], count) for name in (across, down))
    place = rows.number * len(columns) + columns.number
    shape = (len(rows), len(columns))
    points = np.bincount(place, minlength=shape[0] * shape[1]).astype(float)
    total = np.bincount(place, weights=found.error, minlength=len(points))
    largest = np.full(len(points), -np.inf)
    np.maximum.at(largest, place, found.error)
    empty = points == 0.0
    mean = np.where(empty, np.nan, total / np.maximum(points, 1.0))
    cells = (mean, np.where(empty, np.nan, largest), points)
    return HeatMap(across, down, columns, rows, *(part.reshape(shape) for part in cells))


def telling_pairs(found: Measurement) -> list[tuple[str, str]]:
    """Pairs of coordinates worth a map: the two that say most of the error, the two that say most of the price, one of each.

    Returns:
        At most three pairs of different names; none where there is one coordinate.
    """
    names = list(found.coordinates)
    if len(names) < 2:
        return []
    x = np.stack([found.coordinates[name] for name in names], axis=1)
    by_error, by_price = (
        [names[i] for i in np.argsort(-first_order_indices(x, y), kind="stable")]
        for y in (found.error, found.value)
    )
    wanted = [by_error[:2], by_price[:2], [by_error[0], by_price[0]], [by_error[0], by_price[1]]]
    kept: dict[frozenset[str], tuple[str, str]] = {}
    for first, second in wanted:
        if first != second:
            kept.setdefault(frozenset((first, second)), (first, second))
    return list(itertools.islice(kept.values(), MAPS))


def _thirds_of(found: Measurement, name: str, band: Column) -> list[Third]:
    sorted_in = classes(found.coordinates[name], THIRDS)
    chosen = [sorted_in.number == k for k in range(len(sorted_in))]
    parts = [(found.error[here], band[here]) for here in chosen]
    return [
        Third(
            name,
            float(sorted_in.low[k]),
            float(sorted_in.high[k]),
            len(errors),
            float(np.mean(errors)),
            float(np.quantile(errors, 0.99)),
            float(np.max(errors)),
            float(np.mean(errors <= widths)),
        )
        for k, (errors, widths) in enumerate(parts)
    ]
