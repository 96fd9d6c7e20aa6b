"""Value of waiting from any date before an exercise, from what the backward induction left at the exercise."""

import functools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from neuralrates.exposures import compiled
from neuralrates.pricers.gaussian.batched.averages import legendre, local
from neuralrates.pricers.gaussian.batched.induction import Induction
from neuralrates.pricers.gaussian.rule import Rule

TOLERANCE = 1e-10
_REACH = 7.0
_MOST_NODES = 10_000_000
_MOST_PARTS = 64
_NARROWEST = 3e-9


def waiting(
    run: Induction, back: int, step: float, states: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Gaussian average of the value at an exercise, and its slope in the state.

    The values at the exercise are polynomials between its kinks. Where the step is narrow they are read at more nodes, each
    segment cut into equal parts, and each state looks only at the nodes that its Gaussian reaches. Where it is too narrow even
    for that, as between dates without volatility, the polynomials are averaged around each state alone.

    Args:
        run: backward run of one right
        back: the exercise, counted from the last
        step: variance from the date to the exercise
        states: at the date

    Returns:
        Values in units of the numeraire, and their slopes.

    Source: Wang and Xiang (2012), theorem 3.1, for the barycentric weights of the interpolation.
    """
    deviation = float(np.sqrt(step))
    if _is_narrow(run, back, deviation):
        matrix, values = _narrow(run, back, step, states), run.levels[back].values[0]
        return matrix @ values, matrix @ _derivative(run, back, values)
    values, slopes = np.zeros(states.size), np.zeros(states.size)
    for own, part in _segments(run, back, deviation):
        masses = part.weights * (part.finer @ run.levels[back].values[0, own])
        value, slope = averages(part.nodes, masses, deviation, states)
        values += value
        slopes += slope
    return values, slopes


def waiting_bends(
    run: Induction, back: int, step: float, states: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Slope of the value of waiting in the state, and its second derivative: twice the derivative to the step."""
    deviation = float(np.sqrt(step))
    if _is_narrow(run, back, deviation):
        return _narrow_bends(run, back, step, states)
    found = np.zeros((2, states.size))
    for own, part in _segments(run, back, deviation):
        masses = part.weights * (part.finer @ run.levels[back].values[0, own])
        found += bends(part.nodes, masses, deviation, states)
    return found[0], found[1]


def waiting_weights(
    run: Induction,
    back: int,
    step: float,
    states: np.ndarray,
    weights: Float[np.ndarray, "figures states"],
) -> Float[np.ndarray, "figures nodes"]:
    """The adjoint of `waiting`: weights of values at states, given to the values at the nodes of the exercise.

    The density between a state and a node is the same from both sides, so this is an average too.
    """
    deviation = float(np.sqrt(step))
    if _is_narrow(run, back, deviation):
        return np.asarray(weights @ _narrow(run, back, step, states))
    found = np.zeros((weights.shape[0], run.levels[back].values.shape[1]))
    for own, part in _segments(run, back, deviation):
        first, count = _within_reach(states, deviation, part.nodes)
        for figure, weight in zip(found, weights, strict=True):
            value, _ = _averages(states, weight, deviation, part.nodes, first, count)
            figure[own] += (part.weights * value) @ part.finer
    return found


class _Segment(NamedTuple):
    """Nodes between two kinks, fine enough for a step: their weights, and values there from those at the level's own."""

    nodes: np.ndarray
    weights: np.ndarray
    finer: np.ndarray


def _segments(run: Induction, back: int, deviation: float) -> Iterator[tuple[slice, _Segment]]:
    """Segments of a level, each with the places of its own nodes."""
    have = run.rule.num_points
    starts, ends = (side[0] for side in run.levels[back].grid.segments)
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        if end <= start:
            continue
        parts = -(-points_for(2.0 * (end - start) / deviation) // have)
        places, weights, finer = _composite(have, parts)
        half = 0.5 * (end - start)
        nodes = start + half * (places + 1.0)
        yield slice(number * have, (number + 1) * have), _Segment(nodes, half * weights, finer)


def _is_narrow(run: Induction, back: int, deviation: float) -> bool:
    """Whether a step is too narrow for nodes all over the states: then only those around each state are looked at."""
    starts, ends = (side[0] for side in run.levels[back].grid.segments)
    width = float(np.max(ends - starts, initial=0.0))
    have = run.rule.num_points
    return width > _MOST_PARTS * have * deviation or (
        points_for(2.0 * width / deviation) > _MOST_PARTS * have
    )


def _narrow(
    run: Induction, back: int, step: float, states: np.ndarray
) -> Float[np.ndarray, "states nodes"]:
    """Averages over the few deviations around each state of the polynomials through the values at the level's own nodes.

    A deviation below what rounding leaves of the states counts as that.
    """
    grid = run.levels[back].grid
    least = (_NARROWEST * float(np.max(grid.segments.ends - grid.segments.starts))) ** 2
    found: np.ndarray = local(grid, np.array([max(step, least)]), states[None, :])[0]
    return found


def _narrow_bends(
    run: Induction, back: int, step: float, states: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """As `waiting_bends`: averages of derivatives, and the jumps of the first at the kinks."""
    matrix, level = _narrow(run, back, step, states), run.levels[back]
    first = _derivative(run, back, level.values[0])
    bend = matrix @ _derivative(run, back, first)
    ends = _at_ends(run.rule.num_points)
    starts_at, ends_at = (side[0] for side in level.grid.segments)
    for start, end, own in zip(starts_at, ends_at, first.reshape(starts_at.size, -1), strict=True):
        if end > start:
            for place, sign, weights in ((start, 1.0, ends[0]), (end, -1.0, ends[1])):
                density = np.exp(-0.5 * (place - states) ** 2 / step) / np.sqrt(2.0 * np.pi * step)
                bend += sign * float(weights @ own) * density
    return matrix @ first, bend


def _derivative(run: Induction, back: int, values: np.ndarray) -> np.ndarray:
    """Derivatives to the state at the nodes of a level, of the polynomials through values there."""
    starts, ends = (side[0] for side in run.levels[back].grid.segments)
    half = 0.5 * (ends - starts)[:, None]
    slopes = values.reshape(starts.size, -1) @ _differences(run.rule.num_points).T
    return np.divide(slopes, half, out=np.zeros_like(slopes), where=half > 0.0).ravel()


@functools.cache
def _barycentric(num_points: int) -> tuple[np.ndarray, np.ndarray]:
    """Gauss-Legendre nodes, and their weights in the barycentric formula."""
    points, widths = legendre(num_points)
    signs = np.where(np.arange(num_points) % 2, -1.0, 1.0)
    return points, signs * np.sqrt((1.0 - points**2) * widths)


@functools.cache
def _differences(num_points: int) -> np.ndarray:
    """Derivatives at Gauss-Legendre nodes on [-1, 1] from values there."""
    points, weights = _barycentric(num_points)
    apart = points[:, None] - points + np.eye(num_points)
    found = weights / weights[:, None] / apart
    np.fill_diagonal(found, 0.0)
    np.fill_diagonal(found, -found.sum(axis=1))
    return found


@functools.cache
def _at_ends(num_points: int) -> np.ndarray:
    """Values at -1 and 1 from those at Gauss-Legendre nodes between."""
    points, weights = _barycentric(num_points)
    shares = weights / (np.array([[-1.0], [1.0]]) - points)
    found: np.ndarray = shares / shares.sum(axis=1, keepdims=True)
    return found


def points_for(width: float) -> int:
    """Nodes that averages over a state space so many standard deviations wide need on each side of its boundary."""
    return _points(float(2.0 ** (np.ceil(4.0 * np.log2(max(width, 1.0))) / 4.0)))


@functools.cache
def _points(width: float) -> int:
    points = Rule.resolving(TOLERANCE, width, 1, _MOST_NODES).num_points
    assert points is not None
    return points


@functools.lru_cache(256)
def _composite(have: int, parts: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Nodes and weights on [-1, 1] cut into parts, and the values there from those at the nodes of the whole."""
    points, widths = legendre(have)
    if parts == 1:
        return points, widths, np.eye(have)
    middles = (2.0 * np.arange(parts) + 1.0) / parts - 1.0
    places = (middles[:, None] + points / parts).ravel()
    distances = places[:, None] - points
    distances[distances == 0.0] = 1e-300
    shares = _barycentric(have)[1] / distances
    finer: np.ndarray = shares / shares.sum(axis=1, keepdims=True)
    return places, np.tile(widths / parts, parts), finer


def averages(
    nodes: np.ndarray, masses: np.ndarray, deviation: float, states: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Sums of masses times the density around each state, and their slopes."""
    return _averages(nodes, masses, deviation, states, *_within_reach(nodes, deviation, states))


def _averages(
    nodes: np.ndarray,
    masses: np.ndarray,
    deviation: float,
    states: np.ndarray,
    first: np.ndarray,
    count: int,
) -> tuple[np.ndarray, np.ndarray]:
    if count == 0:
        return np.zeros(states.size), np.zeros(states.size)
    masses = masses / (np.sqrt(2.0 * np.pi) * deviation)
    if compiled.KERNEL is not None:
        values, slopes = np.empty(states.size), np.empty(states.size)
        sizes = nodes.size, states.size, count
        compiled.KERNEL.average(sizes, deviation, nodes, masses, states, first, values, slopes)
        return values, slopes / deviation
    near = first[:, None] + np.arange(count)
    distances = (nodes[near] - states[:, None]) / deviation
    density = distances * distances
    density *= -0.5
    density = np.exp(density, out=density)
    density *= masses[near]
    return density.sum(axis=1), np.einsum("ij,ij->i", density, distances) / deviation


def bends(
    nodes: np.ndarray, masses: np.ndarray, deviation: float, states: np.ndarray
) -> Float[np.ndarray, "2 states"]:
    """Slopes of `averages` in the state, and their slopes."""
    first, count = _within_reach(nodes, deviation, states)
    if count == 0:
        return np.zeros((2, states.size))
    masses = masses / (np.sqrt(2.0 * np.pi) * deviation)
    if compiled.KERNEL is not None:
        found = np.empty((states.size, 3))
        sizes = nodes.size, states.size, count
        compiled.KERNEL.bend(sizes, deviation, nodes, masses, states, first, found)
        return np.stack([found[:, 1] / deviation, found[:, 2] / deviation**2])
    near = first[:, None] + np.arange(count)
    distances = (nodes[near] - states[:, None]) / deviation
    density = np.exp(-0.5 * distances * distances) * masses[near]
    slope = np.einsum("ij,ij->i", density, distances) / deviation
    bend = np.einsum("ij,ij->i", density, distances * distances - 1.0) / deviation**2
    return np.stack([slope, bend])


def _within_reach(
    nodes: np.ndarray, deviation: float, states: np.ndarray
) -> tuple[np.ndarray, int]:
    """The first node that each state's Gaussian reaches, and how many nodes any of them reaches."""
    reach = _REACH * deviation
    first = np.searchsorted(nodes, states - reach)
    count = int(np.max(np.searchsorted(nodes, states + reach) - first, initial=0))
    return np.minimum(first, nodes.size - count), count
