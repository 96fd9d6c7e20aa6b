"""Bond portfolios that exercise exchanges, in many states of many trades, and the states in which it pays."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

Trades = Float[np.ndarray, "trades"]
Flows = Float[np.ndarray, "trades flows"]
States = Float[np.ndarray, "trades states"]
ValueAndSlope = tuple[States, States]
Waiting = Callable[[States], ValueAndSlope]

_NOTHING = 1e-30
_NEWTON_STEPS = 7
_BISECTIONS = 22
_GRID = 128


class Portfolio(NamedTuple):
    """Deflated bonds received on exercise: each is worth amount times $e^{-H x}$ in state x; given where negative.

    Args:
        amounts: of the bonds
        loadings: of the bonds, zero where the amount is
        legs: amounts received and given, then both times minus their loadings, last axis
        empty: whether nothing is received, or given; such a leg counts as worth next to nothing
    """

    amounts: Flows
    loadings: Flows
    legs: Float[np.ndarray, "trades flows 4"]
    empty: Bool[np.ndarray, "trades 1 2"]

    @classmethod
    def of(cls, present_values: Flows, loadings: Flows, variances: Trades) -> "Portfolio":
        """Portfolio of flows worth so much today, at times when the state has these variances.

        A flow of nothing has its loading dropped, lest it grow beyond all numbers where the others do not.
        """
        loadings = np.where(present_values == 0.0, 0.0, loadings)
        amounts = present_values * np.exp(-0.5 * loadings**2 * variances[:, None])
        sides = np.stack([np.maximum(amounts, 0.0), np.maximum(-amounts, 0.0)], axis=2)
        legs = np.concatenate([sides, -loadings[:, :, None] * sides], axis=2)
        return cls(amounts, loadings, legs, ~np.any(sides, axis=1)[:, None, :])

    def growth(self, states: States) -> Float[np.ndarray, "trades states flows"]:
        """Worth of a unit of every flow in every state."""
        exponents = -states[:, :, None] * self.loadings[:, None, :]
        return np.exp(exponents, out=exponents)

    def log_ratio(self, states: States, waiting: Waiting | None) -> ValueAndSlope:
        """Logarithm of received / (given + value of waiting), and its slope in the state."""
        legs = self.growth(states) @ self.legs
        values, slopes = np.where(self.empty, _NOTHING, legs[:, :, :2]), legs[:, :, 2:]
        received, given = values[:, :, 0], values[:, :, 1]
        received_slope, given_slope = slopes[:, :, 0], slopes[:, :, 1]
        if waiting is not None:
            value, slope = waiting(states)
            given, given_slope = given + value, given_slope + slope
        return np.log(received / given), received_slope / received - given_slope / given


def root(
    portfolio: Portfolio,
    waiting: Waiting | None,
    start: Trades,
    low: Trades,
    high: Trades,
    accuracy: float = 1e-10,
) -> tuple[Trades, Bool[np.ndarray, "trades"]]:
    """State in which exercise equals waiting, by Newton's method; the nearer end of [low, high] if there is none.

    Args:
        portfolio: what exercise is worth
        waiting: what waiting is worth; nothing where None
        start: states to start from
        low: ends of the states
        high: ends of the states
        accuracy: of the state, as a share of [low, high]; the value at a root has no slope in it

    Returns:
        The states, and where the last step was no longer than that.
    """
    state, enough = start, accuracy * (high - low)
    settled = np.zeros(state.shape, dtype=bool)
    for _ in range(_NEWTON_STEPS):
        value, slope = portfolio.log_ratio(state[:, None], waiting)
        level = slope == 0.0
        step = np.where(level, 0.0, value / np.where(level, 1.0, slope))[:, 0]
        before, state = state, np.clip(state - step, low, high)
        settled = np.abs(state - before) <= enough
        if settled.all():
            break
    return state, settled


def roots(
    portfolio: Portfolio, waiting: Waiting | None, low: Trades, high: Trades, count: int
) -> Float[np.ndarray, "trades boundaries"]:
    """Up to `count` states in which exercise equals waiting, in increasing order; `high` where there are fewer.

    Sign changes are looked for on a grid, then bisected; two roots nearer than one spacing are missed.
    """
    grid = low[:, None] + (high - low)[:, None] * np.linspace(0.0, 1.0, _GRID)
    positive = portfolio.log_ratio(grid, waiting)[0] > 0.0
    change = positive[:, 1:] != positive[:, :-1]
    order = np.argsort(~change, axis=1, kind="stable")[:, :count]
    found = np.take_along_axis(change, order, axis=1)
    left = np.take_along_axis(grid, order, axis=1)
    right = np.take_along_axis(grid, order + 1, axis=1)
    above = np.take_along_axis(positive, order, axis=1)
    for _ in range(_BISECTIONS):
        middle = 0.5 * (left + right)
        same: Bool[np.ndarray, "trades boundaries"] = (
            portfolio.log_ratio(middle, waiting)[0] > 0.0
        ) == above
        left, right = np.where(same, middle, left), np.where(same, right, middle)
    return np.where(found, 0.5 * (left + right), high[:, None])
