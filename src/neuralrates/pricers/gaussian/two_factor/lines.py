"""Gauss-Hermite lines along the boundary, and the Hermite polynomials that functions on them are expanded in."""

import functools
import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

Polynomials = Float[np.ndarray, "trades degrees ..."]


MOST_DEGREES = 14
"""Higher polynomials say nothing that prices need, and grow without bound beyond the lines; `rule.h` has the same number."""


class Lines(NamedTuple):
    """A rule for a standard normal v, and orthonormal Hermite polynomials $h_k(v)$, no more than nodes.

    Args:
        nodes: of v
        weights: sum to one
        values: $h_k$ at the nodes
        projection: what takes values at the nodes to coefficients
        shares: $\\sqrt{\\binom{k}{r} / r!}$ by k and r, which split $h_k(a + b)$ into $a^r$ and polynomials of b
    """

    nodes: Float[np.ndarray, "lines"]
    weights: Float[np.ndarray, "lines"]
    values: Float[np.ndarray, "degrees lines"]
    projection: Float[np.ndarray, "degrees lines"]
    shares: Float[np.ndarray, "degrees degrees"]

    @property
    def count(self) -> int:
        """How many lines."""
        return int(self.nodes.shape[0])

    @property
    def degrees(self) -> int:
        """How many polynomials."""
        return int(self.values.shape[0])


@functools.cache
def lines(count: int) -> Lines:
    """The rule of so many lines."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(count)
    weights = weights / math.sqrt(2.0 * math.pi)
    degrees = range(min(count, MOST_DEGREES))
    values = averaged_polynomials(nodes[None], np.ones((1, 1)), len(degrees))[0]
    shares = np.array(
        [[math.sqrt(math.comb(k, r) / math.factorial(r)) for r in degrees] for k in degrees]
    )
    return Lines(nodes, weights, values, weights * values, shares)


def averaged_polynomials(
    means: Float[np.ndarray, "trades some"], known: Float[np.ndarray, "trades 1"], count: int
) -> Polynomials:
    """Averages of $h_0$, $h_1$, ... over a normal variable with these means and one less $\\rho^2$ as variance.

    $\\sqrt{k+1} H_{k+1} = m H_k - \\sqrt{k} \\rho^2 H_{k-1}$; with $\\rho^2 = 1$ they are the polynomials themselves.

    Args:
        means: m
        known: $\\rho^2$
        count: of the polynomials
    """
    found = np.empty((means.shape[0], count, means.shape[1]))
    found[:, 0] = 1.0
    if count > 1:
        found[:, 1] = means
    for k in range(1, count - 1):
        last = (math.sqrt(k) * known) * found[:, k - 1]
        found[:, k + 1] = (means * found[:, k] - last) * (1.0 / math.sqrt(k + 1))
    return found


def powers(values: Float[np.ndarray, "trades ..."], count: int) -> Polynomials:
    """1, x, $x^2$, ... by degree."""
    found = np.empty((values.shape[0], count, *values.shape[1:]))
    found[:, 0] = 1.0
    for k in range(1, count):
        np.multiply(found[:, k - 1], values, out=found[:, k])
    return found


def series(coefficients: Polynomials, values: Float[np.ndarray, "trades ..."]) -> np.ndarray:
    """Sum of coefficients times powers, by Horner's rule."""
    count = coefficients.shape[1]
    found: np.ndarray = coefficients[:, count - 1].copy()
    for k in range(count - 2, -1, -1):
        found *= values
        found += coefficients[:, k]
    return found


def series_slope(coefficients: Polynomials, values: Float[np.ndarray, "trades ..."]) -> np.ndarray:
    """Derivative of the series to its variable."""
    count = coefficients.shape[1]
    if count == 1:
        return np.zeros_like(values)
    found = (count - 1.0) * coefficients[:, count - 1]
    for k in range(count - 2, 0, -1):
        found *= values
        found += float(k) * coefficients[:, k]
    return found
