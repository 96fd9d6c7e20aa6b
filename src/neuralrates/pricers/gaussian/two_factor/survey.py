"""What a rule has to resolve: how narrow the steps are beside the states, and how many boundaries an exercise has."""

import numpy as np
from jaxtyping import Int

from neuralrates.pricers.gaussian.two_factor.break_even import BreakEven
from neuralrates.pricers.gaussian.two_factor.plane import Plane, Trades

_GRID, _ACROSS = 33, (-2.0, 0.0, 2.0)
_AHEAD = 1.0
"""Standard deviations by which the boundary may lie beyond break-even."""


def widths(plane: Plane, start: BreakEven, half_width: float) -> Trades:
    """Width of the states where waiting is worth more, in deviations of the step up to them; the widest of each trade."""
    low = -half_width - start.lowest
    begin = np.where(plane.too_early, low, np.maximum(start.states - _AHEAD, low))
    lengths = half_width + start.highest - begin
    direction = np.stack([np.cos(start.angles), np.sin(start.angles)], axis=-1)
    seen = (direction[:, :-1, None, :] @ plane.steps[:, 1:])[:, :, 0]
    deviations = np.sqrt(np.maximum(1.0 - np.sum(seen * seen, axis=2), 1e-14))
    deviations = np.concatenate([deviations, np.ones((deviations.shape[0], 1))], axis=1)
    real = np.arange(plane.places.shape[1]) < plane.counts[:, None]
    before = np.arange(plane.places.shape[1]) < plane.counts[:, None] - 1
    ratios = lengths / np.where(before, deviations, 1.0)
    found: Trades = np.max(ratios, axis=1, where=real, initial=0.0)
    return found


def boundaries(plane: Plane, start: BreakEven, half_width: float) -> Int[np.ndarray, "trades"]:
    """Most boundaries that an exercise of each trade can have.

    Exercise ends once where its value, and what it gains on the next one where waiting is worth nothing, change sign at most
    once along the gradient. Both are looked at on three lines; two changes nearer than the spacing are missed.
    """
    low, high = -half_width - start.lowest, half_width + start.highest
    states = low[..., None] + (high - low)[..., None] * np.linspace(0.0, 1.0, _GRID)
    cosines, sines = np.cos(start.angles), np.sin(start.angles)
    frames = np.stack([cosines, -sines, sines, cosines], axis=-1).reshape(*cosines.shape, 2, 2)
    placed = plane.loadings @ frames
    found = np.ones(low.shape, dtype=np.int64)
    for v in _ACROSS:
        exponents = -placed[..., 0, None] * states[:, :, None, :] - placed[..., 1, None] * v
        growth = np.exp(exponents)
        for flows in (plane.present_values, plane.brackets):
            values = ((flows * plane.decay)[:, :, None, :] @ growth)[:, :, 0]
            found = np.maximum(found, _sign_changes(values))
    real = np.arange(plane.places.shape[1]) < plane.counts[:, None]
    most: np.ndarray = np.max(found, axis=1, where=real, initial=1)
    return most


def _sign_changes(values: np.ndarray) -> np.ndarray:
    """Changes of sign along the last axis, zeros and rounding skipped."""
    scale = np.max(np.abs(values), axis=-1, keepdims=True)
    signs = np.where(np.abs(values) > 1e-12 * scale, np.sign(values), 0.0)
    places = np.where(signs != 0.0, np.arange(signs.shape[-1]), 0)
    filled = np.take_along_axis(signs, np.maximum.accumulate(places, axis=-1), axis=-1)
    found: np.ndarray = np.count_nonzero(filled[..., 1:] * filled[..., :-1] < 0.0, axis=-1)
    return found
