"""Where in the plane each exercise would be worth nothing, and which way leads there: what an induction starts from."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from neuralrates.pricers.gaussian.two_factor.plane import Exercises, Plane

_TURNS, _STEPS = 2, 3
_FARTHEST = 8.0
_NOTHING = 1e-30


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
    """Break-even by Newton's method on the logarithm of received over given, nearly straight, along the gradient there."""
    amounts = plane.present_values * plane.decay
    legs = np.maximum(np.stack([amounts, -amounts], axis=-1), 0.0)
    gradient = _weighted(amounts, plane.loadings)
    for _ in range(_TURNS):
        length = np.sqrt(np.sum(gradient**2, axis=-1, keepdims=True))
        direction = gradient / np.maximum(length, _NOTHING)
        along = (plane.loadings @ direction[..., None])[..., 0]
        states = np.zeros(along.shape[:2])
        for _ in range(_STEPS):
            worth = np.exp(-along * states[..., None])[..., None] * legs
            value = np.maximum(np.sum(worth, axis=2), _NOTHING)
            slope = np.sum(along[..., None] * worth, axis=2) / value
            fall = slope[..., 0] - slope[..., 1]
            level = fall == 0.0
            step = np.log(value[..., 0] / value[..., 1]) / np.where(level, 1.0, fall)
            states = np.clip(states + np.where(level, 0.0, step), -_FARTHEST, _FARTHEST)
        gradient = _weighted(amounts * np.exp(-along * states[..., None]), plane.loadings)
    return BreakEven(
        np.arctan2(gradient[..., 1], gradient[..., 0]),
        states,
        -np.min(along, axis=2, initial=0.0),
        np.max(along, axis=2, initial=0.0),
    )


def _weighted(
    amounts: Float[np.ndarray, "trades exercises flows"],
    loadings: Float[np.ndarray, "trades exercises flows 2"],
) -> Float[np.ndarray, "trades exercises 2"]:
    found: Float[np.ndarray, "trades exercises 2"] = (amounts[:, :, None, :] @ loadings)[:, :, 0]
    return found
