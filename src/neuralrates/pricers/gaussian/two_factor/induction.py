"""Backward induction over the exercises of many trades at once."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from neuralrates.pricers.gaussian.two_factor.break_even import BreakEven
from neuralrates.pricers.gaussian.two_factor.flows import Flows
from neuralrates.pricers.gaussian.two_factor.lines import lines
from neuralrates.pricers.gaussian.two_factor.nodes import (
    Expansion,
    Nodes,
    Own,
    SharedValues,
    between,
    on_one_side,
)
from neuralrates.pricers.gaussian.two_factor.plane import Exercises, Plane, Trades
from neuralrates.pricers.gaussian.two_factor.roots import Boundary, Excess, boundary, segments
from neuralrates.pricers.gaussian.two_factor.rule import Rule
from neuralrates.pricers.gaussian.two_factor.transition import (
    OwnRows,
    SharedRows,
    Transition,
)

Frames = Float[np.ndarray, "trades 2 2"]


class Level(NamedTuple):
    """What one exercise leaves behind; those of the trades that have it, which come first.

    Args:
        angles: of the direction u in the plane, radians
        frames: directions of u and v as columns
        flows: bracket of the recursion
        boundary: where exercise ends, by line
        nodes: where waiting is worth more
        shared: waiting less exercise at the shared nodes
        own: the same at the others
        expanded: both, as weighted Hermite coefficients
        transition: to the next exercise; None at the last
        coefficients: of the next exercise's values, as the transition wants them
        kept: averages at both kinds of nodes; None at the last, or where not kept
    """

    angles: Trades
    frames: Frames
    flows: Flows
    boundary: Boundary
    nodes: Nodes
    shared: SharedValues
    own: Own
    expanded: Expansion
    transition: Transition | None
    coefficients: Expansion | None
    kept: tuple[SharedRows, OwnRows] | None

    @property
    def rows(self) -> tuple[SharedRows, OwnRows]:
        """Averages at both kinds of nodes, kept or computed again; not for the last exercise."""
        assert self.transition is not None
        return _rows(self.transition, self.nodes) if self.kept is None else self.kept


class Induction(NamedTuple):
    """One backward run, from the last exercise to the first.

    Args:
        rule: it followed
        plane: where it ran
        levels: one for each exercise, counted from the last
        rights: values today of the rights that begin at each exercise, counted from the last
    """

    rule: Rule
    plane: Plane
    levels: list[Level]
    rights: Exercises

    @property
    def values(self) -> Trades:
        """Values of the whole rights."""
        who = np.arange(self.plane.counts.shape[0])
        found: Trades = self.rights[who, self.plane.counts - 1]
        return found


def induce(
    rule: Rule, plane: Plane, start: BreakEven, *, keep: bool, finer: Induction | None = None
) -> Induction:
    """Run backward through the exercise times.

    Args:
        rule: numbers of nodes
        plane: of the trades, those with most exercises first
        start: break-even of every exercise
        keep: whether averages stay in memory, for what runs forward; they are computed again there where not
        finer: run of the same rights whose coordinates and boundaries are taken

    Returns:
        The run and the values.
    """
    levels: list[Level] = []
    for back in range(int(plane.counts[0])):
        later = levels[-1] if levels else None
        other = None if finer is None else finer.levels[back]
        levels.append(_step_back(rule, plane, start, back, later, other, keep))
    rights = np.full(plane.places.shape, np.nan)
    for back, level in enumerate(levels):
        some = level.angles.shape[0]
        columns = level.nodes.columns
        density = np.exp(-0.5 * columns * columns) / np.sqrt(2.0 * np.pi)
        waiting = np.sum(density * level.expanded[:, 0], axis=1)
        rights[:some, back] = np.sum(plane.present_values[:some, back], axis=1) + waiting
    return Induction(rule, plane, levels, rights)


def _step_back(
    rule: Rule,
    plane: Plane,
    start: BreakEven,
    back: int,
    later: Level | None,
    other: Level | None,
    keep: bool,
) -> Level:
    """The level of the exercise that stands so many before each trade's last."""
    some, rays = plane.having(back), lines(rule.num_lines)
    angles = _angles(start, back, later, some) if other is None else other.angles
    frames = _frames(angles)
    flows = Flows.of(plane, back, some, frames)
    low = -rule.half_width - start.lowest[:some, back]
    high = rule.half_width + start.highest[:some, back]
    transition = coefficients = None
    if later is not None:
        step = np.swapaxes(later.frames[:some], 1, 2) @ plane.steps[:some, back] @ frames
        transition = Transition.of(later.nodes, some, step)
        coefficients = transition.coefficients(later.expanded[:some])
    excess = Excess(flows, transition, coefficients)
    here = _Here(rule, start.states[:some, back], plane.too_early[:some, back], low, high)
    found, nodes = _placed(here, excess, later, other)
    shared, own = flows.on_lines(nodes.shared, rays), flows.at(nodes.own, nodes.across)
    rows = None if transition is None else _rows(transition, nodes)
    if rows is not None and coefficients is not None:
        shared, own = shared + rows[0].average(coefficients), own + rows[1].average(coefficients)
    return Level(
        angles,
        frames,
        flows,
        found,
        nodes,
        shared,
        own,
        nodes.expanded(shared, own),
        transition,
        coefficients,
        rows if keep else None,
    )


def _rows(transition: Transition, nodes: Nodes) -> tuple[SharedRows, OwnRows]:
    return (
        transition.from_shared(nodes.shared, nodes.lines),
        transition.from_own(nodes.own, nodes.across),
    )


class _Here(NamedTuple):
    rule: Rule
    break_even: Trades
    too_early: Bool[np.ndarray, "trades"]
    low: Trades
    high: Trades


def _placed(
    here: _Here, excess: Excess, later: Level | None, other: Level | None
) -> tuple[Boundary, Nodes]:
    """The boundary of one exercise, and nodes where waiting is worth more."""
    rule, rays = here.rule, lines(here.rule.num_lines)
    trades = here.low.shape[0]
    if rule.num_boundaries > 1:
        edges, wanted = segments(excess, rays, here.low, here.high, rule.num_boundaries)
        flat = np.repeat(here.break_even[:, None], rule.num_lines, axis=1)
        nodes = between(rays, edges, wanted, rule.num_points)
        return Boundary.of(flat, here.break_even, rays), nodes
    if other is not None:
        states = other.boundary.on(other.nodes.lines, rays)
        states = np.clip(states, here.low[:, None], here.high[:, None])
    else:
        guess = np.repeat(here.break_even[:, None], rule.num_lines, axis=1)
        if later is not None:
            guess = later.boundary.near(trades, here.break_even, rays)
        states = boundary(excess, rays, guess, here.low, here.high)
    states = np.where(here.too_early[:, None], here.low[:, None], states)
    found = Boundary.of(states, here.break_even, rays)
    return found, on_one_side(rays, states, here.high, rule.num_points, rule.num_slivers)


def _angles(start: BreakEven, back: int, later: Level | None, some: int) -> Trades:
    """Direction across the boundary: from that of break-even, turned as the next exercise's boundary is turned."""
    found = start.angles[:some, back]
    if later is None:
        return found
    turned = later.angles - np.arctan(later.boundary.tilt)
    return found + (turned - start.angles[: turned.shape[0], back - 1])[:some]


def _frames(angles: Trades) -> Frames:
    cosines, sines = np.cos(angles), np.sin(angles)
    return np.stack([cosines, -sines, sines, cosines], axis=1).reshape(-1, 2, 2)
