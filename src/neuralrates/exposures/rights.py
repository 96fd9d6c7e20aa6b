"""Future values of rights to exercise, from the nodes of the backward induction; exercise followed path by path."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from neuralrates.exposures.currency_model import CurrencyModel
from neuralrates.exposures.flows import Bonds, BondTerms
from neuralrates.exposures.interpolation import StateGrids
from neuralrates.exposures.path_block import PathBlock, in_rows
from neuralrates.exposures.scenarios import CurrencyPaths
from neuralrates.exposures.swaps import FutureSwap
from neuralrates.exposures.waiting import TOLERANCE, waiting
from neuralrates.pricers.gaussian.batched.induction import Induction, induce
from neuralrates.pricers.gaussian.batched.state_space import Rights, StateSpace, survey
from neuralrates.pricers.gaussian.rule import Rule, half_width

_CELLS_PER_DEVIATION, _FEWEST_CELLS, _MOST_CELLS = 6.0, 256, 4096


class Waits(NamedTuple):
    """Rows of a block before an exercise.

    Args:
        backs: the exercise that comes, counted from the last
        steps: variance up to it
        grids: of states
    """

    backs: Int[np.ndarray, "rows"]
    steps: Float[np.ndarray, "rows"]
    grids: StateGrids

    def each(self) -> Iterator[tuple[tuple[int, float], np.ndarray]]:
        """Exercise, step and states of each row."""
        for row, (back, step) in enumerate(zip(self.backs, self.steps, strict=True)):
            yield (int(back), float(step)), self.grids.states(row)


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

    @functools.cached_property
    def received(self) -> tuple[Bonds, np.ndarray]:
        """Bonds that exercises are paid in, and their amounts by time, a row for each exercise."""
        terms = self.swap.bonds.terms
        if self.fees.times.size:
            terms = terms.joined(self.fees)
        amounts = np.where(self.entered, terms.amounts, 0.0)
        kept = np.any(amounts != 0.0, axis=0)
        bonds = Bonds(BondTerms(*(part[kept] for part in terms)), self.model)
        return bonds, bonds.by_time(amounts[:, kept])

    @functools.cached_property
    def entered(self) -> Bool[np.ndarray, "exercises terms"]:
        """Which bonds of the swap, and which fees after them, each exercise is paid in."""
        swap = self.swap.bonds.terms.counted(self.exercise_times - 1e-6, self.starts)
        fees = np.eye(self.fees.times.size, dtype=bool)
        return np.concatenate([swap, fees], axis=1) if fees.size else swap

    @functools.cached_property
    def induction(self) -> Induction:
        """The backward run; loadings count from today, so that its states are those of the scenarios."""
        bonds, amounts = self.received
        flows = (amounts * bonds.factors)[None]
        count = self.exercise_times.size
        variances = self.model.moments(self.exercise_times)[0]
        rights = Rights(
            np.array([count]), variances[None, :], bonds.loadings[None, :], flows
        ).packed()
        _, boundaries = survey(rights, half_width(TOLERANCE))
        space = StateSpace.of(rights, half_width(TOLERANCE))
        width = float(np.max((space.highs - space.lows) / np.sqrt(space.steps)))
        rule = Rule.resolving(TOLERANCE, width, max(1, int(boundaries[0])))
        return induce(rule, rights, with_adjoint=False, keep=False)

    def waiting(self, block: PathBlock, upcoming: np.ndarray) -> np.ndarray:
        """Value before an exercise on all paths, in units of the numeraire.

        Args:
            block: states
            upcoming: exercise that comes next, for each row in increasing order; their number where none does
        """
        found = np.zeros(block.states.shape)
        waits = self.waits(block, upcoming)
        if not waits:
            return found
        tables = [waiting(self.induction, *one, states) for one, states in waits.each()]
        values, slopes = (np.concatenate(part) for part in zip(*tables, strict=True))
        rows = slice(0, waits.steps.size)
        found[rows] = waits.grids.read(values, slopes, block.states[rows])
        return found

    def waits(self, block: PathBlock, upcoming: np.ndarray) -> "Waits | None":
        """Where the value of waiting is tabulated; None where no exercise comes."""
        count, run = self.exercise_times.size, self.induction
        rows = slice(0, int(np.searchsorted(upcoming, count)))
        if not rows.stop:
            return None
        steps = run.space.variances[0, upcoming[rows]] - block.variances[rows]
        if np.any(steps <= 0.0):
            raise ValueError("Argument `block` must come before the exercises.")
        lows, highs = block.extents(rows)
        cells = np.clip(
            _CELLS_PER_DEVIATION * (highs - lows) / np.sqrt(steps), _FEWEST_CELLS, _MOST_CELLS
        )
        grids = StateGrids.over(lows, highs, cells.astype(np.int64))
        return Waits(count - 1 - upcoming[rows], steps, grids)

    def places(self, paths: CurrencyPaths) -> Int[np.ndarray, "exercises"]:
        """Places of the exercises among the times of the paths; of those before the end of the paths."""
        last = int(np.searchsorted(self.exercise_times, paths.times[-1] + 1e-9, side="right"))
        return np.array([paths.at(float(time)) for time in self.exercise_times[:last]], dtype=int)

    def gains(self, paths: CurrencyPaths) -> Float[np.ndarray, "exercises paths"]:
        """What exercise is worth above waiting on each path; minus infinity where the next one enters the same."""
        bonds, amounts = self.received
        same = np.append(np.all(amounts[1:] == amounts[:-1], axis=1), False)
        places = self.places(paths)
        found = np.empty((places.size, paths.states.shape[1]))
        for rows in in_rows(*found.shape):
            block = PathBlock(paths, places[rows])
            upcoming = np.arange(rows.start, rows.stop) + 1
            found[rows] = bonds.valued(block, amounts[rows]) - self.waiting(block, upcoming)
        found[same[: places.size]] = -np.inf
        return found

    def exercises(self, paths: CurrencyPaths) -> Int[np.ndarray, "paths"]:
        """Which exercise each path takes; the number of exercises where it takes none."""
        count, _ = self.exercise_times.size, self.induction  # made here, before threads share it
        better = self.gains(paths) > 0.0
        if not better.size:
            return np.full(paths.states.shape[1], count, dtype=np.int32)
        return np.where(better.any(axis=0), better.argmax(axis=0), count).astype(np.int32)

    def values(self, block: PathBlock, taken: np.ndarray) -> np.ndarray:
        """Values on all paths in units of the numeraire: of the right, or of what its exercise has left."""
        passed = np.searchsorted(self.exercise_times, block.times + 1e-9, side="right")
        waits = taken >= passed[:, None]
        found = self.waiting(block, passed)
        if not self.delivered or block.times[0] >= self.swap.last or waits.all():
            return np.where(waits, found, 0.0)
        np.copyto(found, self.swap.values(block), where=~waits)
        for row, exercise in self.late(block, passed):
            chosen = taken == exercise
            if chosen.any():
                one = PathBlock(block.paths, block.places[row : row + 1])
                found[row, chosen] = self.exercised(one, exercise)[0, chosen]
        return found

    def exercised(self, block: PathBlock, exercise: int) -> np.ndarray:
        """Values on all paths in units of the numeraire of what one exercise has left, in rows after it."""
        value = self.swap.values(block, float(self.starts[exercise]))
        if self.fees.times.size:
            own = BondTerms(*(part[exercise : exercise + 1] for part in self.fees))
            value = value + Bonds(own, self.model).read(block)
        return value

    def late(self, block: PathBlock, passed: np.ndarray) -> Iterator[tuple[int, int]]:
        """Rows and exercises after which not the same is held as after all earlier ones."""
        for row, time in enumerate(block.times):
            late = self.starts[: passed[row]] > self.swap.first_left(float(time)) + 1e-9
            if self.fees.times.size:
                late |= self.fees.times[: passed[row]] > time + 1e-9
            yield from ((row, int(exercise)) for exercise in np.flatnonzero(late))
