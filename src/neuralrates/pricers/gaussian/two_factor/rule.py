"""How finely an induction samples the plane."""

import math
from statistics import NormalDist
from typing import NamedTuple

_LINES = (5, 8, 12, 20, 32, 44)
_LINES_PER_DIGIT = 1.5
_POINTS_PER_DIGIT = 0.165
_MORE_POINTS = 1.25
_FEWEST_POINTS, _MOST_POINTS = 16.0, 1024
_UNSEEN = 2.0
"""Times the nodes at most that a rule would need: with fewer than half of them neither a price nor its error means anything."""
_USUAL_DIGITS = 7.0
_TAIL = 100.0


class Rule(NamedTuple):
    """Numbers of nodes, the same at every exercise.

    Args:
        tolerance: error aimed at, per unit notional
        num_points: nodes across the boundary, from where exercise ends to the end of the states
        num_lines: lines along the boundary
        num_slivers: nodes of a line between its own boundary and the central one
        num_boundaries: most boundaries an exercise can have
    """

    tolerance: float
    num_points: int
    num_lines: int
    num_slivers: int = 3
    num_boundaries: int = 1

    @classmethod
    def resolving(cls, tolerance: float, width: float, num_boundaries: int) -> "Rule | None":
        """The first rule to try; None where steps are so narrow that no rule sees them, and no estimate of its error would.

        Args:
            tolerance: per unit notional
            width: of the states where waiting is worth more, in deviations of the narrowest step
            num_boundaries: most boundaries an exercise can have
        """
        digits = -math.log10(tolerance)
        wanted = max(_FEWEST_POINTS, _POINTS_PER_DIGIT * digits * width)
        if not wanted <= _UNSEEN * _MOST_POINTS:
            return None
        points = _rounded(wanted)
        more = max(0, round(_LINES_PER_DIGIT * (digits - _USUAL_DIGITS)))
        slivers = 3 + (digits > _USUAL_DIGITS)
        return cls(tolerance, points, _LINES[0] + more, slivers, num_boundaries)

    def finer(self) -> "Rule | None":
        """The next rule to try where this one misses its target; None after the last."""
        lines = next((count for count in _LINES if count > self.num_lines), None)
        if lines is None:
            return None
        points = _rounded(_MORE_POINTS * self.num_points)
        return self._replace(num_points=points, num_lines=lines, num_slivers=self.num_slivers + 1)

    def coarser(self) -> "Rule":
        """The rule against which the error is estimated: a quarter of lines and nodes fewer, ten times the tolerance."""
        return self._replace(
            tolerance=min(10.0 * self.tolerance, 1e-2),
            num_points=-(-3 * self.num_points // 4),
            num_lines=-(-3 * self.num_lines // 4),
            num_slivers=max(1, self.num_slivers - 1),
        )

    @property
    def num_columns(self) -> int:
        """Nodes of an exercise that a transition looks at."""
        if self.num_boundaries > 1:
            return self.num_points * self.num_lines * (self.num_boundaries + 1)
        return self.num_points + self.num_lines * self.num_slivers

    @property
    def half_width(self) -> float:
        """Standard deviations kept on each side."""
        return -NormalDist().inv_cdf(self.tolerance / _TAIL)

    @property
    def target(self) -> float:
        """Largest error that needs no finer rule: five times the tolerance."""
        return max(5.0 * self.tolerance, 1e-11)


def _rounded(points: float) -> int:
    return min(8 * math.ceil(points / 8.0), _MOST_POINTS)
