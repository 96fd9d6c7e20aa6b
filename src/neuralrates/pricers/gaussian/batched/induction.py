"""Backward induction of many trades at once; what it keeps, `forward` runs over from today."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from neuralrates.pricers.gaussian.backward_induction import BackwardInduction
from neuralrates.pricers.gaussian.batched.averages import (
    Grid,
    Matrix,
    Nodes,
    kernel,
    local,
)
from neuralrates.pricers.gaussian.batched.portfolio import (
    Portfolio,
    States,
    Trades,
    Waiting,
    root,
    roots,
)
from neuralrates.pricers.gaussian.batched.state_space import Here, Rights, StateSpace

Exercises = Float[np.ndarray, "trades exercises"]


class Level(NamedTuple):
    """What one exercise leaves behind; those of the trades that have it, which come first.

    Args:
        grid: nodes of the state
        values: at the nodes, in units of the numeraire
        exercised: one where exercise is worth more, else zero
        growth: worth at the nodes of a unit of every flow; None where no derivatives are wanted
        averages: from values at the next exercise to waiting at this one's nodes; none at the last, or where not kept
        slopes: derivatives of the values to the state; None as `growth`
        drift: derivative of waiting to the step of variance up to the next exercise; none at the last, None as `growth`
    """

    grid: Grid
    values: Nodes
    exercised: Nodes
    growth: Float[np.ndarray, "trades nodes flows"] | None
    averages: Matrix | None
    slopes: Nodes | None
    drift: Nodes | None


class Induction(NamedTuple):
    """One backward run: levels from the last exercise to the first, each trade's own last standing first.

    Args:
        rule: it followed
        space: where it ran
        levels: one for each exercise, counted from the last
        first: averages of the first exercise's values, seen from today, by trade
        values: of the rights, per unit notional
    """

    rule: BackwardInduction
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
        later = self.levels[back - 1].grid.first(here.trades)
        return _averages(self.rule, later, here.step, level.grid.nodes)


def induce(rule: BackwardInduction, rights: Rights, *, with_adjoint: bool, keep: bool) -> Induction:
    """Run backward through the exercise times.

    Args:
        rule: nodes to a segment, boundaries, and which averages, settled
        rights: of all trades, those with most exercises first
        with_adjoint: whether `adjoint` will be asked for
        keep: whether averages stay in memory, for what runs forward; they are computed again there where not

    Returns:
        The run and the values.
    """
    space = StateSpace.of(rights, rule.half_width())
    levels: list[Level] = []
    for back in range(space.most):
        level = _step_back(rule, space, back, levels[-1] if levels else None, with_adjoint)
        levels.append(level if keep else level._replace(averages=None))
    first, values = [], np.zeros(rights.counts.shape[0])
    for back, level in enumerate(levels):
        ends = space.ending(back)
        grid = Grid(*(part[ends] for part in level.grid))
        origin = np.zeros((grid.nodes.shape[0], 1))
        masses = kernel(grid, space.steps[ends, 0], origin)[:, 0, :]
        first.append((ends, masses))
        values[ends] = np.sum(masses * level.values[ends], axis=1)
    return Induction(rule, space, levels, first, values)


def _step_back(
    rule: BackwardInduction,
    space: StateSpace,
    back: int,
    later: Level | None,
    with_adjoint: bool,
) -> Level:
    """The level of the exercise that stands so many before each trade's last."""
    here = space.at(back)
    portfolio = Portfolio.of(
        here.present_values, space.rights.loadings[: here.trades], here.variances
    )
    waiting = None if later is None else _waiting(rule, later, here.step)
    if later is None or waiting is None:
        middle = np.repeat(0.5 * (here.low + here.high)[:, None], rule.num_boundaries or 1, axis=1)
        kinks = _kinks(rule, portfolio, None, middle, here)
    else:
        kept = np.clip(later.grid.edges[: here.trades, 1:-1], here.low[:, None], here.high[:, None])
        kinks = _kinks(rule, portfolio, waiting, kept, here)
        kinks = np.where(here.too_early[:, None], kept, kinks)
    edges = np.concatenate([here.low[:, None], kinks, here.high[:, None]], axis=1)
    assert rule.num_points is not None
    grid = Grid.between(edges, rule.num_points)
    growth = portfolio.growth(grid.nodes)
    exercise = (growth @ portfolio.amounts[:, :, None])[:, :, 0]
    averages, held = None, np.zeros_like(exercise)
    if later is not None:
        averages = _averages(rule, later.grid.first(here.trades), here.step, grid.nodes)
        held = (averages @ later.values[: here.trades, :, None])[:, :, 0]
    exercised = ((exercise > held) & ~here.too_early[:, None]).astype(float)
    level = Level(grid, np.maximum(exercise, held), exercised, None, averages, None, None)
    return _with_derivatives(level, portfolio, growth, later, here) if with_adjoint else level


def _with_derivatives(
    level: Level,
    portfolio: Portfolio,
    growth: Float[np.ndarray, "trades nodes flows"],
    later: Level | None,
    here: Here,
) -> Level:
    """A level with what the adjoint needs.

    A Gaussian average moves with its mean as the average of the slopes, and with its variance $s$ as the average of slope times
    distance over $2 s$: no kernel is differentiated.
    """
    slopes = -(growth @ (portfolio.amounts * portfolio.loadings)[:, :, None])[:, :, 0]
    drift = None
    if later is not None and level.averages is not None and later.slopes is not None:
        next_slopes, nodes = later.slopes[: here.trades], later.grid.nodes[: here.trades]
        pair = level.averages @ np.stack([next_slopes, nodes * next_slopes], axis=2)
        held, moved = pair[:, :, 0], pair[:, :, 1]
        drift = (moved - level.grid.nodes * held) / (2.0 * here.step[:, None])
        slopes = np.where(level.exercised > 0.0, slopes, held)
    else:
        slopes = slopes * level.exercised
    return level._replace(growth=growth, slopes=slopes, drift=drift)


def _averages(rule: BackwardInduction, grid: Grid, step: Trades, states: States) -> Matrix:
    return (local if rule.local else kernel)(grid, step, states)


def _waiting(rule: BackwardInduction, later: Level, step: Trades) -> Waiting:
    """Value of waiting and its slope in the state, from the values at the next exercise."""
    count = step.shape[0]
    grid, values = later.grid.first(count), later.values[:count]
    half, across = 0.5 / step[:, None, None], grid.nodes[:, None, :]
    masses = grid.weights * values / np.sqrt(2.0 * np.pi * step)[:, None]

    def by_kernel(states: States) -> tuple[States, States]:
        offset = across - states[:, :, None]
        density = np.exp(-half * offset**2)
        slope = ((density * offset) @ masses[:, :, None])[:, :, 0] / step[:, None]
        return (density @ masses[:, :, None])[:, :, 0], slope

    def by_polynomials(states: States) -> tuple[States, States]:
        # The node is a polynomial of degree one, so its product with the values is averaged alike.
        matrix = local(grid, step, states)
        value = (matrix @ values[:, :, None])[:, :, 0]
        moved = (matrix @ (grid.nodes * values)[:, :, None])[:, :, 0]
        return value, (moved - states * value) / step[:, None]

    return by_polynomials if rule.local else by_kernel


def _kinks(
    rule: BackwardInduction,
    portfolio: Portfolio,
    waiting: Waiting | None,
    start: Float[np.ndarray, "trades boundaries"],
    here: Here,
) -> Float[np.ndarray, "trades boundaries"]:
    """States in which exercise equals waiting, from those of the next exercise.

    Where Newton's method does not settle from there it starts from break-even: waiting is worth more there, and from that side
    the log-ratio bends so that steps never overshoot.
    """
    count = rule.num_boundaries
    if count != 1:
        assert count is not None
        return roots(portfolio, waiting, here.low, here.high, count)
    found, settled = root(portfolio, waiting, start[:, 0], here.low, here.high)
    if not settled.all():
        middle = 0.5 * (here.low + here.high)
        even, _ = root(portfolio, None, middle, here.low, here.high)
        again, _ = root(portfolio, waiting, even, here.low, here.high)
        found = np.where(settled, found, again)
    return found[:, None]
