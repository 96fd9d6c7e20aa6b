"""Backward induction of many trades at once; what it keeps, `forward` runs over from today."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from neuralrates.pricers.gaussian.batched.averages import (
    Grid,
    Matrix,
    Nodes,
    Segments,
    kernel,
    local,
)
from neuralrates.pricers.gaussian.batched.portfolio import (
    Portfolio,
    States,
    Trades,
    Waiting,
    bisected,
    root,
    roots,
)
from neuralrates.pricers.gaussian.batched.state_space import Here, Rights, StateSpace
from neuralrates.pricers.gaussian.rule import Rule

Exercises = Float[np.ndarray, "trades exercises"]
Boundaries = Float[np.ndarray, "trades boundaries"]


class Level(NamedTuple):
    """What one exercise leaves behind; those of the trades that have it, which come first.

    Nodes where waiting is worth more stand before those where exercise is; at the last exercise, where waiting is worth
    nothing, there are none of them.

    Args:
        kinks: states in which exercise equals waiting, in increasing order
        grid: nodes of the state
        num_held: how many of the nodes are of waiting
        values: at the nodes, in units of the numeraire
        growth: worth of a unit of every flow at the nodes of exercise; None where no derivatives are wanted
        averages: from values at the next exercise to waiting at its nodes; none at the last, or where not kept
        slopes: derivatives of the values to the state; None as `growth`
        drift: derivative of waiting to the step of variance up to the next exercise; none at the last, None as `growth`
    """

    kinks: Boundaries
    grid: Grid
    num_held: int
    values: Nodes
    growth: Float[np.ndarray, "trades nodes flows"] | None
    averages: Matrix | None
    slopes: Nodes | None
    drift: Nodes | None

    @property
    def held(self) -> tuple[slice, slice]:
        """Where, of something at every node, waiting is worth more."""
        return slice(None), slice(self.num_held)

    @property
    def taken(self) -> tuple[slice, slice]:
        """Where, of something at every node, exercise is worth more."""
        return slice(None), slice(self.num_held, None)


class Induction(NamedTuple):
    """One backward run: levels from the last exercise to the first, each trade's own last standing first.

    Args:
        rule: it followed
        space: where it ran
        levels: one for each exercise, counted from the last
        first: averages of the first exercise's values, seen from today, by trade
        values: of the rights, per unit notional
    """

    rule: Rule
    space: StateSpace
    levels: list[Level]
    first: list[tuple[slice, Nodes]]
    values: Trades

    def averages(self, back: int) -> Matrix | None:
        """Averages of one level: those kept, or computed again; none at the last exercise."""
        level = self.levels[back]
        if back == 0 or level.averages is not None:
            return level.averages
        here = self.space.at(back)
        later = self.levels[back - 1].grid.of(slice(here.trades))
        return _averages(self.rule, later, here.step, level.grid.nodes[level.held])


def induce(
    rule: Rule,
    rights: Rights,
    *,
    with_adjoint: bool,
    keep: bool,
    finer: Induction | None = None,
) -> Induction:
    """Run backward through the exercise times.

    Args:
        rule: nodes to a segment, boundaries, and which averages, settled
        rights: of all trades, those with most exercises first
        with_adjoint: whether `adjoint` will be asked for
        keep: whether averages stay in memory, for what runs forward; they are computed again there where not
        finer: run of the same rights whose boundaries are taken; what they miss of one's own changes values by its square

    Returns:
        The run and the values.
    """
    space = StateSpace.of(rights, rule.half_width)
    levels: list[Level] = []
    for back in range(space.most):
        kinks = None if finer is None else finer.levels[back].kinks
        level = _step_back(rule, space, back, levels[-1] if levels else None, with_adjoint, kinks)
        levels.append(level if keep else level._replace(averages=None))
    first, values = [], np.zeros(rights.counts.shape[0])
    for back, level in enumerate(levels):
        ends = space.ending(back)
        grid = level.grid.of(ends)
        origin = np.zeros((grid.nodes.shape[0], 1))
        masses = kernel(grid, space.steps[ends, 0], origin)[:, 0, :]
        first.append((ends, masses))
        values[ends] = np.sum(masses * level.values[ends], axis=1)
    return Induction(rule, space, levels, first, values)


def _step_back(
    rule: Rule,
    space: StateSpace,
    back: int,
    later: Level | None,
    with_adjoint: bool,
    kinks: Boundaries | None,
) -> Level:
    """The level of the exercise that stands so many before each trade's last; kinks are looked for where they are None."""
    here = space.at(back)
    portfolio = Portfolio.of(
        here.present_values, space.rights.loadings[: here.trades], here.variances
    )
    waiting = None if later is None else _waiting(rule, later, here.step)
    if kinks is None:
        kinks = _kinks(rule, portfolio, waiting, None if later is None else later.kinks, here)
    kinks = np.clip(kinks, here.low[:, None], here.high[:, None])
    grid, num_held = _grid(rule, portfolio, waiting, kinks, here)
    growth = portfolio.growth(grid.nodes[:, num_held:])
    exercise = np.maximum((growth @ portfolio.amounts[:, :, None])[:, :, 0], 0.0)
    level = Level(kinks, grid, num_held, exercise, growth, None, None, None)
    if later is not None:
        averages = _averages(
            rule, later.grid.of(slice(here.trades)), here.step, grid.nodes[level.held]
        )
        held = (averages @ later.values[: here.trades, :, None])[:, :, 0]
        values = np.concatenate([held, exercise], axis=1)
        level = level._replace(values=values, averages=averages)
    if with_adjoint:
        return _with_derivatives(level, portfolio, later, here)
    return level._replace(growth=None)


def _grid(
    rule: Rule,
    portfolio: Portfolio,
    waiting: Waiting | None,
    kinks: Boundaries,
    here: Here,
) -> tuple[Grid, int]:
    """Nodes of the segments between the kinks, those of waiting first, and how many they are."""
    edges = np.concatenate([here.low[:, None], kinks, here.high[:, None]], axis=1)
    ratio, _ = portfolio.log_ratio(0.5 * (edges[:, :-1] + edges[:, 1:]), waiting)
    wide = ~(edges[:, 1:] <= edges[:, :-1])
    worthless = (ratio <= 0.0) | here.too_early[:, None]
    taken = Segments.chosen(edges, wide & ~worthless)
    if waiting is None:
        return Grid.over(taken, rule.num_points), 0
    held = Segments.chosen(edges, wide & worthless)
    both = Segments(*(np.concatenate(sides, axis=1) for sides in zip(held, taken, strict=True)))
    return Grid.over(both, rule.num_points), held.starts.shape[1] * rule.num_points


def _with_derivatives(level: Level, portfolio: Portfolio, later: Level | None, here: Here) -> Level:
    """A level with what the adjoint needs.

    A Gaussian average moves with its mean as the average of the slopes, and with its variance $s$ as the average of slope times
    distance over $2 s$: no kernel is differentiated.
    """
    assert level.growth is not None
    weights = (portfolio.amounts * portfolio.loadings)[:, :, None]
    slopes, drift = -(level.growth @ weights)[:, :, 0], None
    if later is not None and level.averages is not None and later.slopes is not None:
        next_slopes, nodes = later.slopes[: here.trades], later.grid.nodes[: here.trades]
        pair = level.averages @ np.stack([next_slopes, nodes * next_slopes], axis=2)
        held, moved = pair[:, :, 0], pair[:, :, 1]
        drift = (moved - level.grid.nodes[level.held] * held) / (2.0 * here.step[:, None])
        slopes = np.concatenate([held, slopes], axis=1)
    return level._replace(slopes=slopes, drift=drift)


def _averages(rule: Rule, grid: Grid, step: Trades, states: States) -> Matrix:
    return (local if rule.local else kernel)(grid, step, states)


def _waiting(rule: Rule, later: Level, step: Trades) -> Waiting:
    """Value of waiting and its slope in the state, from the values at the next exercise."""
    count = step.shape[0]
    grid, values = later.grid.of(slice(count)), later.values[:count]
    half, across = -0.5 / step[:, None, None], grid.nodes[:, None, :]
    masses = grid.weights * values / np.sqrt(2.0 * np.pi * step)[:, None]
    moments = np.stack([masses, masses * grid.nodes], axis=2)

    def by_kernel(states: States) -> tuple[States, States]:
        density = across - states[:, :, None]
        density *= density
        density *= half
        found = np.exp(density, out=density) @ moments
        value, moved = found[:, :, 0], found[:, :, 1]
        return value, (moved - states * value) / step[:, None]

    def by_polynomials(states: States) -> tuple[States, States]:
        # The node is a polynomial of degree one, so its product with the values is averaged alike.
        matrix = local(grid, step, states)
        value = (matrix @ values[:, :, None])[:, :, 0]
        moved = (matrix @ (grid.nodes * values)[:, :, None])[:, :, 0]
        return value, (moved - states * value) / step[:, None]

    return by_polynomials if rule.local else by_kernel


def _kinks(
    rule: Rule,
    portfolio: Portfolio,
    waiting: Waiting | None,
    later: Float[np.ndarray, "more boundaries"] | None,
    here: Here,
) -> Boundaries:
    """States in which exercise equals waiting, from those of the next exercise, which stay where this one is too early.

    Where Newton's method does not settle from there it starts from break-even: waiting is worth more there, and from that side
    the log-ratio bends so that steps never overshoot.
    """
    middle = 0.5 * (here.low + here.high)
    start = np.repeat(middle[:, None], rule.num_boundaries, axis=1)
    if later is not None:
        start = np.clip(later[: here.trades], here.low[:, None], here.high[:, None])
    if rule.num_boundaries == 1:
        found = _kink(portfolio, waiting, start[:, 0], here)[:, None]
    else:
        found = roots(portfolio, waiting, here.low, here.high, rule.num_boundaries)
    return np.where(here.too_early[:, None], start, found)


def _kink(portfolio: Portfolio, waiting: Waiting | None, start: Trades, here: Here) -> Trades:
    """The one state in which exercise equals waiting."""
    low, high = here.low, here.high
    found, settled = _settled(portfolio, waiting, start, here)
    if not settled.all():
        even, _ = root(portfolio, None, 0.5 * (low + high), low, high)
        again, also = _settled(portfolio, waiting, even, here)
        found, settled = np.where(settled, found, again), settled | also
    if not settled.all():
        known = _known_root(portfolio, waiting, here)
        left, right = np.where(known, here.known_low, low), np.where(known, here.known_high, high)
        found = np.where(settled, found, bisected(portfolio, waiting, left, right))
    return found


def _settled(
    portfolio: Portfolio, waiting: Waiting | None, start: Trades, here: Here
) -> tuple[Trades, Bool[np.ndarray, "trades"]]:
    """Newton's method; whether it settled, and not on a state beyond what is known while there is one within."""
    found, settled = root(portfolio, waiting, start, here.low, here.high)
    within = (found > here.known_low) & (found < here.known_high)
    if not within.all():
        settled = settled & (within | ~_known_root(portfolio, waiting, here))
    return found, settled


def _known_root(
    portfolio: Portfolio, waiting: Waiting | None, here: Here
) -> Bool[np.ndarray, "trades"]:
    """Whether waiting is known between some states, and exercise equals it at one of them."""
    ends = np.stack([here.known_low, here.known_high], axis=1)
    above = portfolio.log_ratio(ends, waiting)[0] > 0.0
    return (here.known_low < here.known_high) & (above[:, 0] != above[:, 1])
