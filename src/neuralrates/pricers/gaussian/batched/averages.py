"""Gaussian averages as matrices: from values at the nodes of one exercise time to values in states of the one before.

The two rules of `neuralrates.pricers.gaussian.averages`, linear in the values, so that their adjoint is the transposed matrix.
"""

import functools
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from neuralrates.pricers.gaussian.averages import FEWEST_LOCAL_POINTS, REACH
from neuralrates.pricers.gaussian.batched.portfolio import States, Trades

_NOTHING = 1e-300
Edges = Float[np.ndarray, "trades edges"]
Nodes = Float[np.ndarray, "trades nodes"]
Matrix = Float[np.ndarray, "trades states nodes"]


class Segments(NamedTuple):
    """Intervals of the state; of a trade that has fewer than another, some are of no width."""

    starts: Edges
    ends: Edges

    @classmethod
    def chosen(cls, edges: Edges, wanted: Bool[np.ndarray, "trades segments"]) -> "Segments":
        """Those between neighbouring edges that are wanted, as many as the trade has that has most of them."""
        trade, segment = np.nonzero(wanted)
        places = np.cumsum(wanted, axis=1)
        count, place = int(np.max(places, initial=0)), places[trade, segment] - 1
        starts = np.repeat(edges[:, :1], count, axis=1)
        ends = starts.copy()
        starts[trade, place], ends[trade, place] = edges[trade, segment], edges[trade, segment + 1]
        return cls(starts, ends)


class Grid(NamedTuple):
    """Gauss-Legendre nodes of every segment, in the order of the segments, with their weights."""

    segments: Segments
    nodes: Nodes
    weights: Nodes

    @classmethod
    def over(cls, segments: Segments, num_points: int) -> "Grid":
        """Nodes of the segments, so many each."""
        points, widths = legendre(num_points)
        half = 0.5 * (segments.ends - segments.starts)[:, :, None]
        nodes = segments.starts[:, :, None] + half * (points + 1.0)
        shape = (nodes.shape[0], nodes.shape[1] * num_points)
        return cls(segments, nodes.reshape(shape), (half * widths).reshape(shape))

    def of(self, trades: slice) -> "Grid":
        """Those of some trades."""
        segments = Segments(self.segments.starts[trades], self.segments.ends[trades])
        return Grid(segments, self.nodes[trades], self.weights[trades])


@functools.cache
def legendre(num_points: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights on [-1, 1]."""
    return np.polynomial.legendre.leggauss(num_points)


def kernel(grid: Grid, step: Trades, states: States) -> Matrix:
    """Averages by the density at the nodes: right where they are dense on the scale of a standard deviation.

    The exponent is a product of matrices, weights included, so that memory is passed over twice only.
    """
    scale = np.sqrt(0.5 / step)[:, None]
    x, y = states * scale, grid.nodes * scale
    weights = grid.weights * (scale / np.sqrt(np.pi))
    mass = np.log(weights, out=np.full_like(weights, -np.inf), where=weights > 0.0)
    left = np.stack([-x * x, 2.0 * x, np.ones_like(x)], axis=2)
    matrix = left @ np.stack([np.ones_like(y), y, mass - y * y], axis=1)
    return np.exp(matrix, out=matrix)


def local(grid: Grid, step: Trades, states: States) -> Matrix:
    """Averages of the polynomials through the values, integrated over the few deviations around each state.

    Right however narrow the Gaussian. Only pairs of a state and a segment that it reaches are looked at.
    """
    starts, ends = (side[:, None, :] for side in grid.segments)
    trades, _, segments = starts.shape
    if segments == 0:
        return np.zeros((trades, states.shape[1], 0))
    num_points = grid.nodes.shape[1] // segments
    reach = (REACH * np.sqrt(step))[:, None, None]
    low = np.clip(states[:, :, None] - reach, starts, ends)
    high = np.clip(states[:, :, None] + reach, starts, ends)
    met = np.nonzero(high > low)
    trade, state, segment = met
    points, widths = legendre(max(FEWEST_LOCAL_POINTS, num_points // 2))
    half = 0.5 * (high - low)[met][:, None]
    places = low[met][:, None] + half * (points + 1.0)
    scaled = (places - states[trade, state][:, None]) / np.sqrt(step)[trade][:, None]
    density = np.exp(-0.5 * scaled**2) / np.sqrt(2.0 * np.pi * step)[trade][:, None]
    masses = half * widths * density
    start, end = (side[trade, segment][:, None] for side in grid.segments)
    found = np.zeros((trades, states.shape[1], segments, num_points))
    place = (2.0 * places - start - end) / (end - start)
    found[met] = _interpolated(place, masses, num_points)
    return found.reshape(trades, states.shape[1], segments * num_points)


def _interpolated(
    place: Float[np.ndarray, "pairs places"],
    masses: Float[np.ndarray, "pairs places"],
    num_points: int,
) -> Float[np.ndarray, "pairs nodes"]:
    """Weights on values at Gauss-Legendre nodes that integrate their polynomial against masses at other places.

    Source: Wang and Xiang (2012), theorem 3.1, for the barycentric weights.
    """
    points, widths = legendre(num_points)
    signs = np.where(np.arange(num_points) % 2, -1.0, 1.0)
    distances = place[:, :, None] - points
    distances[distances == 0.0] = _NOTHING
    shares = np.divide(signs * np.sqrt((1.0 - points**2) * widths), distances, out=distances)
    masses = masses / np.sum(shares, axis=2)
    weights: Float[np.ndarray, "pairs nodes"] = (masses[:, None, :] @ shares)[:, 0, :]
    return weights
