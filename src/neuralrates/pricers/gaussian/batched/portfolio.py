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
        loadings: of the bonds, zero before the first that has an amount and after the last
    """

    amounts: Flows
    loadings: Flows

    @classmethod
    def of(cls, present_values: Flows, loadings: Flows, variances: Trades) -> "Portfolio":
        """Portfolio of flows worth so much today, at times when the state has these variances.

        A flow that is not `spanned` has its loading dropped, lest it grow beyond all numbers where the others do not.
        """
        loadings = np.where(spanned(present_values), loadings, 0.0)
        exponents = loadings * loadings
        exponents *= -0.5 * variances[:, None]
        return cls(present_values * np.exp(exponents, out=exponents), loadings)

    def growth(self, states: States) -> Float[np.ndarray, "trades states flows"]:
        """Worth of a unit of every flow in every state."""
        exponents = -states[:, :, None] * self.loadings[:, None, :]
        return np.exp(exponents, out=exponents)

    def log_ratio(self, states: States, waiting: Waiting | None) -> ValueAndSlope:
        """Logarithm of received / (given + value of waiting), and its slope in the state."""
        worth = self.growth(states)
        worth *= self.amounts[:, None, :]
        received, received_slope = self._leg(np.maximum(worth, 0.0))
        given, given_slope = self._leg(np.maximum(np.negative(worth, out=worth), 0.0, out=worth))
        if waiting is not None:
            value, slope = waiting(states)
            given, given_slope = given + value, given_slope + slope
        return np.log(received / given), received_slope / received - given_slope / given

    def _leg(self, worth: Float[np.ndarray, "trades states flows"]) -> ValueAndSlope:
        """Value and slope of what is received, or given; an empty leg counts as worth next to nothing."""
        value = np.sum(worth, axis=2)
        slope = np.einsum("tsf,tf->ts", worth, self.loadings)
        return np.where(value == 0.0, _NOTHING, value), -slope


def spanned(present_values: Float[np.ndarray, "... flows"]) -> Bool[np.ndarray, "... flows"]:
    """Flows from the first that is worth something to the last.

    One between them that happens to be worth nothing today has derivatives like the others.
    """
    paid = present_values != 0.0
    begun = np.logical_or.accumulate(paid, axis=-1)
    to_come = np.flip(np.logical_or.accumulate(np.flip(paid, axis=-1), axis=-1), axis=-1)
    found: Bool[np.ndarray, "... flows"] = begun & to_come
    return found


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

    Sign changes are looked for on a grid; between two states Newton's method finds one, or bisection where it leaves them. Two
    roots nearer than one spacing are missed.
    """
    grid = low[:, None] + (high - low)[:, None] * np.linspace(0.0, 1.0, _GRID)
    positive = portfolio.log_ratio(grid, waiting)[0] > 0.0
    change = positive[:, 1:] != positive[:, :-1]
    order = np.argsort(~change, axis=1, kind="stable")[:, :count]
    found = np.repeat(high[:, None], count, axis=1)
    for number, place in enumerate(order.T[:, :, None]):
        real = np.take_along_axis(change, place, axis=1)[:, 0]
        if not real.any():
            break
        left, right = (np.take_along_axis(grid, place + k, axis=1)[:, 0] for k in (0, 1))
        state, settled = root(portfolio, waiting, 0.5 * (left + right), left, right, 1e-8)
        inside = (state > left) & (state < right) & settled
        if not inside[real].all():
            above = np.take_along_axis(positive, place, axis=1)[:, 0]
            state = np.where(inside, state, _bisected(portfolio, waiting, left, right, above))
        found[:, number] = np.where(real, state, high)
    return found


def _bisected(
    portfolio: Portfolio,
    waiting: Waiting | None,
    left: Trades,
    right: Trades,
    above: Bool[np.ndarray, "trades"],
) -> Trades:
    """Root between two states, at the left of which exercise is worth more where `above`."""
    for _ in range(_BISECTIONS):
        middle = 0.5 * (left + right)
        same = (portfolio.log_ratio(middle[:, None], waiting)[0][:, 0] > 0.0) == above
        left, right = np.where(same, middle, left), np.where(same, right, middle)
    return 0.5 * (left + right)
