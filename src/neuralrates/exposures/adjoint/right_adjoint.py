"""Adjoint of the values of rights to exercise: from paths to the nodes of the induction, and through it."""

from typing import NamedTuple

import numpy as np

from neuralrates.exposures.adjoint.sensitivities import Adjoint, Sensitivities
from neuralrates.exposures.flows import Bonds, BondTerms
from neuralrates.exposures.rights import FutureRight
from neuralrates.exposures.waiting import waiting_bends, waiting_weights


class RightAdjoint(NamedTuple):
    """What figures weigh the values of a right by.

    Args:
        right: to exercise
        into: of its currency
    """

    right: FutureRight
    into: Sensitivities

    def add_values(self, adjoint: Adjoint, taken: np.ndarray) -> None:
        """Adjoint of `FutureRight.values`, each path's exercise as it is."""
        right, block = self.right, adjoint.block
        passed = np.searchsorted(right.exercise_times, block.times + 1e-9, side="right")
        waits = taken >= passed[:, None]
        self.add_waiting(adjoint.where(waits), passed)
        if not right.delivered or block.times[0] >= right.swap.last or waits.all():
            return
        same = ~waits
        for row, exercise in right.late(block, passed):
            chosen = taken == exercise
            if not chosen.any():
                continue
            same[row] &= ~chosen
            own = adjoint.row(row, chosen)
            right.swap.pull_back(own, float(right.starts[exercise]))
            if right.fees.times.size:
                fee = BondTerms(*(part[exercise : exercise + 1] for part in right.fees))
                Bonds(fee, right.model).pull_back(own)
        if same.any():
            right.swap.pull_back(adjoint.where(same))

    def add_waiting(self, adjoint: Adjoint, upcoming: np.ndarray) -> None:
        """Adjoint of `FutureRight.waiting`."""
        right, block = self.right, adjoint.block
        waits = right.waits(block, upcoming)
        if waits is None:
            return
        rows = slice(0, waits.steps.size)
        weights = waits.grids.spread(
            block.states[rows], adjoint.weights[:, rows]
        )  # grids of its own
        ends = np.cumsum(waits.grids.cells + 1)
        slopes, bends = np.zeros(int(ends[-1])), np.zeros(int(ends[-1]))
        for row, (one, states) in enumerate(waits.each()):
            part = slice(int(ends[row]) - states.size, int(ends[row]))
            slopes[part], bends[part] = self._add_average(
                one, states, weights[:, part], block.times[row : row + 1]
            )
        adjoint.add_slopes(waits.grids.read(slopes, bends, block.states[rows]), rows)

    def add_nodes(self) -> None:
        """Adjoint of the induction: from the values at its nodes, which threads have left, to flows and variances."""
        right, run = self.right, self.right.induction
        levels, count = self.into.nodes.get(id(right), {}), right.exercise_times.size
        for back in range(count - 1, -1, -1):
            if back not in levels:
                continue
            weights, level = levels[back], run.levels[back]
            nodes, held = level.grid.nodes[0], level.num_held
            number = count - 1 - back
            if back and held:
                step = float(run.space.steps[0, number + 1])
                time = right.exercise_times[number : number + 1]
                self._add_average((back - 1, step), nodes[:held], weights[:, :held], time)
            self._add_exercise(number, nodes[held:], weights[:, held:])

    def _add_average(
        self, one: tuple[int, float], states: np.ndarray, weights: np.ndarray, time: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Adjoint of `waiting` at states of a time; returns its slopes there, and theirs."""
        back, step = one
        run, times = self.right.induction, self.right.exercise_times
        slopes, bends = waiting_bends(run, back, step, states)
        self.into.add_nodes(self.right, back, waiting_weights(run, back, step, states, weights))
        moved = 0.5 * (weights @ bends)
        ends = np.concatenate([times[times.size - 1 - back : times.size - back], time])
        self.into.add_variance(ends, moved[:, None] * np.array([1.0, -1.0]))
        return slopes, bends

    def _add_exercise(self, number: int, states: np.ndarray, weights: np.ndarray) -> None:
        """Adjoint of the worth of an exercise at states."""
        right, into = self.right, self.into
        bonds, amounts = right.received
        variance = float(right.induction.space.variances[0, number])
        growth = np.exp(-states[:, None] * bonds.loadings - 0.5 * bonds.loadings**2 * variance)
        units = (weights @ growth) * bonds.factors
        worth = units * amounts[number]
        into.add_discount(bonds.times, worth)
        time = right.exercise_times[number : number + 1]
        into.add_variance(time, -0.5 * (worth @ bonds.loadings**2)[:, None])
        self.add_amounts(units[:, None, :], np.array([number]))

    def add_amounts(self, units: np.ndarray, numbers: np.ndarray) -> None:
        """Pass derivatives to the amounts that exercises are paid, by time, on to the curves of floating coupons."""
        right = self.right
        bonds, _ = right.received
        swap = right.swap.bonds.terms
        kept = np.any(right.entered & (self._amounts() != 0.0), axis=0)
        found = np.zeros((units.shape[0], kept.size))
        found[:, kept] = bonds.by_term(units, right.entered[numbers][:, kept])
        right.swap.pull_back_amounts(found[:, : swap.times.size], self.into)

    def _amounts(self) -> np.ndarray:
        swap = self.right.swap.bonds.terms.amounts
        return np.concatenate([swap, self.right.fees.amounts])
