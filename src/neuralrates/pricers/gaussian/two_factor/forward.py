"""From today forward over what a backward induction kept: derivatives of values, and probabilities of exercise."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from neuralrates.pricers.gaussian.two_factor.induction import Induction, Level
from neuralrates.pricers.gaussian.two_factor.nodes import Own, SharedValues
from neuralrates.pricers.gaussian.two_factor.plane import Matrices, Plane

Matrix = Float[np.ndarray, "trades 2 2"]
Masses = tuple[SharedValues, Own]


class Adjoint(NamedTuple):
    """Derivatives of the values of the rights, per trade, in the trade's own order of exercises.

    Args:
        present_values: to what each flow received on exercise is worth today
        loadings: to the loadings
        covariances: to the covariances at the exercise times; symmetric
    """

    present_values: Float[np.ndarray, "trades exercises flows"]
    loadings: Float[np.ndarray, "trades flows 2"]
    covariances: Matrices


def adjoint(run: Induction) -> Adjoint:
    """Derivatives of the values, by carrying the masses that each node has in the price forward from today.

    Waiting less exercise vanishes where the nodes begin, so nodes and coordinates count as fixed. A normal average moves with
    its covariance as half of its own second derivatives.
    """
    plane = run.plane
    flows = np.zeros_like(plane.present_values)
    loadings = np.zeros((flows.shape[0], flows.shape[2], 2))
    covariances, steps = np.zeros_like(plane.roots), np.zeros_like(plane.roots)
    masses: Masses | None = None
    for back in range(len(run.levels) - 1, -1, -1):
        level, begun = run.levels[back], beginning(plane, back)
        first = _today(level, begun)
        flows[begun, back] += 1.0
        steps[begun, back] += _first_curvature(level, begun, plane.inverses[begun, back])
        mine = first if masses is None else joined(masses, first)
        some = level.angles.shape[0]
        taken, moved = _moments(plane, level, mine, back)
        flows[:some, back] -= taken
        if back:
            flows[:some, back - 1] += taken
        roots, brackets = plane.roots[:some, back], plane.brackets[:some, back, :, None]
        per_flow = (moved + plane.loadings[:some, back] * taken[..., None]) * brackets
        loadings[:some] += per_flow @ np.swapaxes(roots, 1, 2)
        own = plane.loadings[:some, back]
        grown = np.swapaxes(own, 1, 2) @ (own * (0.5 * taken[..., None] * brackets))
        covariances[:some, back] = _to_state(grown, plane.inverses[:some, back])
        masses = None
        if level.transition is not None:
            curved = _curvature(level, mine)
            steps[:some, back - 1] = _to_state(curved, plane.inverses[:some, back])
            masses = _carried(run.levels[back - 1], level, mine)
    covariances += steps
    covariances[:, 1:] -= steps[:, :-1]
    return _in_own_order(plane, flows, loadings, covariances)


def beginning(plane: Plane, back: int) -> slice:
    """Trades whose first exercise is that one."""
    return slice(plane.having(back + 1), plane.having(back))


def joined(masses: Masses, more: tuple[np.ndarray, np.ndarray]) -> Masses:
    """Masses of some trades, then those of others."""
    return np.concatenate([masses[0], more[0]]), np.concatenate([masses[1], more[1]])


def _today(level: Level, trades: slice) -> Masses:
    """Masses of the nodes of a first exercise, seen from today."""
    nodes, weights = level.nodes, level.nodes.lines.weights
    density = normal_density(nodes.shared[trades]) * nodes.shared_weights[trades]
    own = normal_density(nodes.own[trades]) * nodes.own_weights[trades] * weights[nodes.line]
    return density[:, None, :] * weights[:, None], own


def normal_density(states: np.ndarray) -> np.ndarray:
    """Density of a standard normal."""
    found: np.ndarray = np.exp(-0.5 * states * states) / np.sqrt(2.0 * np.pi)
    return found


def _first_curvature(level: Level, trades: slice, inverses: Matrix) -> Matrix:
    """Derivative to the covariance at a first exercise: the expansion has the moments."""
    columns, expanded = level.nodes.columns[trades], level.expanded[trades]
    density = normal_density(columns)
    along = np.sum(density * (columns**2 - 1.0) * expanded[:, 0], axis=1)
    nothing = np.zeros_like(along)
    count = expanded.shape[1]
    mixed = np.sum(density * columns * expanded[:, 1], axis=1) if count > 1 else nothing
    across = np.sqrt(2.0) * np.sum(density * expanded[:, 2], axis=1) if count > 2 else nothing
    frames = level.frames[trades]
    inner = 0.5 * np.stack([along, mixed, mixed, across], axis=1).reshape(-1, 2, 2)
    return _to_state(frames @ inner @ np.swapaxes(frames, 1, 2), inverses)


def _to_state(plane: Matrix, inverses: Matrix) -> Matrix:
    """A quadratic form of z as one of the state x."""
    return np.swapaxes(inverses, 1, 2) @ plane @ inverses


def _moments(
    plane: Plane, level: Level, masses: Masses, back: int
) -> tuple[Float[np.ndarray, "trades flows"], Float[np.ndarray, "trades flows 2"]]:
    """Masses times the worth of a unit of each flow, and these times the state z."""
    some, nodes = level.angles.shape[0], level.nodes
    decay, (shared, own) = plane.decay[:some, back], masses
    loadings = plane.loadings[:some, back] @ level.frames
    along, across = loadings[:, :, 0], loadings[:, :, 1]
    first = np.exp(-along[:, :, None] * nodes.shared[:, None, :]) * decay[:, :, None]
    second = np.exp(-across[:, :, None] * nodes.lines.nodes)
    by_line = first @ np.swapaxes(shared, 1, 2) * second
    moved = (first * nodes.shared[:, None, :]) @ np.swapaxes(shared, 1, 2) * second
    worth = np.exp(-along[:, :, None] * nodes.own[:, None, :] - across[:, :, None] * nodes.across)
    worth *= own[:, None, :] * decay[:, :, None]
    taken = by_line.sum(axis=2) + worth.sum(axis=2)
    u = moved.sum(axis=2) + np.sum(worth * nodes.own[:, None, :], axis=2)
    v = by_line @ nodes.lines.nodes + worth @ nodes.across[0]
    return taken, np.stack([u, v], axis=2) @ np.swapaxes(level.frames, 1, 2)


def _curvature(level: Level, masses: Masses) -> Matrix:
    """Derivative of the masses' averages to the covariance of the step, as a quadratic form of z."""
    transition, coefficients = level.transition, level.coefficients
    assert transition is not None
    assert coefficients is not None
    shared_rows, own_rows = level.rows
    shared = shared_rows.curvature(masses[0], coefficients)
    own = own_rows.curvature(masses[1], coefficients)
    along, mixed, across = (one + two for one, two in zip(shared, own, strict=True))
    both = np.stack([transition.mean, transition.slope], axis=1)
    inner = 0.5 * np.stack([along, mixed, mixed, across], axis=1).reshape(-1, 2, 2)
    both = both @ np.swapaxes(level.frames, 1, 2)
    return np.swapaxes(both, 1, 2) @ inner @ both


def _carried(later: Level, level: Level, masses: Masses) -> Masses:
    """Masses of the next exercise's nodes."""
    assert level.transition is not None
    shared_rows, own_rows = level.rows
    both = shared_rows.masses(masses[0]) + own_rows.masses(masses[1])
    expanded = level.transition.transposed(both)
    return later.nodes.of(expanded.shape[0]).collected(expanded)


def _in_own_order(
    plane: Plane, flows: np.ndarray, loadings: np.ndarray, covariances: np.ndarray
) -> Adjoint:
    """Exercises counted from the first, and zero beyond each trade's own."""
    who, places = np.arange(flows.shape[0])[:, None], plane.places
    real = np.arange(places.shape[1]) < plane.counts[:, None]
    who = np.broadcast_to(who, places.shape)[real]
    ordered, grown = np.zeros_like(flows), np.zeros_like(covariances)
    ordered[who, places[real]] = flows[real]
    grown[who, places[real]] = covariances[real]
    return Adjoint(ordered, loadings, grown)
