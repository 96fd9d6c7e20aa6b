"""Bond portfolios that exercise exchanges, in many states of many trades, and the states in which it pays."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

Trades = Float[np.ndarray, "trades"]
Flows = Float[np.ndarray, "trades flows"]
States = Float[np.ndarray, "trades states"]
ValueAndSlope = tuple[States, States]
Waiting = Callable[[States], ValueAndSlope]

_NOTHING = 1e-30
_NEWTON_STEPS = 7
_BISECTIONS = 40
_GRID = 128


class Portfolio(NamedTuple):
    """Deflated bonds received on exercise: each is worth amount times $e^{-H x}$ in state x; given where negative.

    Args:
        amounts: of the bonds
        loadings: of the bonds, zero before the first that has an amount and after the last
        legs: what multiplies a unit of every flow in value and slope of what is received, and in those of what is given
    """

    amounts: Flows
    loadings: Flows
    legs: Float[np.ndarray, "trades flows 4"]

    @classmethod
    def of(cls, present_values: Flows, loadings: Flows, variances: Trades) -> "Portfolio":
        """Portfolio of flows worth so much today, at times when the state has these variances.

        A flow that is not `spanned` has its loading dropped, lest it grow beyond all numbers where the others do not.
        """
        loadings = np.where(spanned(present_values), loadings, 0.0)
        exponents = loadings * loadings
        exponents *= -0.5 * variances[:, None]
        amounts = present_values * np.exp(exponents, out=exponents)
        received, given = np.maximum(amounts, 0.0), np.maximum(-amounts, 0.0)
        sides = [received, -loadings * received, given, -loadings * given]
        return cls(amounts, loadings, np.stack(sides, axis=2))

    def growth(self, states: States) -> Float[np.ndarray, "trades states flows"]:
        """Worth of a unit of every flow in every state."""
        exponents = -states[:, :, None] * self.loadings[:, None, :]
        return np.exp(exponents, out=exponents)

    def log_ratio(self, states: States, waiting: Waiting | None) -> ValueAndSlope:
        """Logarithm of received / (given + value of waiting), and its slope in the state.

        A leg that is empty counts as worth next to nothing.
        """
        legs = self.growth(states) @ self.legs
        received, received_slope, given, given_slope = (legs[:, :, n] for n in range(4))
        received = np.where(received == 0.0, _NOTHING, received)
        given = np.where(given == 0.0, _NOTHING, given)
        if waiting is not None:
            value, slope = waiting(states)
            given, given_slope = given + value, given_slope + slope
        return np.log(received / given), received_slope / received - given_slope / given


def spanned(present_values: Float[np.ndarray, "... flows"]) -> Bool[np.ndarray, "... flows"]:
    """Flows from the first that is worth something to the last.

    One between them that happens to be worth nothing today has derivatives like the others.
    """
    paid = present_values != 0.0
    begun = np.logical_or.accumulate(paid, axis=-1)
    to_come = np.flip(np.logical_or.accumulate(np.flip(paid, axis=-1), axis=-1), axis=-1)
    found: Bool[np.ndarray, "... flows"] = begun & to_come
    return found


def paid_first(paid: Bool[np.ndarray, "rows flows"]) -> Int[np.ndarray, "rows some"]:
    """Places of the flows that are paid, in order, then of some that are not: as many a row as the row with most pays."""
    count = int(np.max(np.count_nonzero(paid, axis=1), initial=0))
    return np.argsort(~paid, axis=1, kind="stable")[:, :count]


def root(
    portfolio: Portfolio,
    waiting: Waiting | None,
    start: Trades,
    low: Trades,
    high: Trades,
    accuracy: float = 1e-6,
) -> tuple[Trades, Bool[np.ndarray, "trades"]]:
    """State in which exercise equals waiting, by Newton's method; the nearer end of [low, high] if there is none.

    Args:
        portfolio: what exercise is worth
        waiting: what waiting is worth; nothing where None
        start: states to start from
        low: ends of the states
        high: ends of the states
        accuracy: length of the last step, as a share of [low, high]; what is missed then is about its square

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
            state = np.where(inside, state, bisected(portfolio, waiting, left, right))
        found[:, number] = np.where(real, state, high)
    return found


def bisected(portfolio: Portfolio, waiting: Waiting | None, left: Trades, right: Trades) -> Trades:
    """State between two others in which exercise equals waiting; the right one if there is none."""
    above = portfolio.log_ratio(left[:, None], waiting)[0][:, 0] > 0.0
    for _ in range(_BISECTIONS):
        middle = 0.5 * (left + right)
        same = (portfolio.log_ratio(middle[:, None], waiting)[0][:, 0] > 0.0) == above
        left, right = np.where(same, middle, left), np.where(same, right, middle)
    return 0.5 * (left + right)
