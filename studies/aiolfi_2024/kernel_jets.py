"""Gaussian process that has seen values and slopes: differential labels for the best of the classical methods."""

from dataclasses import dataclass, replace
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from scipy.linalg import lapack
from scipy.optimize import minimize

from neuralrates.core.types import Inputs, Outputs, Scalar
from neuralrates.surrogates.scaling import Scaling
from neuralrates.surrogates.surrogate import AbstractSurrogate

Points = Float[np.ndarray, "samples inputs"]
_LENGTHS, _NOISES = (0.05, 300.0), (1e-10, 1e-1)
_START, _SPREAD = 1.0, 3.0
"""Mean and standard deviation of the logarithm of a length, before any sample is seen."""


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

    frozen: ClassVar[bool] = True
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


@dataclass(frozen=True)
class Jets:
    """Values at some points, and slopes along directions at others; raw units.

    Args:
        x: points with values
        value: values there
        slope_points: points with slopes; one may come back with another direction
        directions: the direction of each
        slopes: derivatives along them
    """

    x: Points
    value: Float[np.ndarray, "samples"]
    slope_points: Float[np.ndarray, "slopes inputs"]
    directions: Float[np.ndarray, "slopes inputs"]
    slopes: Float[np.ndarray, "slopes"]

    def part(self, num_values: int, num_slopes: int, seed: int) -> "Jets":
        """Some of the values and some of the slopes, at random."""
        random = np.random.default_rng(seed)
        first = random.permutation(len(self.value))[:num_values]
        second = random.permutation(len(self.slopes))[:num_slopes]
        points, ways = self.slope_points[second], self.directions[second]
        return Jets(self.x[first], self.value[first], points, ways, self.slopes[second])

    def scaled(self, scaling: Scaling, values: Scaling) -> "Jets":
        """The same in scaled units."""
        shift, scale = np.asarray(scaling.shift), np.asarray(scaling.scale)
        mean, spread = float(values.shift[0]), float(values.scale[0])
        return Jets(
            (self.x - shift) / scale,
            (self.value - mean) / spread,
            (self.slope_points - shift) / scale,
            self.directions / scale,
            self.slopes / spread,
        )

    def along_units(self) -> "Jets":
        """The same with directions of length one."""
        size = np.maximum(np.sqrt(np.sum(self.directions**2, axis=1)), 1e-12)
        return replace(self, directions=self.directions / size[:, None], slopes=self.slopes / size)


def fit_jets(
    data: Jets, *, num_tuning: int = 400, num_slopes: int = 600, num_steps: int = 50, seed: int = 0
) -> KernelJets:
    """Process through values and slopes; lengths and both noises maximise the likelihood of a part.

    Args:
        data: values and slopes
        num_tuning: values in that part
        num_slopes: slopes in it
        num_steps: most steps of the maximisation
        seed: of the choice

    Returns:
        The surrogate.

    Source: Rasmussen and Williams (2006), equation 5.8 and section 9.4.
    """
    inputs = Scaling.from_samples(data.x)
    values = Scaling.from_samples(data.value[:, None])
    part = data.scaled(inputs, values).part(num_tuning, num_slopes, seed)
    num_inputs = data.x.shape[1]
    arrays = (part.x, part.value, part.slope_points, part.directions, part.slopes)

    def objective(at: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = _negative_likelihood(jnp.asarray(at), *map(jnp.asarray, arrays))
        return float(np.nan_to_num(value, nan=1e10)), np.nan_to_num(np.asarray(slope))

    start = np.concatenate([np.full(num_inputs, _START), np.log([1e-6, 1e-5])])
    bounds = [tuple(np.log(_LENGTHS))] * num_inputs + [tuple(np.log(_NOISES))] * 2
    options = {"maxiter": num_steps}
    found = minimize(
        objective, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options
    ).x
    lengths, noise = np.exp(found[:num_inputs]), np.exp(found[num_inputs:])
    scaling = Scaling(inputs.shift, np.asarray(inputs.scale) * lengths)
    return interpolate_jets(scaling, values, data, (float(noise[0]), float(noise[1])))


def interpolate_jets(
    scaling: Scaling, values: Scaling, data: Jets, noise: tuple[float, float]
) -> KernelJets:
    """Process through values and slopes with lengths known.

    Args:
        scaling: raw inputs to scaled ones, lengths included
        values: raw values to scaled ones
        data: values and slopes
        noise: variances relative to the process's, of values and of slopes per unit direction

    Returns:
        The surrogate.

    Source: Rasmussen and Williams (2006), equations 2.25 and 9.1.
    """
    known = data.scaled(scaling, values).along_units()
    count, ways = len(known.value), known.directions
    blocks = _covariance(*map(jnp.asarray, (known.x, known.slope_points, ways)))
    matrix = np.asarray(_assembled(*blocks), order="F").copy(order="F")
    matrix[np.diag_indices_from(matrix)] += np.repeat(noise, [count, len(ways)])
    weights = _solve(matrix, np.concatenate([known.value, known.slopes]))
    spread = float(values.scale[0])
    centres = np.concatenate([known.x, known.slope_points])
    jets = np.concatenate([np.zeros_like(known.x), weights[count:, None] * ways])
    return KernelJets(
        scaling,
        jnp.asarray(centres),
        jnp.asarray(spread * np.where(np.arange(len(weights)) < count, weights, 0.0)),
        jnp.asarray(spread * jets),
        values.shift[0],
    )


@jax.jit
@jax.value_and_grad
def _negative_likelihood(
    at: Array, x: Array, value: Array, points: Array, ways: Array, slopes: Array
) -> Scalar:
    """Minus the logarithm of the likelihood, the amplitude at its best, and of the prior of the lengths."""
    num_inputs = x.shape[1]
    lengths, noise = jnp.exp(at[:num_inputs])[None, :], jnp.exp(at[num_inputs:])
    size = jnp.sqrt(jnp.sum((ways / lengths) ** 2, axis=1))
    units = ways / lengths / size[:, None]
    matrix = _assembled(*_covariance(x / lengths, points / lengths, units))
    targets = jnp.concatenate([value, slopes / size])
    kinds = jnp.concatenate([jnp.full_like(value, noise[0]), jnp.full_like(slopes, noise[1])])
    factor = jnp.linalg.cholesky(matrix + jnp.diag(kinds))
    white = jax.scipy.linalg.solve_triangular(factor, targets, lower=True)
    log_volume = jnp.sum(jnp.log(jnp.diag(factor))) + jnp.sum(jnp.log(size))
    prior = 0.5 * jnp.sum(((at[:num_inputs] - _START) / _SPREAD) ** 2)
    return 0.5 * len(targets) * jnp.log(jnp.mean(white**2)) + log_volume + prior


@jax.jit
def _covariance(x: Array, points: Array, units: Array) -> tuple[Array, Array, Array]:
    """Of values with values, of values with slopes, and of slopes with slopes."""
    offset = jnp.sum(points * units, axis=1)[None, :]
    ahead, between = x @ units.T - offset, points @ units.T - offset
    turned = units @ units.T + between.T * between
    return _kernel(x, x), _kernel(x, points) * ahead, _kernel(points, points) * turned


@jax.jit
def _assembled(values: Array, mixed: Array, slopes: Array) -> Array:
    return jnp.block([[values, mixed], [mixed.T, slopes]])


def _kernel(one: Array, other: Array) -> Array:
    squares = jnp.sum(one**2, axis=1)[:, None] + jnp.sum(other**2, axis=1)[None, :]
    return jnp.exp(-0.5 * jnp.maximum(squares - 2.0 * one @ other.T, 0.0))


def _solve(matrix: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Solution of a positive definite system, in the matrix's own memory."""
    factor, failed = lapack.dpotrf(matrix, lower=1, overwrite_a=1, clean=0)
    if failed:
        raise ValueError(
            "Argument `noise` is too small for points so close: the system is singular."
        )
    solution, _ = lapack.dpotrs(factor, targets, lower=1)
    return solution
