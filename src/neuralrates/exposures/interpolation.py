"""Smooth functions of the state, tabulated on even grids with their slopes and read between by cubics."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from neuralrates.exposures import compiled

Rows = Float[np.ndarray, "rows"]
States = Float[np.ndarray, "rows paths"]
_SIX = 6


class StateGrids(NamedTuple):
    """Evenly spaced states that cover all paths, at each of some times.

    Args:
        lows: lowest state of each row
        steps: spacing
        cells: how many intervals
    """

    lows: Rows
    steps: Rows
    cells: Int[np.ndarray, "rows"]

    @classmethod
    def over(cls, lows: Rows, highs: Rows, cells: int | Int[np.ndarray, "rows"]) -> "StateGrids":
        """Grids from the lowest to the highest state."""
        cells = np.broadcast_to(np.asarray(cells, dtype=np.int64), lows.shape)
        return cls(lows, np.maximum(highs - lows, 1e-12) / cells, cells)

    def states(self, row: int) -> Float[np.ndarray, "points"]:
        """States of one row."""
        found: np.ndarray = self.lows[row] + self.steps[row] * np.arange(self.cells[row] + 1)
        return found

    def read(
        self,
        values: Float[np.ndarray, "points"],
        slopes: Float[np.ndarray, "points"],
        states: States,
    ) -> States:
        """Cubic Hermite interpolation: right to the fourth power of the spacing.

        Args:
            values: at the states of all rows, one row after the other
            slopes: their derivatives
            states: on the paths
        """
        if compiled.KERNEL is not None:
            found = np.empty(states.shape)
            sizes = *states.shape, values.size
            tables = (np.ascontiguousarray(part) for part in (*self, values, slopes, states))
            compiled.KERNEL.read(sizes, *tables, found)
            return found
        rise = np.diff(values)
        scaled = slopes * np.repeat(self.steps, self.cells + 1)
        left, right = scaled[:-1], scaled[1:]
        place = states - self.lows[:, None]
        place *= (1.0 / self.steps)[:, None]
        cell = place.astype(np.int64)
        np.minimum(cell, (self.cells - 1)[:, None], out=cell)
        place -= cell
        cell += (np.cumsum(self.cells + 1) - self.cells - 1)[:, None]
        found = (left + right - 2.0 * rise).take(cell)
        for coefficients in (3.0 * rise - 2.0 * left - right, left, values):
            found *= place
            found += coefficients.take(cell)
        return found

    def spread(
        self, states: States, weights: Float[np.ndarray, "figures rows paths"]
    ) -> Float[np.ndarray, "figures points"]:
        """The adjoint of reading: what paths weigh, given to the states of the grids around them.

        By the polynomial through six states, right to the sixth power of the spacing: sums of a smooth function over the paths
        are sums over the grids.
        """
        ends = np.cumsum(self.cells + 1)
        found = np.zeros((weights.shape[0], int(ends[-1])))
        if compiled.KERNEL is not None:
            sizes = *weights.shape, int(ends[-1])
            tables = (np.ascontiguousarray(part) for part in (*self, states, weights))
            compiled.KERNEL.spread(sizes, *tables, found)
            return found
        place = (states - self.lows[:, None]) / self.steps[:, None]
        first = np.clip(place.astype(np.int64) - 2, 0, (self.cells - 5)[:, None])
        place -= first
        first += (ends - self.cells - 1)[:, None]
        for number in range(_SIX):
            others = np.delete(np.arange(_SIX), number)
            share = np.prod([(place - one) / (number - one) for one in others], axis=0)
            for figure, own in zip(found, weights, strict=True):
                figure += np.bincount(
                    (first + number).ravel(), (own * share).ravel(), found.shape[1]
                )
        return found
