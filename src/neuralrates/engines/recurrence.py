"""A gated recurrence backward over the dates of trades, and its derivatives by hand."""

import functools
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float
from scipy.special import expit

from neuralrates.core.native import kernel
from neuralrates.core.types import HostArray

_KERNEL = kernel("neuralrates.engines._recurrence")

Features = Float[np.ndarray, "trades exercises features"]
_State = Float[np.ndarray, "members trades hidden"]


class Recurrence(NamedTuple):
    """Weights of a gated recurrence (Cho et al.), several of them side by side, whose outputs are averaged.

    Args:
        centre: of the features
        spread: of the features
        inputs: from features and one to update, reset and candidate
        states: the same from the state
        output: from the state
    """

    centre: Float[HostArray, "features"]
    spread: Float[HostArray, "features"]
    inputs: Float[HostArray, "members features_and_one gates"]
    states: Float[HostArray, "members hidden gates"]
    output: Float[HostArray, "members hidden"]


class _Step(NamedTuple):
    """What a step back over one date computed."""

    update: _State
    reset: _State
    candidate: _State
    carried: _State
    before: _State


class Corrections:
    """Corrections of trades per deviation of value: zero for a single date, whatever the weights are.

    Args:
        weights: of the recurrence
        features: of each date
        alive: which dates are real; others follow them

    Attributes:
        values: one per trade

    Source: Cho et al. (2014), for the gates.
    """

    def __init__(
        self, weights: Recurrence, features: Features, alive: Bool[np.ndarray, "trades exercises"]
    ) -> None:
        self._given = weights, features, alive
        follows = bool(np.all(alive[:, 1:] <= alive[:, :-1]))
        self.values: Float[np.ndarray, "trades"] = (
            self._steps.values if _KERNEL is None or not follows else _compiled(*self._given)
        )

    @functools.cached_property
    def _steps(self) -> "_Steps":
        """What the way back goes over."""
        return _Steps(*self._given)

    def pulled_back(self, values: Float[np.ndarray, "trades"]) -> Features:
        """Derivatives of a weighted sum of the values to the features."""
        return self._steps.pulled_back(values)


def _compiled(
    weights: Recurrence, features: Features, alive: Bool[np.ndarray, "trades exercises"]
) -> Float[np.ndarray, "trades"]:
    assert _KERNEL is not None
    members, hidden = weights.output.shape
    values, counts = np.empty(alive.shape[0]), np.count_nonzero(alive, axis=1).astype(np.int64)
    given = (np.ascontiguousarray(part, dtype=np.float64) for part in weights)
    numbers = np.ascontiguousarray(features, dtype=np.float64)
    sizes = features.shape[2], hidden, members
    _KERNEL.corrections((sizes, *given), alive.shape, numbers, counts, values)
    return values


class _Steps:
    """The same in NumPy, with all that derivatives need."""

    def __init__(
        self, weights: Recurrence, features: Features, alive: Bool[np.ndarray, "trades exercises"]
    ) -> None:
        self._weights, self._shape = weights, features.shape
        self._matters = alive & np.append(alive[:, 1:], np.zeros_like(alive[:, :1]), axis=1)
        scaled = np.where(
            self._matters[..., None], (features - weights.centre) / weights.spread, 0.0
        )
        members, hidden = weights.output.shape
        given = scaled @ weights.inputs[:, None, :-1] + weights.inputs[:, None, None, -1]
        state = np.zeros((members, features.shape[0], hidden))
        self._taken: list[_Step] = []
        for date in range(features.shape[1] - 1):
            place = features.shape[1] - 2 - date
            now, kept = given[:, :, place], self._matters[:, place, None]
            through = state @ weights.states
            update = expit(now[..., :hidden] + through[..., :hidden])
            reset = expit(now[..., hidden : 2 * hidden] + through[..., hidden : 2 * hidden])
            carried = through[..., 2 * hidden :]
            candidate = np.tanh(now[..., 2 * hidden :] + reset * carried)
            self._taken.append(_Step(update, reset, candidate, carried, state))
            state = np.where(kept, update * state + (1.0 - update) * candidate, state)
        self.values: Float[np.ndarray, "trades"] = np.mean(
            np.sum(weights.output[:, None] * state, axis=2), axis=0
        )

    def pulled_back(self, values: Float[np.ndarray, "trades"]) -> Features:
        """Derivatives of a weighted sum of the values to the features."""
        weights, found = self._weights, np.zeros(self._shape)
        members = weights.output.shape[0]
        state = values[:, None] * weights.output[:, None] / members
        for place, step in enumerate(reversed(self._taken)):
            kept = self._matters[:, place, None]
            moved = np.where(kept, state, 0.0)
            update = moved * (step.before - step.candidate) * step.update * (1.0 - step.update)
            candidate = moved * (1.0 - step.update) * (1.0 - step.candidate**2)
            reset = candidate * step.carried * step.reset * (1.0 - step.reset)
            given = np.concatenate([update, reset, candidate], axis=2)
            through = np.concatenate([update, reset, candidate * step.reset], axis=2)
            state = np.where(kept, moved * step.update, state)
            state = state + through @ np.swapaxes(weights.states, 1, 2)
            back = given @ np.swapaxes(weights.inputs[:, :-1], 1, 2)
            found[:, place] = np.sum(back, axis=0) / weights.spread
        return found
