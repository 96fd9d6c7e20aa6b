"""Quadrature rules for independent standard normals."""

import math

import numpy as np


def gauss_hermite(num_points: int, dimensions: int) -> tuple[np.ndarray, np.ndarray]:
    """Product of Gauss-Hermite rules, exact for polynomials of degree up to twice the points less one in each variable.

    Args:
        num_points: points in each dimension
        dimensions: number of independent standard normals; none gives one point

    Returns:
        Points, one row each, and their weights, which sum to one.

    Example:
        >>> from neuralrates.pricers.gaussian.quadrature import gauss_hermite
        >>> points, weights = gauss_hermite(3, 2)
        >>> print(points.shape, f"{weights @ (points[:, 0] ** 4 * points[:, 1] ** 2):.12f}")
        (9, 2) 3.000000000000
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(num_points)
    index = np.indices((num_points,) * dimensions).reshape(dimensions, num_points**dimensions)
    return nodes[index.T], np.prod(weights[index.T] / math.sqrt(2.0 * math.pi), axis=1)
