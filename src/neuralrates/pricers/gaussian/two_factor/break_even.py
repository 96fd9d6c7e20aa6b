"""Where in the plane exercise is worth nothing, and which way leads there: what integrations start from."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from neuralrates.pricers.gaussian.two_factor.plane import Exercises, Plane

_TURNS, _STEPS = 2, 3
_FARTHEST = 8.0
_NOTHING = 1e-30

Flows = Float[np.ndarray, "... flows"]


class Falling(NamedTuple):
    """The way in which a bond portfolio loses value, per portfolio.

    Args:
        angles: of the direction, radians
        states: along it, in which the portfolio is worth nothing
        along: loadings of the flows on it
    """

    angles: Float[np.ndarray, "..."]
    states: Float[np.ndarray, "..."]
    along: Flows


class BreakEven(NamedTuple):
    """Per trade and exercise, counted from the last.

    Args:
        angles: of the direction in which the value of exercise falls, radians
        states: along it, in which exercise is worth nothing
        highest: standard deviations by which the worth of some flow moves up along it; no less than zero
        lowest: the same down
    """

    angles: Exercises
    states: Exercises
    highest: Exercises
    lowest: Exercises


def break_even(plane: Plane) -> BreakEven:
    """Break-even of every exercise."""
    found = falling(plane.present_values * plane.decay, plane.loadings)
    return BreakEven(
        found.angles,
        found.states,
        -np.min(found.along, axis=2, initial=0.0),
        np.max(found.along, axis=2, initial=0.0),
    )


def falling(amounts: Flows, loadings: Float[np.ndarray, "... flows 2"]) -> Falling:
    """Break-even by Newton's method on the logarithm of received over given, nearly straight, along the gradient there.

    Args:
        amounts: worth of each flow in state zero
        loadings: of it on coordinates that are independent standard normals
    """
    legs = np.maximum(np.stack([amounts, -amounts], axis=-1), 0.0)
    gradient = _weighted(amounts, loadings)
    for _ in range(_TURNS):
        length = np.sqrt(np.sum(gradient**2, axis=-1, keepdims=True))
        direction = gradient / np.maximum(length, _NOTHING)
        along = (loadings @ direction[..., None])[..., 0]
        states = np.zeros(along.shape[:-1])
        for _ in range(_STEPS):
            worth = np.exp(-along * states[..., None])[..., None] * legs
            value = np.maximum(np.sum(worth, axis=-2), _NOTHING)
            slope = np.sum(along[..., None] * worth, axis=-2) / value
            fall = slope[..., 0] - slope[..., 1]
            level = fall == 0.0
            step = np.log(value[..., 0] / value[..., 1]) / np.where(level, 1.0, fall)
            states = np.clip(states + np.where(level, 0.0, step), -_FARTHEST, _FARTHEST)
        gradient = _weighted(amounts * np.exp(-along * states[..., None]), loadings)
    return Falling(np.arctan2(gradient[..., 1], gradient[..., 0]), states, along)


def _weighted(
    amounts: Flows, loadings: Float[np.ndarray, "... flows 2"]
) -> Float[np.ndarray, "... 2"]:
    found: np.ndarray = (amounts[..., None, :] @ loadings)[..., 0, :]
    return found
