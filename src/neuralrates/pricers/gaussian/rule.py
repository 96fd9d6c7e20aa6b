"""How finely an induction under one factor samples its states."""

import functools
import math
from statistics import NormalDist
from typing import NamedTuple

_NODES_PER_DIGIT = 0.11
_FEWEST_POINTS = 24.0  # with 16 the error is 4e-8, and understated, where five exercises follow without volatility
_FEWEST_COARSE_POINTS, _COARSE = 16.0, 1e-6
_LOCAL_POINTS_PER_DIGIT = 6.5
_MOST_LOCAL_POINTS = 192
_TARGET = 10.0
_SMALLEST_TARGET = 1e-11
_LARGEST_TOLERANCE = 1e-2


class Rule(NamedTuple):
    """Numbers of nodes, the same at every exercise.

    Args:
        tolerance: error aimed at, per unit notional
        num_points: nodes on each side of a boundary
        num_boundaries: most boundaries an exercise can have
        local: whether averages are those of the polynomials through the values: for steps too narrow for the nodes
    """

    tolerance: float
    num_points: int
    num_boundaries: int
    local: bool = False

    @classmethod
    def resolving(
        cls, tolerance: float, width: float, num_boundaries: int, most_points: int | None = None
    ) -> "Rule":
        """The cheaper of the two rules that resolves the steps of some states.

        Args:
            tolerance: per unit notional
            width: of the state space, in standard deviations of the narrowest step
            num_boundaries: most boundaries an exercise time can have
            most_points: nodes on each side of a boundary up to which averages by values are the cheaper ones
        """
        local, wanted = _local_points(tolerance), -_NODES_PER_DIGIT * math.log10(tolerance) * width
        if not wanted <= (most_points or 2 * local):
            return cls(tolerance, local, num_boundaries, True)
        fewest = _FEWEST_POINTS if tolerance < _COARSE else _FEWEST_COARSE_POINTS
        points = 8 * math.ceil(max(fewest, wanted) / 8.0)
        return cls(tolerance, points, num_boundaries)

    def finer(self) -> "Rule | None":
        """The next rule to try where this one misses its target; None after the last."""
        if not self.local:
            return self._replace(num_points=_local_points(self.tolerance), local=True)
        if self.num_points >= _MOST_LOCAL_POINTS:
            return None
        return self._replace(num_points=min(2 * self.num_points, _MOST_LOCAL_POINTS))

    def coarser(self) -> "Rule":
        """The rule against which the error is estimated: three quarters of the nodes, of a local rule half, and ten
        times the tolerance."""
        points = self.num_points // 2 if self.local else -(-3 * self.num_points // 4)
        tolerance = min(10.0 * self.tolerance, _LARGEST_TOLERANCE)
        return self._replace(tolerance=tolerance, num_points=points)

    @property
    def target(self) -> float:
        """Largest error that needs no finer rule: ten times the tolerance."""
        return largest_error(self.tolerance)

    @property
    def half_width(self) -> float:
        """Standard deviations kept on each side of every flow's centre."""
        return half_width(self.tolerance)


@functools.lru_cache
def half_width(tolerance: float) -> float:
    """Standard deviations kept on each side of every flow's centre at a tolerance."""
    return -NormalDist().inv_cdf(tolerance / 5.0)


def largest_error(tolerance: float) -> float:
    """Error at a tolerance that needs no finer rule: ten times the tolerance."""
    return max(_TARGET * tolerance, _SMALLEST_TARGET)


def _local_points(tolerance: float) -> int:
    return 8 * math.ceil(-_LOCAL_POINTS_PER_DIGIT * math.log10(tolerance) / 8.0)
