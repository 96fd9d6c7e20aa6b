"""What is served beside a surrogate, point by point, and judged with it."""

from dataclasses import dataclass

import numpy as np

from neuralrates.certificates.local_band import LocalBand
from neuralrates.certificates.nearness import Nearness
from neuralrates.core.units import ROUNDING

Samples = np.ndarray
"""Points, one a row; a plain annotation, since what knows shapes takes long to import."""


@dataclass(frozen=True)
class Served:
    """Band and nearness of single points.

    Args:
        band: half-width at a point; constant when None
        nearness: whether a point is near the distribution; all of the domain are when None

    Example:
        >>> import numpy as np
        >>> import neuralrates as nr
        >>> print(nr.certificates.Served().bands(np.zeros((2, 3)), 1e-5))
        [1.e-05 1.e-05]
    """

    band: LocalBand | None = None
    nearness: Nearness | None = None

    def bands(self, x: Samples, constant: float) -> np.ndarray:
        """Half-width at points in raw units, rounding included.

        Args:
            x: points
            constant: half-width where there is no local one
        """
        if self.band is None:
            return np.full(len(x), constant + ROUNDING)
        return self.band(x) + ROUNDING

    def near(self, x: Samples) -> np.ndarray | bool:
        """Whether points are near the distribution."""
        return True if self.nearness is None else self.nearness(x)
