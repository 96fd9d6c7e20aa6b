"""Smooth functions of the state, tabulated on even grids with their slopes and read between by cubics."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from neuralrates.exposures import compiled

Rows = Float[np.ndarray, "rows"]
States = Float[np.ndarray, "rows paths"]


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
