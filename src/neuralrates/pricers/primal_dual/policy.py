"""A rule of exercise and a martingale from some paths, and the bounds that they give on others."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from neuralrates.pricers.primal_dual.increments import (
    Advantage,
    Design,
    Scaling,
    advantage_of,
    design,
    least_squares,
)
from neuralrates.pricers.primal_dual.right import Interval, Paths, Step


class _StepRule(NamedTuple):
    """Value at a step: functions of the state, and of the normals that move it."""

    scaling: Scaling
    advantage: Advantage
    state: Float[np.ndarray, "functions"]
    increments: Float[np.ndarray, "increments"]


Policy = tuple[tuple[_StepRule, ...], ...]
"""Rules by interval and step."""


class PathBounds(NamedTuple):
    """What paths say of a Bermudan's value, per path and unit notional.

    Args:
        lower: what the rule receives less the martingale
        upper: the most that exercise at any date receives less the martingale
    """

    lower: Paths
    upper: Paths


def fit(intervals: Sequence[Interval]) -> tuple[Policy, PathBounds]:
    """Rules by regression, backwards over all steps, and bounds on the same paths: they have seen what they are judged by.

    The value at the end of a step is regressed on functions of the state at its start and of the normals between. What
    belongs to the normals is the martingale's increment, exactly, since those functions have no mean given the state.

    Source: Longstaff and Schwartz (2001); Belomestny, Bender and Schoenmakers (2009).
    """
    rules, moves = [], []
    waiting = np.zeros_like(intervals[-1].exercise_values)
    continuations: list[Paths] = []
    for interval in reversed(intervals):
        waiting = interval.next_unit * waiting
        continuations.insert(0, waiting)
        rule, gains, waiting = _fit_interval(interval, waiting)
        rules.insert(0, rule)
        moves.insert(0, interval.unit * gains)
    return tuple(rules), _bounds(intervals, continuations, moves)


def _fit_interval(interval: Interval, waiting: Paths) -> tuple[tuple[_StepRule, ...], Paths, Paths]:
    """Rules of an interval, what its martingale gains, and the value at its start."""
    advantage = interval.exercise_values - waiting
    value = np.maximum(advantage, 0.0) + waiting
    rules: list[_StepRule] = []
    gains = np.zeros_like(value)
    for left, step in enumerate(reversed(interval.steps), start=1):
        scaling = Scaling.of(step.features)
        known = advantage_of(step, scaling, advantage)
        functions = design(step, scaling, known, left)
        count = functions.state.shape[0]
        columns = np.concatenate([functions.state, functions.increments])
        found = least_squares(columns, value)
        rules.insert(0, _StepRule(scaling, known, found[:count], found[count:]))
        gains += found[count:] @ functions.increments
        value, advantage = found[:count] @ functions.state, functions.advantage
    return tuple(rules), gains, value


def judge(policy: Policy, intervals: Sequence[Interval]) -> PathBounds:
    """Bounds on fresh paths: their means lie on either side of the value, whatever the regression was like.

    Source: Andersen and Broadie (2004); Rogers (2002), for the upper bound.
    """
    continuations: list[Paths] = []
    moves: list[Paths] = []
    for interval, rules in zip(intervals, policy, strict=True):
        gains = np.zeros_like(interval.exercise_values)
        for number, (step, rule) in enumerate(zip(interval.steps, rules, strict=True)):
            functions = _designed(step, rule, len(rules) - number)
            if number == 0:
                continuations.append(rule.state @ functions.state)
            gains += rule.increments @ functions.increments
        moves.append(interval.unit * gains)
    later = [*continuations[1:], np.zeros_like(continuations[0])]
    waiting = [part.next_unit * value for part, value in zip(intervals, later, strict=True)]
    return _bounds(intervals, waiting, moves)


def _designed(step: Step, rule: _StepRule, left: int) -> Design:
    return design(step, rule.scaling, rule.advantage, left)


def _bounds(
    intervals: Sequence[Interval], waiting: Sequence[Paths], moves: Sequence[Paths]
) -> PathBounds:
    """Bounds per path, given the value of waiting at each exercise and what the martingale moves by up to it."""
    martingale = np.zeros_like(moves[0])
    alive = np.ones(martingale.shape, dtype=bool)
    lower, upper = np.zeros_like(martingale), np.full_like(martingale, -np.inf)
    for interval, continuation, move in zip(intervals, waiting, moves, strict=True):
        martingale = martingale + move
        received = interval.unit * interval.exercise_values - martingale
        stop = alive & (interval.exercise_values > np.maximum(continuation, 0.0))
        lower = np.where(stop, received, lower)
        alive &= ~stop
        upper = np.maximum(upper, received)
    return PathBounds(np.where(alive, -martingale, lower), np.maximum(upper, -martingale))
