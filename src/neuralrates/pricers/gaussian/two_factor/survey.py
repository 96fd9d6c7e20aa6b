"""What a rule has to resolve: how narrow the steps are beside the states, and how many boundaries an exercise has."""

import numpy as np
from jaxtyping import Int

from neuralrates.pricers.gaussian.two_factor.break_even import BreakEven
from neuralrates.pricers.gaussian.two_factor.plane import Plane, Trades

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

    Laguerre's rule along the gradient, as `neuralrates.pricers.gaussian.resolution.survey` says.
    """
    direction = np.stack([np.cos(start.angles), np.sin(start.angles)], axis=-1)
    along = (plane.loadings @ direction[..., None])[..., 0]
    low = -half_width - start.lowest
    amounts = plane.present_values * plane.decay * np.exp(-along * low[..., None])
    order = np.argsort(along, axis=2, kind="stable")
    sums = np.cumsum(np.take_along_axis(amounts, order, axis=2), axis=2)
    scale = np.max(np.abs(amounts), axis=2, keepdims=True)
    signs = np.where(np.abs(sums) > 1e-12 * scale, np.sign(sums), 0.0)
    places = np.where(signs != 0.0, np.arange(signs.shape[2]), 0)
    filled = np.take_along_axis(signs, np.maximum.accumulate(places, axis=2), axis=2)
    changes = np.count_nonzero(filled[:, :, 1:] * filled[:, :, :-1] < 0.0, axis=2)
    real = np.arange(plane.places.shape[1]) < plane.counts[:, None]
    found: np.ndarray = np.max(changes, axis=1, where=real, initial=1)
    return found
