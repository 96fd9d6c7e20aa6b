"""Adjoint of the decisions to exercise: what figures change by where paths cross an exercise boundary."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from neuralrates.exposures.adjoint.right_adjoint import RightAdjoint
from neuralrates.exposures.adjoint.seeds import SetAdjustments
from neuralrates.exposures.adjoint.sensitivities import Adjoint, BlockWeights, Sensitivities
from neuralrates.exposures.path_block import PathBlock, in_rows
from neuralrates.exposures.rights import FutureRight
from neuralrates.exposures.scenarios import CurrencyPaths

_FEWEST = 8
Values = Float[np.ndarray, "dates paths"]


class Decisions(NamedTuple):
    """A right whose decisions move the figures of its netting set.

    Exercise at a boundary is worth what waiting is, but the exposure from there on is another one: the swap's, or that of the
    right that is left. A change of the market moves paths across the boundary, and figures by the difference there. Its
    derivative is the density of paths at the boundary times that difference, found on the paths nearer to it than
    $\\sigma n^{-1/5}$, where $\\sigma$ is the standard deviation of what exercise gains on the n paths that are left.

    Args:
        right: to exercise
        taken: exercise of each path
        paths: of the currency
        scale: what values of the right are multiplied by, dates by paths
        adjustments: of the netting set

    Source: Liu and Hong (2011), equation 5, with Epanechnikov's kernel.
    """

    right: FutureRight
    taken: Int[np.ndarray, "paths"]
    paths: CurrencyPaths
    scale: Values
    adjustments: SetAdjustments

    def pull_back(self, into: Sensitivities) -> None:
        """Add the derivatives of all decisions."""
        right, own = self.right, RightAdjoint(self.right, into)
        gains = right.gains(self.paths)
        if not gains.shape[0]:
            return
        weights = np.zeros((into.figures, *gains.shape))
        after = _After.of(right, self.paths)
        for number in range(gains.shape[0]):
            for chosen, found in self._moved(number, gains, after):
                weights[:, number, chosen] = found
        bonds, amounts = right.received
        places = right.places(self.paths)
        for rows in in_rows(gains.shape[0], gains.shape[1]):
            if not weights[:, rows].any():
                continue
            block = PathBlock(self.paths, places[rows])
            numbers = np.arange(rows.start, rows.stop)
            whole = BlockWeights(block, weights[:, rows], into)
            units = bonds.pull_back_valued(Adjoint(whole, 1.0), amounts[rows])
            own.add_amounts(units, numbers)
            own.add_waiting(Adjoint(whole, -1.0), numbers + 1)
            whole.finish()

    def _moved(
        self, number: int, gains: Float[np.ndarray, "exercises paths"], after: "_After"
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Paths near the boundary of one exercise, and derivatives of the figures to what exercise gains there."""
        gain = gains[number]
        alive = (self.taken >= number) & np.isfinite(gain)
        if np.count_nonzero(alive) < _FEWEST:
            return
        width = float(np.std(gain[alive])) * np.count_nonzero(alive) ** -0.2
        chosen = np.flatnonzero(alive & (np.abs(gain) < width))
        if not chosen.size:
            return
        density = 0.75 / width * (1.0 - (gain[chosen] / width) ** 2)
        later = gains[number + 1 :, chosen] > 0.0
        next_one = np.full(chosen.size, self.right.exercise_times.size)
        if later.size:
            next_one[later.any(axis=0)] = number + 1 + later.argmax(axis=0)[later.any(axis=0)]
        exercised = self.taken[chosen] == number
        other = np.where(exercised, next_one, number)
        change = after.values(other, chosen) - after.values(self.taken[chosen], chosen)
        change *= self.scale[:, chosen]
        values = self.adjustments.values[:, chosen]
        numeraire = self.adjustments.numeraire[:, chosen]
        figures = self.adjustments.by_path(values + change, numeraire)
        figures -= self.adjustments.by_path(values, numeraire)
        figures *= np.where(exercised, -1.0, 1.0) * density / gain.size
        yield chosen, figures


class _After(NamedTuple):
    """Values of a right on all paths before and after its exercises.

    Args:
        passed: exercises before each date
        waiting: before the next exercise
        swap: after one; zero where nothing is delivered
        late: the same of exercises and dates between which another swap is held
    """

    passed: Int[np.ndarray, "dates"]
    waiting: Values
    swap: Values
    late: dict[tuple[int, int], np.ndarray]

    @classmethod
    def of(cls, right: FutureRight, paths: CurrencyPaths) -> "_After":
        """At all exposure dates."""
        times = paths.times[paths.dates]
        passed = np.searchsorted(right.exercise_times, times + 1e-9, side="right")
        waiting, swap = (np.zeros((times.size, paths.states.shape[1])) for _ in range(2))
        late: dict[tuple[int, int], np.ndarray] = {}
        for rows in in_rows(*waiting.shape):
            if not passed[rows].any():
                continue  # no exercise changes what comes before all of them
            block = PathBlock(paths, paths.dates[rows])
            waiting[rows] = right.waiting(block, passed[rows])
            if not right.delivered or block.times[0] >= right.swap.last:
                continue
            swap[rows] = right.swap.values(block)
            for row, exercise in right.late(block, passed[rows]):
                one = PathBlock(paths, block.places[row : row + 1])
                late[rows.start + row, exercise] = right.exercised(one, exercise)[0]
        return cls(passed, waiting, swap, late)

    def values(self, taken: Int[np.ndarray, "some"], chosen: Int[np.ndarray, "some"]) -> Values:
        """Values on some paths with these exercises."""
        found = np.where(
            taken >= self.passed[:, None], self.waiting[:, chosen], self.swap[:, chosen]
        )
        for (date, exercise), values in self.late.items():
            np.copyto(found[date], values[chosen], where=taken == exercise)
        return found
