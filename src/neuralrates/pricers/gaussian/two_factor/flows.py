"""Flows that a step of the recursion exchanges, in the coordinates of its exercise."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from neuralrates.pricers.gaussian.two_factor.lines import Lines
from neuralrates.pricers.gaussian.two_factor.nodes import Across, Own, Shared, SharedValues
from neuralrates.pricers.gaussian.two_factor.plane import Plane

Amounts = Float[np.ndarray, "trades some"]


class Flows(NamedTuple):
    """Flow k of exercise i less that of the next one, $c_k e^{-\\alpha_k u - \\beta_k v - |H_k|^2 / 2}$ in state (u, v).

    Args:
        used: which flows of the trades some of them has
        amounts: in units of the last bond, decay included
        along: $\\alpha$, loadings on u
        across: $\\beta$, loadings on v
    """

    used: Int[np.ndarray, "some"]
    amounts: Amounts
    along: Amounts
    across: Amounts

    @classmethod
    def of(
        cls, plane: Plane, back: int, trades: int, frames: Float[np.ndarray, "trades 2 2"]
    ) -> "Flows":
        """Those of one exercise of the first so many trades."""
        used = plane.used[back]
        loadings = plane.loadings[:trades, back, used] @ frames
        amounts = plane.amounts[:trades, back, used]
        return cls(used, amounts, loadings[:, :, 0], loadings[:, :, 1])

    def at(self, states: Own, across: Across) -> Own:
        """Worth of giving the flows, in states of one line each."""
        return -np.sum(self._worth(states, across), axis=1)

    def with_slope(self, states: Own, across: Across) -> tuple[Own, Own]:
        """The same and its derivative to u."""
        worth = self._worth(states, across)
        return -worth.sum(axis=1), (worth * self.along[:, :, None]).sum(axis=1)

    def on_lines(self, states: Shared, lines: Lines) -> SharedValues:
        """The same in states that every line has."""
        first = np.exp(self.along[:, :, None] * -states[:, None, :])
        first *= self.amounts[:, :, None]
        second = np.exp(-lines.nodes[:, None] * self.across[:, None, :])
        return -(second @ first)

    def _worth(self, states: Own, across: Across) -> Float[np.ndarray, "trades some own"]:
        exponents = self.along[:, :, None] * states[:, None, :]
        exponents += self.across[:, :, None] * across[..., None, :]
        np.negative(exponents, out=exponents)
        np.exp(exponents, out=exponents)
        exponents *= self.amounts[:, :, None]
        return exponents
