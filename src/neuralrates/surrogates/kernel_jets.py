"""Gaussian process that has seen values and slopes: differential labels for the best of the classical methods."""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from scipy.linalg import lapack

from neuralrates.core.types import Inputs, Outputs, Scalar
from neuralrates.surrogates.scaling import Scaling
from neuralrates.surrogates.surrogate import AbstractSurrogate, everywhere

Points = Float[np.ndarray, "samples inputs"]
Directions = Float[np.ndarray, "samples inputs steps"]


class KernelJets(AbstractSurrogate):
    r"""$c + \sum_i (w_i + v_i \cdot (z - z_i)) k(z, z_i)$ with the Gaussian kernel k.

    Args:
        scaling: raw inputs to scaled ones, lengths included
        centres: stored points, scaled
        weights: raw output per kernel
        jets: raw output per kernel and scaled distance
        constant: raw output far from all points

    Source: Rasmussen and Williams (2006), section 9.4.
    """

    scaling: Scaling
    centres: Float[Array, "samples inputs"]
    weights: Float[Array, "samples"]
    jets: Float[Array, "samples inputs"]
    constant: Scalar

    def __call__(self, x: Inputs) -> Outputs:
        apart = self.scaling(x)[None, :] - self.centres
        kernel = jnp.exp(-0.5 * jnp.sum(apart**2, axis=1))
        tilted = self.weights + jnp.sum(self.jets * apart, axis=1)
        return (self.constant + kernel @ tilted)[None]

    def trainable(self) -> Any:
        return everywhere(False, self)


def interpolate_jets(
    scaling: Scaling,
    x: Points,
    value: Float[np.ndarray, "samples"],
    directions: Directions,
    slopes: Float[np.ndarray, "samples steps"],
    noise: tuple[float, float],
) -> KernelJets:
    """Process through values and slopes along given directions.

    Args:
        scaling: raw inputs to scaled ones, lengths included
        x: points in raw units
        value: values there
        directions: along which slopes are known, raw units of the inputs
        slopes: derivatives along them
        noise: variances relative to the process's, of values and of slopes per unit direction

    Returns:
        The surrogate.

    Source: Rasmussen and Williams (2006), equations 2.25 and 9.1.
    """
    z = (x - np.asarray(scaling.shift)) / np.asarray(scaling.scale)
    along = directions / np.asarray(scaling.scale)[None, :, None]
    size = np.maximum(np.sqrt(np.sum(along**2, axis=1)), 1e-12)
    units, known = along / size[:, None, :], slopes / size
    mean, spread = float(np.mean(value)), float(np.std(value))
    targets = np.concatenate([(value - mean) / spread, (known / spread).T.reshape(-1)])
    matrix = _covariance(z, units)
    diagonal = np.repeat(noise, [len(z), len(targets) - len(z)])
    matrix[np.diag_indices_from(matrix)] += diagonal
    solution = _solve(matrix, targets)
    weights, along_weights = solution[: len(z)], solution[len(z) :].reshape(-1, len(z)).T
    jets = np.einsum("nis,ns->ni", units, along_weights)
    return KernelJets(
        scaling,
        jnp.asarray(z),
        jnp.asarray(spread * weights),
        jnp.asarray(spread * jets),
        jnp.asarray(mean),
    )


def _covariance(z: Points, units: Directions) -> np.ndarray:
    """Covariance of values first, then of slopes, direction after direction."""
    count, _, steps = units.shape
    squares = np.sum(z**2, axis=1)
    product = z @ z.T
    kernel = np.exp(product - 0.5 * squares[:, None] - 0.5 * squares[None, :])
    matrix = np.empty((count * (1 + steps), count * (1 + steps)), order="F")
    matrix[:count, :count] = kernel
    # r . u_j at (i, j) with r = z_i - z_j, for every direction of the second point.
    second = [
        z @ units[:, :, s].T - np.sum(z * units[:, :, s], axis=1)[None, :] for s in range(steps)
    ]
    for t in range(steps):
        columns = slice((t + 1) * count, (t + 2) * count)
        matrix[:count, columns] = kernel * second[t]
        matrix[columns, :count] = matrix[:count, columns].T
        for s in range(t + 1):
            rows = slice((s + 1) * count, (s + 2) * count)
            inner = units[:, :, s] @ units[:, :, t].T
            matrix[rows, columns] = kernel * (inner + second[s].T * second[t])
            matrix[columns, rows] = matrix[rows, columns].T
    return matrix


def _solve(matrix: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Solution of a positive definite system, in the matrix's own memory."""
    factor, failed = lapack.dpotrf(matrix, lower=1, overwrite_a=1, clean=0)
    if failed:
        raise ValueError(
            "Argument `noise` is too small for points so close: the system is singular."
        )
    solution, _ = lapack.dpotrs(factor, targets, lower=1)
    return solution
