"""Risk-neutral probabilities of exercise, from a backward induction."""

import numpy as np
from jaxtyping import Float

from neuralrates.pricers.gaussian.two_factor.forward import (
    Masses,
    beginning,
    joined,
    normal_density,
)
from neuralrates.pricers.gaussian.two_factor.induction import Induction, Level
from neuralrates.pricers.gaussian.two_factor.plane import Exercises

Pair = Float[np.ndarray, "trades 2"]


def probabilities(run: Induction, drifts: Float[np.ndarray, "trades exercises 2"]) -> Exercises:
    """Risk-neutral probability of exercise at each time, in the trade's own order.

    In the bank-account measure the state drifts by what is given, so the masses of paths not yet exercised are carried forward
    with means that have moved.

    Args:
        run: backward induction, which knows where exercise is worth more
        drifts: $-\\int dZ (H - H(T_n))$ up to each exercise since the one before

    Returns:
        Probabilities; they sum to one less the probability that the right is never exercised.

    Source: Andersen and Piterbarg (2010), volume II, section 12.1, for the change of measure.
    """
    plane = run.plane
    found = np.zeros(plane.places.shape)
    who = np.arange(plane.counts.shape[0])
    waiting: np.ndarray | None = None
    masses: Masses | None = None
    for back in range(len(run.levels) - 1, -1, -1):
        level, begun = run.levels[back], beginning(plane, back)
        some = level.angles.shape[0]
        places = plane.places[:some, back]
        pushed = drifts[who[:some], places]
        drift = (plane.inverses[:some, back] @ pushed[:, :, None])[:, :, 0]
        moved = (drift[:, None] @ level.frames)[:, 0]
        first = _today(level, begun, moved[begun])
        before = np.ones(some)
        mine = first
        if masses is not None and waiting is not None:
            before[: waiting.shape[0]] = waiting
            upper = run.levels[back + 1]
            mine = joined(_carried(level, upper, masses, moved[: waiting.shape[0]]), first)
        waiting = mine[0].sum(axis=(1, 2)) + mine[1].sum(axis=1)
        found[who[:some], places] = before - waiting
        masses = mine
    return found


def _today(level: Level, trades: slice, moved: Pair) -> Masses:
    """Masses of a first exercise's nodes, whose coordinates have these means."""
    nodes, rays = level.nodes, level.nodes.lines
    u, v = moved[:, :1], moved[:, 1:]
    # The density of v, moved, over that of the rule: as coefficients, whose sum over degrees is what the projection spans.
    means = np.ones_like(v)
    lifted = [means]
    for k in range(1, rays.degrees):
        lifted.append(lifted[-1] * v / np.sqrt(float(k)))
    across = np.concatenate(lifted, axis=1) @ rays.projection
    shared = normal_density(nodes.shared[trades] - u) * nodes.shared_weights[trades]
    own = normal_density(nodes.own[trades] - u) * nodes.own_weights[trades]
    return across[:, :, None] * shared[:, None, :], own * across[:, nodes.line]


def _carried(later: Level, level: Level, masses: Masses, moved: Pair) -> Masses:
    """Masses of the next exercise's nodes, whose coordinates have moved by so much on average."""
    transition = level.transition
    assert transition is not None
    u, v = moved[:, 0], moved[:, 1]
    shift = u / transition.deviation
    slope = v - transition.regression * u
    shared_rows, own_rows = level.rows
    both = shared_rows.moved(shift, slope).masses(masses[0])
    both = both + own_rows.moved(shift, slope).masses(masses[1])
    expanded = transition.transposed(both)
    return later.nodes.of(expanded.shape[0]).collected(expanded)
