"""Bermudans under two factors by tensor integration: slow, and nothing in common with the induction along boundaries.

The value of waiting is a quintic spline over a grid of the plane. A step averages the larger of exercise and waiting on a
Gauss-Hermite rule across and, on each of its lines, Gauss-Legendre rules on both sides of where the two meet.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.interpolate import CubicSpline, RectBivariateSpline
from scipy.optimize import brentq

Plane = Callable[[np.ndarray, np.ndarray], np.ndarray]
_REACH = 7.5


class Sizes(NamedTuple):
    """Of grids and rules.

    Args:
        along: grid points in the direction in which exercise changes
        across: in the other
        points: of the rules of a step
    """

    along: int
    across: int
    points: int


USUAL, COARSE = Sizes(72, 28, 18), Sizes(48, 20, 13)


class _Level(NamedTuple):
    axes: np.ndarray
    exercise: Plane
    waiting: Plane
    boundary: CubicSpline


def tensor_value(
    covariances: np.ndarray, loadings: np.ndarray, present_values: np.ndarray, sizes: Sizes = USUAL
) -> float:
    """Value today of a right to bond portfolios.

    Args:
        covariances: of the state at the exercises
        loadings: $H(T_k)$ of the flow times by factor, years, up to a constant
        present_values: value today of each flow received on exercise
        sizes: of the grids
    """
    later: _Level | None = None
    before = covariances[-1]
    for i in range(covariances.shape[0] - 1, -1, -1):
        axes, exercise = _coordinates(covariances[i], loadings, present_values[i])
        waiting = (
            _nothing if later is None else _waiting(axes, later, before - covariances[i], sizes)
        )
        later = _Level(axes, exercise, waiting, _boundary(exercise, waiting))
        before = covariances[i]
    assert later is not None
    return _today(later)


def _nothing(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.zeros(np.broadcast(a, b).shape)


def coordinates(
    covariance: np.ndarray, loadings: np.ndarray, values: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Axes that make independent standard normals of the state, the first that in which bonds lose; amounts and loadings there.

    Args:
        covariance: of the state
        loadings: of all bonds
        values: of them today; those worth nothing are left out
    """
    paid = values != 0.0
    root = np.linalg.cholesky(covariance)
    seen = loadings[paid] @ root
    amounts = values[paid] * np.exp(-0.5 * np.sum(seen**2, axis=1))
    first = amounts @ seen
    first = first / np.linalg.norm(first)
    turned = np.stack([first, [-first[1], first[0]]])
    return root @ turned.T, amounts, seen @ turned.T


def _coordinates(
    covariance: np.ndarray, loadings: np.ndarray, values: np.ndarray
) -> tuple[np.ndarray, Plane]:
    axes, amounts, placed = coordinates(covariance, loadings, values)

    def value(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        found = np.zeros(np.broadcast(a, b).shape)
        for amount, (one, two) in zip(amounts, placed, strict=True):
            found += amount * np.exp(-one * a - two * b)
        return found

    return axes, value


def _waiting(axes: np.ndarray, later: _Level, step: np.ndarray, sizes: Sizes) -> Plane:
    inverse = np.linalg.inv(later.axes)
    mean, noise = inverse @ axes, inverse @ step @ inverse.T
    first = np.linspace(-_REACH, _REACH, sizes.along)
    second = np.linspace(-_REACH + 1.5, _REACH - 1.5, sizes.across)
    grid = np.stack(np.meshgrid(first, second, indexing="ij"))
    means = np.einsum("ij,jkl->ikl", mean, grid)
    deviation, slope = np.sqrt(noise[1, 1]), noise[0, 1] / noise[1, 1]
    rest = np.sqrt(noise[0, 0] - noise[0, 1] * slope)
    nodes, weights = np.polynomial.hermite_e.hermegauss(sizes.points)
    found = np.zeros(grid.shape[1:])
    for node, weight in zip(nodes, weights / np.sqrt(2.0 * np.pi), strict=True):
        across = means[1] + deviation * node
        centre = means[0] + slope * deviation * node
        found += weight * _average(later, centre, across, rest, sizes.points)
    spline = RectBivariateSpline(first, second, found, kx=5, ky=5, s=0)
    low, high = (first[0], second[0]), (first[-1], second[-1])
    return lambda a, b: spline.ev(np.clip(a, low[0], high[0]), np.clip(b, low[1], high[1]))


def _average(
    level: _Level, centre: np.ndarray, across: np.ndarray, deviation: float, points: int
) -> np.ndarray:
    """Average over a normal first coordinate, the second given; each side of the boundary by a rule of its own."""
    ends = centre - 7.0 * deviation, centre + 7.0 * deviation
    kink = np.clip(level.boundary(np.clip(across, -_REACH, _REACH)), *ends)
    found = np.zeros_like(centre)
    for low, high in ((ends[0], kink), (kink, ends[1])):
        half = 0.5 * (high - low)
        for node, weight in zip(*np.polynomial.legendre.leggauss(points), strict=True):
            place = low + half * (node + 1.0)
            density = np.exp(-0.5 * ((place - centre) / deviation) ** 2)
            value = np.maximum(level.exercise(place, across), level.waiting(place, across))
            found += weight * half * density * value / (deviation * np.sqrt(2.0 * np.pi))
    return found


def _boundary(exercise: Plane, waiting: Plane) -> CubicSpline:
    lines = np.linspace(-_REACH, _REACH, 51)

    def root(b: float) -> float:
        def excess(a: float) -> float:
            return float(exercise(np.array(a), np.array(b)) - waiting(np.array(a), np.array(b)))

        ends = excess(-_REACH), excess(_REACH)
        if ends[0] * ends[1] > 0.0:
            return -_REACH if abs(ends[0]) < abs(ends[1]) else _REACH
        return float(brentq(excess, -_REACH, _REACH, xtol=1e-9))

    return CubicSpline(lines, [root(b) for b in lines])


def _today(level: _Level) -> float:
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    values = _average(level, np.zeros(40), nodes, 1.0, 60)
    return float(values @ weights / np.sqrt(2.0 * np.pi))
