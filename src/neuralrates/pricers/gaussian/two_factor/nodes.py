"""Nodes of one exercise: those that stand on every line alike, and those that a line has of its own."""

import functools
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from neuralrates.pricers.gaussian.two_factor.lines import Lines

Shared = Float[np.ndarray, "trades shared"]
Own = Float[np.ndarray, "trades own"]
SharedValues = Float[np.ndarray, "trades lines shared"]
Expansion = Float[np.ndarray, "trades degrees columns"]
Across = Float[np.ndarray, "#trades own"]
"""Coordinates v, of every trade or of all alike."""

OnLines = Float[np.ndarray, "trades lines"]

_SAUSAGE = np.array([40320.0, 6720.0, 3024.0, 1800.0, 1225.0]) / 53089.0
_ODD = np.array([1.0, 3.0, 5.0, 7.0, 9.0])


class Nodes(NamedTuple):
    """States u across the boundary, with weights that carry a sign.

    Args:
        lines: along the boundary
        shared: states where every line has a node
        shared_weights: of them
        own: states of one line each
        own_weights: of them
        line: which line each of these is on
    """

    lines: Lines
    shared: Shared
    shared_weights: Shared
    own: Own
    own_weights: Own
    line: Int[np.ndarray, "own"]

    @property
    def count(self) -> int:
        """How many nodes are shared."""
        return int(self.shared.shape[1])

    @property
    def columns(self) -> Float[np.ndarray, "trades columns"]:
        """States of all nodes, shared ones once."""
        return np.concatenate([self.shared, self.own], axis=1)

    @property
    def across(self) -> Across:
        """The coordinate v of the nodes of one line each."""
        return self.lines.nodes[self.line][None]

    def of(self, trades: int) -> "Nodes":
        """Those of the first so many trades."""
        return self._replace(
            shared=self.shared[:trades],
            shared_weights=self.shared_weights[:trades],
            own=self.own[:trades],
            own_weights=self.own_weights[:trades],
        )

    def expanded(self, shared: SharedValues, own: Own) -> Expansion:
        """Weighted Hermite coefficients, by column, of a function with these values at the nodes."""
        projection, count = self.lines.projection, self.count
        found = np.empty((own.shape[0], projection.shape[0], count + own.shape[1]))
        np.matmul(projection, shared, out=found[:, :, :count])
        found[:, :, :count] *= self.shared_weights[:, None, :]
        np.multiply(
            (own * self.own_weights)[:, None, :],
            projection[:, self.line],
            out=found[:, :, count:],
        )
        return found

    def collected(self, masses: Expansion) -> tuple[SharedValues, Own]:
        """What `expanded` is the transpose of: masses of the values, from those of the coefficients."""
        projection, count = self.lines.projection, self.count
        shared = (projection.T @ masses[:, :, :count]) * self.shared_weights[:, None, :]
        own = np.sum(masses[:, :, count:] * projection[:, self.line], axis=1)
        return shared, own * self.own_weights


def on_one_side(
    rule: Lines,
    roots: OnLines,
    ends: Float[np.ndarray, "trades"],
    num_points: int,
    num_slivers: int,
) -> Nodes:
    """Nodes from the central root to the end of the states, and in the slivers between it and the root of each line."""
    points, weights = stretched(num_points)
    centre = np.minimum(roots @ rule.weights, ends)
    half = 0.5 * (ends - centre)[:, None]
    shared, shared_weights = centre[:, None] + half * (points + 1.0), half * weights
    points, weights = legendre(num_slivers)
    half = 0.5 * (centre[:, None] - roots)[:, :, None]
    size = (roots.shape[0], roots.shape[1] * num_slivers)
    own = (roots[:, :, None] + half * (points + 1.0)).reshape(size)
    line = np.repeat(np.arange(roots.shape[1]), num_slivers)
    return Nodes(rule, shared, shared_weights, own, (half * weights).reshape(size), line)


def between(
    rule: Lines,
    edges: Float[np.ndarray, "trades lines edges"],
    wanted: Bool[np.ndarray, "trades lines segments"],
    num_points: int,
) -> Nodes:
    """Nodes of each line's own in the segments between neighbouring edges; those not wanted have no weight."""
    points, weights = stretched(num_points)
    half = 0.5 * (edges[:, :, 1:] - edges[:, :, :-1])[..., None]
    own = edges[:, :, :-1, None] + half * (points + 1.0)
    own_weights = half * weights * wanted[..., None]
    trades = edges.shape[0]
    per_line = (edges.shape[2] - 1) * num_points
    size = (trades, edges.shape[1] * per_line)
    nothing = np.zeros((trades, 0))
    line = np.repeat(np.arange(edges.shape[1]), per_line)
    return Nodes(rule, nothing, nothing, own.reshape(size), own_weights.reshape(size), line)


@functools.cache
def legendre(num_points: int) -> tuple[np.ndarray, np.ndarray]:
    """Gauss-Legendre points and weights on [-1, 1]."""
    return np.polynomial.legendre.leggauss(num_points)


@functools.cache
def stretched(num_points: int) -> tuple[np.ndarray, np.ndarray]:
    """Gauss-Legendre points moved apart in the middle: they resolve as much as a third more of them.

    Source: Hale and Trefethen (2008), section 3, the map onto a sausage of degree nine.
    """
    points, weights = legendre(num_points)
    moved = (points[:, None] ** _ODD) @ _SAUSAGE
    return moved, weights * ((points[:, None] ** (_ODD - 1.0)) @ (_ODD * _SAUSAGE))
