"""How many points a bundle was asked for, and how many of them it would not price."""

import threading
from typing import NamedTuple

import numpy as np


class Counted(NamedTuple):
    """Points since the bundle was loaded.

    Args:
        points: asked for
        outside: of them outside the box or its constraints
        far: of them inside, yet far from the distribution that was sampled
    """

    points: int
    outside: int
    far: int


class Counters:
    """Counts that any thread may add to.

    Example:
        >>> import numpy as np
        >>> from neuralrates.bundles.counters import Counters
        >>> counters = Counters()
        >>> counters.add(np.array([True, True, False]), np.array([True, False, False]))
        1
        >>> counters.read()
        Counted(points=3, outside=1, far=1)
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counted = Counted(0, 0, 0)

    def add(self, inside: np.ndarray, near: np.ndarray) -> int:
        """Count points by whether they are inside, and near as well; how many of these are."""
        within, accepted = int(np.count_nonzero(inside)), int(np.count_nonzero(near))
        with self._lock:
            points, outside, far = self._counted
            self._counted = Counted(
                points + inside.size, outside + inside.size - within, far + within - accepted
            )
        return accepted

    def read(self) -> Counted:
        """The counts now."""
        return self._counted
