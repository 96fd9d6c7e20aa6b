"""Where exercise ends on each line: states in which exercise and waiting are worth the same."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from neuralrates.pricers.gaussian.two_factor.flows import Flows
from neuralrates.pricers.gaussian.two_factor.lines import Lines
from neuralrates.pricers.gaussian.two_factor.nodes import Across, Expansion, OnLines, Own
from neuralrates.pricers.gaussian.two_factor.plane import Trades
from neuralrates.pricers.gaussian.two_factor.transition import Transition

_MOST_STEPS, _LONGEST_STEP = 12, 1.5
_ENOUGH = 3e-3
"""Length of a last step: what is missed after it is about three times its square, and counts with its own square."""
_WORTHLESS = 1e-14
_BISECTIONS, _GRID = 40, 96


class Excess(NamedTuple):
    """Waiting less exercise as a function of the state.

    Args:
        flows: that exercise now receives and exercise next time does not
        transition: to the next exercise; None at the last, where waiting is worth nothing
        coefficients: of the next exercise's excess, where that is positive
    """

    flows: Flows
    transition: Transition | None
    coefficients: Expansion | None

    def at(self, states: Own, across: Across) -> Own:
        """Its values in states (u, v)."""
        value = self.flows.at(states, across)
        if self.transition is None or self.coefficients is None:
            return value
        return value + self.transition.from_own(states, across).average(self.coefficients)

    def with_slope(self, states: Own, across: Across) -> tuple[Own, Own]:
        """Its values and derivatives to u."""
        value, slope = self.flows.with_slope(states, across)
        if self.transition is None or self.coefficients is None:
            return value, slope
        rows = self.transition.from_own(states, across)
        more, steeper = rows.average_and_slope(self.coefficients)
        return value + more, slope + steeper


class Boundary(NamedTuple):
    """One boundary as a function of v.

    Args:
        states: u, by line
        offset: of its average from break-even
        tilt: its slope in v
    """

    states: OnLines
    offset: Trades
    tilt: Trades

    @classmethod
    def of(cls, states: OnLines, break_even: Trades, rule: Lines) -> "Boundary":
        """Boundary through the states of the lines."""
        expanded = states @ rule.projection.T
        tilt = expanded[:, 1] if expanded.shape[1] > 1 else np.zeros(states.shape[0])
        return cls(states, expanded[:, 0] - break_even, tilt)

    def near(self, trades: int, break_even: Trades, rule: Lines) -> OnLines:
        """A guess of the boundary one exercise earlier, whose coordinates are turned by the tilt."""
        bent = self.states - (self.states @ rule.weights)[:, None] - self.tilt[:, None] * rule.nodes
        found: OnLines = (break_even + self.offset[:trades])[:, None] + bent[:trades]
        return found

    def on(self, own: Lines, rule: Lines) -> OnLines:
        """Its states on the lines of another rule with fewer of them."""
        count = min(own.degrees, rule.degrees)
        found: OnLines = (self.states @ own.projection[:count].T) @ rule.values[:count]
        return found


def boundary(excess: Excess, rule: Lines, guess: OnLines, low: Trades, high: Trades) -> OnLines:
    """The one state of each line in which the excess vanishes; the nearer end of the states if there is none.

    The excess rises with u and is convex where it matters, so that Newton's method meets it from any guess.
    """
    floor, ceiling = low[:, None], high[:, None]
    across = np.broadcast_to(rule.nodes, guess.shape)
    states = np.clip(guess, floor, ceiling)
    settled = np.zeros(states.shape, dtype=bool)
    for _ in range(_MOST_STEPS):
        value, slope = excess.with_slope(states, across)
        step = value / np.maximum(slope, 1e-12)
        before = states
        states = np.clip(states - np.clip(step, -_LONGEST_STEP, _LONGEST_STEP), floor, ceiling)
        settled = (np.abs(states - before) <= _ENOUGH) | (np.abs(value) <= _WORTHLESS)
        if settled.all():
            return states
    return np.where(settled, states, _bisected(excess, across, floor, ceiling))


def _bisected(excess: Excess, across: OnLines, low: Own, high: Own) -> OnLines:
    left, right = np.broadcast_to(low, across.shape), np.broadcast_to(high, across.shape)
    for _ in range(_BISECTIONS):
        middle = 0.5 * (left + right)
        below = excess.at(middle, across) < 0.0
        left, right = np.where(below, middle, left), np.where(below, right, middle)
    return 0.5 * (left + right)


def segments(
    excess: Excess, rule: Lines, low: Trades, high: Trades, count: int
) -> tuple[Float[np.ndarray, "trades lines edges"], Bool[np.ndarray, "trades lines segments"]]:
    """Edges of up to so many boundaries on each line, and between which of them waiting is worth more.

    Sign changes are looked for on a grid and bisected; two nearer than one spacing are missed.
    """
    trades, rays = low.shape[0], rule.count
    grid = low[:, None] + (high - low)[:, None] * np.linspace(0.0, 1.0, _GRID)
    positive = np.stack(
        [excess.at(grid, np.broadcast_to(v, grid.shape)) > 0.0 for v in rule.nodes], axis=1
    )
    change = positive[:, :, 1:] != positive[:, :, :-1]
    order = np.argsort(~change, axis=2, kind="stable")[:, :, :count]
    real = np.take_along_axis(change, order, axis=2)
    spacing = ((high - low) / (_GRID - 1))[:, None, None]
    left = low[:, None, None] + spacing * order
    right = left + spacing
    across = np.repeat(rule.nodes, order.shape[2])
    across = np.broadcast_to(across, (trades, across.shape[0]))
    flat = (trades, -1)
    above = np.take_along_axis(positive, order, axis=2)
    for _ in range(_BISECTIONS):
        middle = 0.5 * (left + right)
        same = (excess.at(middle.reshape(flat), across).reshape(middle.shape) > 0.0) == above
        left, right = np.where(same, middle, left), np.where(same, right, middle)
    found = np.where(real, 0.5 * (left + right), high[:, None, None])
    ends = np.ones((trades, rays, 1))
    edges = np.concatenate([low[:, None, None] * ends, found, high[:, None, None] * ends], axis=2)
    middles = 0.5 * (edges[:, :, 1:] + edges[:, :, :-1])
    across = np.broadcast_to(
        np.repeat(rule.nodes, middles.shape[2]), (trades, rays * middles.shape[2])
    )
    wanted = excess.at(middles.reshape(flat), across).reshape(middles.shape) > 0.0
    return edges, wanted
