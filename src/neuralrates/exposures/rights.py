"""Future values of rights to exercise, from the nodes of the backward induction; exercise followed path by path."""

import functools
from dataclasses import dataclass

import numpy as np

from neuralrates.exposures.currency_model import CurrencyModel
from neuralrates.exposures.flows import BondTerms, FixingPaths, bond_values
from neuralrates.exposures.interpolation import StateGrid
from neuralrates.exposures.scenarios import CurrencyPaths
from neuralrates.exposures.swaps import FutureSwap
from neuralrates.exposures.waiting import TOLERANCE, waiting
from neuralrates.pricers.gaussian.batched.induction import Induction, induce
from neuralrates.pricers.gaussian.batched.state_space import Rights, StateSpace, survey
from neuralrates.pricers.gaussian.rule import Rule, half_width

_CELLS_PER_DEVIATION, _FEWEST_CELLS, _MOST_CELLS = 6.0, 256, 4096


@dataclass(frozen=True, eq=False)
class FutureRight:
    """A right on a swap, of unit notional.

    Args:
        swap: all periods that any exercise enters, from the side of the right's holder
        exercise_times: years
        starts: of the swap entered at each exercise
        fees: what the holder receives on each exercise, with its time
        delivered: whether exercise leaves the swap itself; else its value is paid out at once
        model: of the currency
    """

    swap: FutureSwap
    exercise_times: np.ndarray
    starts: np.ndarray
    fees: BondTerms
    delivered: bool
    model: CurrencyModel

    def times(self) -> np.ndarray:
        """Times at which states are needed."""
        return np.concatenate([self.exercise_times, self.swap.times()])

    def entered(self, exercise: int) -> tuple[np.ndarray, np.ndarray]:
        """Times and amounts of the bonds received on an exercise."""
        terms = self.swap.bonds
        if self.fees.times.size:
            terms = terms.joined(BondTerms(*(part[exercise : exercise + 1] for part in self.fees)))
        now = float(self.exercise_times[exercise])
        return terms.at(now - 1e-6, float(self.starts[exercise]))

    @functools.cached_property
    def induction(self) -> Induction:
        """The backward run; loadings count from today, so that its states are those of the scenarios."""
        count = self.exercise_times.size
        parts = [self.entered(exercise) for exercise in range(count)]
        times = np.unique(np.concatenate([part[0] for part in parts]))
        flows = np.zeros((1, count, times.size))
        for exercise, (own, amounts) in enumerate(parts):
            flows[0, exercise, np.searchsorted(times, own)] = amounts
        flows *= self.model.discount_factors(times)
        variances = self.model.moments(self.exercise_times)[0]
        rights = Rights(
            np.array([count]), variances[None, :], self.model.loadings(times)[None, :], flows
        ).packed()
        _, boundaries = survey(rights, half_width(TOLERANCE))
        space = StateSpace.of(rights, half_width(TOLERANCE))
        width = float(np.max((space.highs - space.lows) / np.sqrt(space.steps)))
        rule = Rule.resolving(TOLERANCE, width, max(1, int(boundaries[0])))
        return induce(rule, rights, with_adjoint=False, keep=False)

    def waiting(
        self, paths: CurrencyPaths, place: int, upcoming: int, chosen: np.ndarray
    ) -> np.ndarray:
        """Value before an exercise on paths at a simulated time, in units of the numeraire."""
        states = paths.states[place, chosen]
        if upcoming == self.exercise_times.size:
            return np.zeros(states.size)
        run = self.induction
        step = float(run.space.variances[0, upcoming] - paths.variances[place])
        if step <= 0.0:
            raise ValueError("Argument `place` must come before the exercise.")
        deviation = np.sqrt(step)
        low, high = paths.extents[place]
        cells = np.clip(_CELLS_PER_DEVIATION * (high - low) / deviation, _FEWEST_CELLS, _MOST_CELLS)
        grid = StateGrid.over((low, high), int(cells))
        back = self.exercise_times.size - 1 - upcoming
        return grid.read(*waiting(run, back, step, grid.states), states)

    def exercises(self, paths: CurrencyPaths) -> np.ndarray:
        """Which exercise each path takes; the number of exercises where it takes none."""
        count = self.exercise_times.size
        taken = np.full(paths.states.shape[1], count)
        for exercise, time in enumerate(self.exercise_times):
            if time > paths.times[-1] + 1e-9:
                break
            left = np.flatnonzero(taken == count)
            place = paths.at(float(time))
            times, amounts = self.entered(exercise)
            variance = float(paths.variances[place])
            states = paths.states[place, left]
            grid = StateGrid.over(paths.extents[place], _FEWEST_CELLS)
            worth = grid.read(
                *bond_values(times, amounts, self.model, variance, grid.states), states
            )
            waiting = self.waiting(paths, place, exercise + 1, left)
            same = exercise + 1 < count and _equal(self.entered(exercise + 1), (times, amounts))
            if not same:
                taken[left[worth > waiting]] = exercise
        return taken

    def values(self, fixings: FixingPaths, place: int, taken: np.ndarray) -> np.ndarray:
        """Values on all paths in units of the numeraire: of the right, or of what its exercise has left."""
        paths = fixings.paths
        time = float(paths.times[place])
        found = np.zeros(taken.size)
        passed = int(np.searchsorted(self.exercise_times, time + 1e-9, side="right"))
        waits = np.flatnonzero(taken >= passed)
        if passed < self.exercise_times.size and waits.size:
            found[waits] = self.waiting(paths, place, passed, waits)
        if not self.delivered or time >= self.swap.last:
            return found
        for chosen, exercise in self._groups(taken, time, passed):
            entered = float(self.starts[exercise])
            found[chosen] = self.swap.values(fixings, place, chosen, entered)
            if self.fees.times.size and self.fees.times[exercise] > time + 1e-9:
                own = BondTerms(*(part[exercise : exercise + 1] for part in self.fees))
                found[chosen] += _bonds(own, paths, place, chosen)
        return found

    def _groups(self, taken: np.ndarray, time: float, passed: int) -> list[tuple[np.ndarray, int]]:
        """Paths that have exercised and hold the same, with one of their exercises."""
        left = self.swap.first_left(time)
        late = self.starts[:passed] > left + 1e-9
        if self.fees.times.size:
            late |= self.fees.times[:passed] > time + 1e-9
        groups = [
            (np.flatnonzero(taken == exercise), int(exercise)) for exercise in np.flatnonzero(late)
        ]
        if not late.all():
            holding = np.append(~late, np.zeros(self.exercise_times.size + 1 - passed, dtype=bool))
            groups.append((np.flatnonzero(holding[taken]), int(np.flatnonzero(~late)[-1])))
        return [group for group in groups if group[0].size]


def _bonds(terms: BondTerms, paths: CurrencyPaths, place: int, chosen: np.ndarray) -> np.ndarray:
    times, amounts = terms.at(float(paths.times[place]))
    variance = float(paths.variances[place])
    return bond_values(times, amounts, paths.model, variance, paths.states[place, chosen])[0]


def _equal(one: tuple[np.ndarray, ...], other: tuple[np.ndarray, ...]) -> bool:
    return all(np.array_equal(left, right) for left, right in zip(one, other, strict=True))
