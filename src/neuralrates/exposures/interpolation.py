"""Smooth functions of the state, tabulated on an even grid with their slopes and read between by cubics."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

Values = Float[np.ndarray, "points"]


class StateGrid(NamedTuple):
    """Evenly spaced states that cover all paths at one time."""

    low: float
    step: float
    states: Values

    @classmethod
    def over(cls, extent: tuple[float, float], cells: int) -> "StateGrid":
        """Grid from the lowest to the highest state."""
        low, high = extent
        step = max(high - low, 1e-12) / cells
        return cls(low, step, low + step * np.arange(cells + 1))

    def read(
        self, values: Values, slopes: Values, states: Float[np.ndarray, "paths"]
    ) -> Float[np.ndarray, "paths"]:
        """Cubic Hermite interpolation: right to the fourth power of the spacing."""
        place = (states - self.low) / self.step
        cell = np.clip(place.astype(np.int64), 0, values.size - 2)
        place -= cell
        rise = np.diff(values)
        left, right = self.step * slopes[:-1], self.step * slopes[1:]
        found = (left + right - 2.0 * rise)[cell]
        for coefficients in (3.0 * rise - 2.0 * left - right, left, values):
            found *= place
            found += coefficients[cell]
        return found
