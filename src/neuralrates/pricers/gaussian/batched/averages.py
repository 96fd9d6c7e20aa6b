"""Gaussian averages as matrices: from values at the nodes of one exercise time to values in states of the one before.

The two rules of `neuralrates.pricers.gaussian.averages`, linear in the values, so that their adjoint is the transposed matrix.
"""

import functools
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from neuralrates.pricers.gaussian.averages import FEWEST_LOCAL_POINTS, REACH
from neuralrates.pricers.gaussian.batched.portfolio import States, Trades

_SMALLEST_WEIGHT = 1e-300
Edges = Float[np.ndarray, "trades edges"]
Nodes = Float[np.ndarray, "trades nodes"]
Matrix = Float[np.ndarray, "trades states nodes"]


class Grid(NamedTuple):
    """Gauss-Legendre nodes of every segment between the edges, in order, with their weights."""

    edges: Edges
    nodes: Nodes
    weights: Nodes

    @classmethod
    def between(cls, edges: Edges, num_points: int) -> "Grid":
        """Nodes between the edges, so many to a segment."""
        points, widths = _legendre(num_points)
        half = 0.5 * np.diff(edges, axis=1)[:, :, None]
        nodes = edges[:, :-1, None] + half * (points + 1.0)
        shape = (edges.shape[0], -1)
        return cls(edges, nodes.reshape(shape), (half * widths).reshape(shape))

    def first(self, count: int) -> "Grid":
        """Those of the first trades."""
        return Grid(self.edges[:count], self.nodes[:count], self.weights[:count])


@functools.cache
def _legendre(num_points: int) -> tuple[np.ndarray, np.ndarray]:
    return np.polynomial.legendre.leggauss(num_points)


def kernel(grid: Grid, step: Trades, states: States) -> Matrix:
    """Averages by the density at the nodes: right where they are dense on the scale of a standard deviation.

    The exponent is a product of matrices, weights included, so that memory is passed over twice only.
    """
    scale = np.sqrt(0.5 / step)[:, None]
    x, y = states * scale, grid.nodes * scale
    mass = np.log(np.maximum(grid.weights, _SMALLEST_WEIGHT) * (scale / np.sqrt(np.pi)))
    left = np.stack([-x * x, 2.0 * x, np.ones_like(x)], axis=2)
    matrix = left @ np.stack([np.ones_like(y), y, mass - y * y], axis=1)
    return np.exp(matrix, out=matrix)


def local(grid: Grid, step: Trades, states: States) -> Matrix:
    """Averages of the polynomials through the values, integrated over the few deviations around each state.

    Right however narrow the Gaussian. Only pairs of a state and a segment that it reaches are looked at.
    """
    trades, segments = grid.edges.shape[0], grid.edges.shape[1] - 1
    num_points = grid.nodes.shape[1] // segments
    ends = grid.edges[:, None, :]
    reach = (REACH * np.sqrt(step))[:, None, None]
    low = np.clip(states[:, :, None] - reach, ends[:, :, :-1], ends[:, :, 1:])
    high = np.clip(states[:, :, None] + reach, ends[:, :, :-1], ends[:, :, 1:])
    met = np.nonzero(high > low)
    trade, state, segment = met
    points, widths = _legendre(max(FEWEST_LOCAL_POINTS, num_points // 2))
    half = 0.5 * (high - low)[met][:, None]
    places = low[met][:, None] + half * (points + 1.0)
    scaled = (places - states[trade, state][:, None]) / np.sqrt(step)[trade][:, None]
    density = np.exp(-0.5 * scaled**2) / np.sqrt(2.0 * np.pi * step)[trade][:, None]
    masses = half * widths * density
    start, end = grid.edges[trade, segment][:, None], grid.edges[trade, segment + 1][:, None]
    found = np.zeros((trades, states.shape[1], segments, num_points))
    place = (2.0 * places - start - end) / (end - start)
    found[met] = _interpolated(place, masses, num_points)
    return found.reshape(trades, states.shape[1], -1)


def _interpolated(
    place: Float[np.ndarray, "pairs places"],
    masses: Float[np.ndarray, "pairs places"],
    num_points: int,
) -> Float[np.ndarray, "pairs nodes"]:
    """Weights on values at Gauss-Legendre nodes that integrate their polynomial against masses at other places.

    Source: Wang and Xiang (2012), theorem 3.1, for the barycentric weights.
    """
    points, widths = _legendre(num_points)
    signs = np.where(np.arange(num_points) % 2, -1.0, 1.0)
    distances = place[:, :, None] - points
    distances[distances == 0.0] = _SMALLEST_WEIGHT
    shares = np.divide(signs * np.sqrt((1.0 - points**2) * widths), distances, out=distances)
    masses = masses / np.sum(shares, axis=2)
    weights: Float[np.ndarray, "pairs nodes"] = (masses[:, None, :] @ shares)[:, 0, :]
    return weights
