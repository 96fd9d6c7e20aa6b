"""Paths of a whole forward curve with square-root volatility, for a right: cells of maturities, steps of second order."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from neuralrates.pricers.primal_dual.right import Interval, Right, Step

Times = Float[np.ndarray, "times"]
Levels = Float[np.ndarray, "_ paths"]
Loadings = Float[np.ndarray, "factors _"]

WIDEST_CELL = 0.5
_SAME_TIME = 1e-8


class CurveLaw(NamedTuple):
    """How forwards move, $df = \\ldots dt + a(t) \\min(\\sqrt{f + d}, M) \\sum_j \\sigma_j(T - t) dW_j$.

    Args:
        coefficients: of $\\sigma_j$ by tenor, a row for each factor, as of `TenorVolatility`
        longest: tenor on which they are Chebyshev's, years
        cap: M
        shift: d, decimal
        scales: a, by interval
        scale_times: interior ends of the intervals, years
    """

    coefficients: Float[np.ndarray, "factors _"]
    longest: float
    cap: float
    shift: float
    scales: Times
    scale_times: Times

    def loadings(self, time: float, maturities: Times) -> Loadings:
        """Volatility of forwards at a time, per unit of what the square root gives."""
        scale = self.scales[np.searchsorted(self.scale_times, time, side="right")]
        tenors = 2.0 * np.maximum(maturities - time, 0.0) / self.longest - 1.0
        found: Loadings = scale * np.polynomial.chebyshev.chebval(tenors, self.coefficients.T)
        return found

    def root(self, levels: Levels) -> Levels:
        """What multiplies the volatility, of shifted forwards."""
        return np.minimum(np.sqrt(np.maximum(levels, 0.0)), self.cap)


class Cells(NamedTuple):
    """Forwards over neighbouring stretches of maturities: each is the average over its stretch, today's exactly.

    Args:
        ends: of the stretches, the first start included, years
        forwards: today
        flows: place of each flow time among the ends
        exercises: the same of the exercise times
    """

    ends: Times
    forwards: Times
    flows: np.ndarray
    exercises: np.ndarray

    @classmethod
    def of(cls, right: Right, discount_factor: Callable[[Times], Times], widest: float) -> "Cells":
        """Stretches from the first exercise to the last flow, with an end at every exercise and flow."""
        times = np.concatenate([right.exercise_times, right.flow_times])
        times = np.unique(np.round(times[times >= right.exercise_times[0] - _SAME_TIME], 8))
        parts = [times[:1]]
        for start, end in zip(times[:-1], times[1:], strict=True):
            count = max(int(np.ceil((end - start) / widest - _SAME_TIME)), 1)
            parts.append(start + (end - start) * np.arange(1, count + 1) / count)
        ends = np.concatenate(parts)
        forwards = -np.diff(np.log(discount_factor(ends))) / np.diff(ends)
        places = (
            np.searchsorted(ends, t - _SAME_TIME) for t in (right.flow_times, right.exercise_times)
        )
        return cls(ends, forwards, *places)

    @property
    def widths(self) -> Times:
        """Of the stretches, years."""
        return np.diff(self.ends)

    @property
    def maturities(self) -> Times:
        """Middles of the stretches, years."""
        return 0.5 * (self.ends[1:] + self.ends[:-1])


def curve_paths(
    right: Right,
    law: CurveLaw,
    cells: Cells,
    unit: float,
    steps_per_year: int,
    normals: Callable[[int], Float[np.ndarray, "factors paths"]],
) -> list[Interval]:
    """Simulate up to each exercise, measured in the bond that matures there.

    Cells before the next exercise are no longer needed. Half of the drift, the diffusion exactly, the other half of the drift;
    neighbouring halves are one.

    Args:
        right: what is exercised
        law: of the forwards
        cells: of its curve
        unit: discount factor of the first exercise
        steps_per_year: at least so many; one step per exercise at least
        normals: number of factors to standard normals, fresh at each call

    Source: Heath, Jarrow and Morton (1992); Ninomiya and Victoir (2008), for the steps; Brace, Gatarek and Musiela (1997), for
    the drift of rates over stretches.
    """
    count = law.coefficients.shape[0]
    first = normals(count)
    levels = np.repeat((cells.forwards + law.shift)[:, None], first.shape[1], axis=1)
    units, start, begin = np.full(first.shape[1], unit), 0.0, 0
    found = []
    for number, end in enumerate(right.exercise_times.tolist()):
        place = int(cells.exercises[number])
        span = _Span(right, law, cells, number, place)
        levels = levels[place - begin :]
        steps = max(int(np.ceil((end - start) * steps_per_year - _SAME_TIME)), 1)
        size, taken = (end - start) / steps, []
        levels = span.drifted(levels, start + 0.25 * size, 0.5 * size)
        for step in range(steps):
            middle = start + (step + 0.5) * size
            drawn = normals(count)
            loadings = law.loadings(middle, span.maturities)
            taken.append(span.step(levels, np.sqrt(size) * loadings, drawn))
            levels = _diffused(levels, np.sqrt(size) * (loadings.T @ drawn), law.cap)
            share = 1.0 if step < steps - 1 else 0.5
            levels = span.drifted(levels, middle + 0.5 * (0.5 + 0.5 * share) * size, share * size)
        found.append(span.interval(levels, tuple(taken), units))
        units, start, begin = units * found[-1].next_unit, end, place
    return found


class _Span(NamedTuple):
    """What the paths up to one exercise need."""

    right: Right
    law: CurveLaw
    cells: Cells
    exercise: int
    place: int

    @property
    def maturities(self) -> Times:
        return self.cells.maturities[self.place :]

    @property
    def widths(self) -> Times:
        return self.cells.widths[self.place :]

    def drifted(self, levels: Levels, time: float, length: float) -> Levels:
        """Levels moved by Stratonovich's drift for some time, by the midpoint rule; those at zero stay there."""
        law, loadings = self.law, self.law.loadings(time, self.maturities)
        coupling = np.tril(loadings.T @ (loadings * self.widths))
        coupling[np.diag_indices(len(coupling))] *= 0.5
        correction = 0.25 * np.sum(loadings**2, axis=0)[:, None]

        def rate(at: Levels) -> Levels:
            root = law.root(at)
            return root * (coupling @ root) - np.where(at < law.cap**2, correction, 0.0)

        middle = np.maximum(levels + 0.5 * length * rate(levels), 0.0)
        moved = np.maximum(levels + length * rate(middle), 0.0)
        return np.where(levels > 0.0, moved, 0.0)

    def bonds(self, levels: Levels) -> Levels:
        """Bonds of the ends from this exercise on, in the bond that matures there."""
        logs = np.cumsum(self.widths[:, None] * (levels - self.law.shift), axis=0)
        return np.concatenate([np.ones((1, levels.shape[1])), np.exp(-logs)])

    def of_flows(self, bonds: Levels) -> Levels:
        """Those of the flow times; of flows already past, which have no weight, the first."""
        return bonds[np.maximum(self.cells.flows - self.place, 0)]

    def step(self, levels: Levels, loadings: Loadings, drawn: Levels) -> Step:
        """What is known before a move, and how the value of exercise moves by each normal."""
        bonds = self.bonds(levels)
        flows, later = self.right.flows[self.exercise], self.cells.flows >= self.place
        received = np.zeros_like(bonds)
        places = self.cells.flows[later] - self.place
        np.add.at(received, places, flows[later][:, None] * bonds[places])
        tails = np.cumsum(received[::-1], axis=0)[::-1][1:]
        moves = -self.widths[:, None] * tails * self.law.root(levels)
        features = self.right.features(self.exercise, self.of_flows(bonds))
        return Step(features, loadings @ moves, drawn)

    def interval(
        self, levels: Levels, steps: tuple[Step, ...], units: Float[np.ndarray, "paths"]
    ) -> Interval:
        """The interval that ends with these levels."""
        bonds = self.bonds(levels)
        values = self.right.flows[self.exercise] @ self.of_flows(bonds)
        exercises = self.cells.exercises
        last = self.exercise == exercises.shape[0] - 1
        following = (
            np.ones_like(units) if last else bonds[exercises[self.exercise + 1] - self.place]
        )
        return Interval(steps, values, units, following)


def _diffused(levels: Levels, moves: Levels, cap: float) -> Levels:
    """Levels after the diffusion, in the coordinate in which it is constant: twice the root, linear above the cap."""
    low = levels < cap**2
    start = np.where(
        low, 2.0 * np.sqrt(np.maximum(levels, 0.0)), 2.0 * cap + (levels - cap**2) / cap
    )
    end = start + moves
    moved = np.where(
        end < 2.0 * cap, (0.5 * np.maximum(end, 0.0)) ** 2, cap**2 + (end - 2.0 * cap) * cap
    )
    return np.where(levels > 0.0, moved, 0.0)
