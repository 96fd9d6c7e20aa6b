"""Rights of many trades, and where in the state their exercises stand."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from neuralrates.pricers.gaussian.batched.portfolio import Flows, Trades, paid_first, spanned
from neuralrates.pricers.gaussian.jamshidian import SMALLEST_VARIANCE
from neuralrates.pricers.gaussian.resolution import SMALLEST_STEP

Exercises = Float[np.ndarray, "trades exercises"]


class Rights(NamedTuple):
    """All that an induction knows of some trades and their models.

    Args:
        counts: exercises of each trade; what stands beyond them in the arrays is padding
        variances: of the state at the exercise times
        loadings: $H(T_k)$ of the flow times, years, up to a constant
        present_values: value today of each flow received on exercise
    """

    counts: Int[np.ndarray, "trades"]
    variances: Exercises
    loadings: Flows
    present_values: Float[np.ndarray, "trades exercises flows"]

    def take(self, rows: Int[np.ndarray, "some"]) -> "tuple[Rights, Int[np.ndarray, 'used']]":
        """Those of some trades without the padding that none of them needs, and which flows are left."""
        counts = self.counts[rows]
        most = int(counts.max(initial=1))
        flows = self.present_values[rows, :most]
        used = np.flatnonzero(np.any(spanned(flows), axis=(0, 1)))
        kept = self.loadings[rows][:, used]
        return Rights(counts, self.variances[rows, :most], kept, flows[:, :, used]), used

    def packed(self) -> "Rights":
        """Those without flows that no exercise is paid, which have derivatives but no value."""
        order = paid_first(np.any(self.present_values != 0.0, axis=1))
        return self._replace(
            loadings=np.take_along_axis(self.loadings, order, axis=1),
            present_values=np.take_along_axis(self.present_values, order[:, None, :], axis=2),
        )


_CUT_OFF = 4.0
"""Deviations of a step within which the ends of the next exercise are felt."""


class Here(NamedTuple):
    """One exercise of each of the first so many trades, counted from its last.

    Between `known_low` and `known_high` waiting is known; beyond these it wants for what is cut off at the next exercise.
    """

    trades: int
    exercise: Int[np.ndarray, "trades"]
    present_values: Flows
    variances: Trades
    step: Trades
    low: Trades
    high: Trades
    known_low: Trades
    known_high: Trades
    too_early: Bool[np.ndarray, "trades"]


class StateSpace(NamedTuple):
    """Where the state of each exercise of each trade lives.

    Args:
        rights: of the trades, those with most exercises first
        variances: with steps that are never zero
        steps: of the variance, from zero to the first and from each to the next
        floored: whether a step is larger than what was asked for
        lows: low ends of the state space
        highs: high ends
        too_early: whether an exercise enters what the next one enters: waiting is worth more, if by less than rounding
    """

    rights: Rights
    variances: Exercises
    steps: Exercises
    floored: Bool[np.ndarray, "trades exercises"]
    lows: Exercises
    highs: Exercises
    too_early: Bool[np.ndarray, "trades exercises"]

    @classmethod
    def of(cls, rights: Rights, half_width: float) -> "StateSpace":
        """State space of some trades, so many standard deviations on each side; see `reach` of `resolution`."""
        asked = np.maximum(rights.variances, SMALLEST_VARIANCE)
        wanted = np.diff(asked, axis=1)
        least = np.maximum(SMALLEST_VARIANCE, SMALLEST_STEP * asked[:, :-1])
        steps = np.concatenate([asked[:, :1], np.maximum(wanted, least)], axis=1)
        first = rights.variances[:, :1] < SMALLEST_VARIANCE
        floored = np.concatenate([first, ~(wanted >= least)], axis=1)
        variances = np.cumsum(steps, axis=1)
        to_come = np.flip(
            np.logical_or.accumulate(np.flip(rights.present_values != 0.0, axis=1), axis=1), axis=1
        )
        last = np.max(rights.loadings, axis=1, where=to_come[:, 0], initial=-np.inf)
        nearest = np.min(
            np.where(to_come, rights.loadings[:, None, :], last[:, None, None]), axis=2
        )
        held = np.concatenate([nearest[:, :1], nearest[:, :-1]], axis=1)
        margin = half_width * np.sqrt(variances)
        flows = rights.present_values
        same = np.all(flows[:, :-1] == flows[:, 1:], axis=2)
        own = np.arange(1, flows.shape[1]) < rights.counts[:, None]
        never = np.zeros((flows.shape[0], 1), dtype=bool)
        return cls(
            rights,
            variances,
            steps,
            floored,
            -last[:, None] * variances - margin,
            -np.cumsum(held * steps, axis=1) + margin,
            np.concatenate([same & own, never], axis=1),
        )

    @property
    def most(self) -> int:
        """Exercises of the trade that has most."""
        return int(self.rights.counts[0])

    def at(self, back: int) -> Here:
        """The exercise that stands so many before each trade's last, of the trades that have it."""
        count = int(np.count_nonzero(self.rights.counts > back))
        index = self.rights.counts[:count] - 1 - back
        own = np.arange(count), index
        later = np.arange(count), np.minimum(index + 1, self.steps.shape[1] - 1)
        low, high, step = self.lows[own], self.highs[own], self.steps[later]
        felt = _CUT_OFF * np.sqrt(step)
        return Here(
            count,
            index,
            self.rights.present_values[own],
            self.variances[own],
            step,
            low,
            high,
            np.maximum(low, self.lows[later] + felt) if back else low,
            np.minimum(high, self.highs[later] - felt) if back else high,
            self.too_early[own],
        )

    def ending(self, back: int) -> slice:
        """Trades whose first exercise is that one."""
        counts = self.rights.counts
        return slice(int(np.count_nonzero(counts > back + 1)), int(np.count_nonzero(counts > back)))

    def through_steps(self, steps: Exercises) -> Exercises:
        """Derivatives to the variances, from those to the steps between them."""
        free = np.where(self.floored, 0.0, steps)
        return free - np.concatenate([free[:, 1:], np.zeros((free.shape[0], 1))], axis=1)


def survey(rights: Rights, half_width: float) -> tuple[Trades, Int[np.ndarray, "trades"]]:
    """Width of each state space over its narrowest step, and the most boundaries an exercise can have.

    Laguerre's rule, as `neuralrates.pricers.gaussian.resolution.survey` says.
    """
    space = StateSpace.of(rights, half_width)
    own = np.arange(rights.variances.shape[1]) < rights.counts[:, None]
    ratios = (space.highs - space.lows)[:, 1:] / np.sqrt(space.steps[:, 1:])
    width = np.max(np.where(own[:, 1:], ratios, 0.0), axis=1, initial=0.0)
    flows = rights.present_values
    kept = np.where(flows == 0.0, 0.0, rights.loadings[:, None, :])
    variances = np.maximum(rights.variances, SMALLEST_VARIANCE)[:, :, None]
    amounts = flows * np.exp(-kept * space.lows[:, :, None] - 0.5 * kept**2 * variances)
    sums = np.cumsum(amounts, axis=2)
    scale = np.max(np.abs(amounts), axis=2, keepdims=True)
    signs = np.where(np.abs(sums) > 1e-12 * scale, np.sign(sums), 0.0)
    return width, np.max(_sign_changes(signs), axis=1, where=own, initial=0)


def _sign_changes(signs: Float[np.ndarray, "trades exercises flows"]) -> np.ndarray:
    """Changes of sign along the last axis, zeros skipped."""
    places = np.where(signs != 0.0, np.arange(signs.shape[2]), 0)
    filled = np.take_along_axis(signs, np.maximum.accumulate(places, axis=2), axis=2)
    return np.count_nonzero(filled[:, :, 1:] * filled[:, :, :-1] < 0.0, axis=2)
