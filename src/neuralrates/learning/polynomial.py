"""Differential regression: the polynomial that fits values and differentials best, by one linear system."""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.problems.labels import Labels
from neuralrates.surrogates.regressors.differential_polynomial import DifferentialPolynomial, jet
from neuralrates.surrogates.scaling import Scaling

_BATCH = 1024
_RANK = 1e-12


class _Normal(NamedTuple):
    """Mean products of basis functions with each other and with the labels: of values, and of each derivative."""

    values: Float[Array, "_ _"]
    slopes: Float[Array, "inputs _ _"]
    value_moments: Float[Array, "_ outputs"]
    slope_moments: Float[Array, "inputs _ outputs"]


def fit_polynomial(labels: Labels, degree: int, weight: float = 1.0) -> DifferentialPolynomial:
    """Least squares of a polynomial on values and differentials.

    The loss is that of `differential_loss`: squared misses of the values over their variance, plus the weight times squared
    misses of each derivative over its mean square. Its minimum solves linear equations, one set per output, gathered in
    batches. Directions that the data do not determine are left out by the pseudo-inverse, not damped.

    Args:
        labels: the data; gradients may be missing where the weight is zero
        degree: total degree
        weight: of one derivative against the value

    Returns:
        The polynomial.

    Raises:
        ValueError: where gradients are missing, the degree is below one, or the weight is negative

    Source: Huge and Savine (2020), appendix 3.

    Example:
        >>> import jax.numpy as jnp
        >>> import neuralrates as nr
        >>> x = jnp.linspace(-1.0, 1.0, 8)[:, None]
        >>> labels = nr.learning.Labels.from_arrays(x, x**3, gradient=3.0 * x[:, :, None] ** 2)
        >>> cubic = nr.learning.fit_polynomial(labels, degree=3)
        >>> print(f"{cubic(jnp.array([2.0]))[0]:.9f}")
        8.000000000
    """
    _check(labels, degree, weight)
    scaling = Scaling.from_samples(labels.x)
    x, value = np.asarray(labels.x), np.asarray(labels.value)
    slopes = np.zeros((*value.shape, x.shape[1]))
    if labels.gradient is not None:
        slopes = np.asarray(labels.gradient) * np.asarray(scaling.scale)[None, None, :]
    points = (x - np.asarray(scaling.shift)[None, :]) / np.asarray(scaling.scale)[None, :]
    parts = [
        _gather(points[i : i + _BATCH], value[i : i + _BATCH], slopes[i : i + _BATCH], degree)
        for i in range(0, len(labels), _BATCH)
    ]
    normal = jax.tree.map(lambda *sums: np.sum(sums, axis=0) / len(labels), *parts)
    of_values = _inverse(np.var(value, axis=0))
    of_slopes = weight * _inverse(np.mean(slopes**2, axis=0))
    return DifferentialPolynomial(scaling, _solve_all(normal, of_values, of_slopes), degree)


@functools.partial(jax.jit, static_argnums=3)
def _gather(points: Array, values: Array, slopes: Array, degree: int) -> _Normal:
    """Sums over a batch; slopes are in standardised inputs, shape (samples, outputs, inputs)."""
    basis, derivatives = jax.vmap(lambda z: jet(z, degree))(points)
    return _Normal(
        basis.T @ basis,
        jnp.einsum("sip,siq->ipq", derivatives, derivatives),
        basis.T @ values,
        jnp.einsum("sip,soi->ipo", derivatives, slopes),
    )


@jax.jit
def _solve_all(normal: _Normal, of_values: Array, of_slopes: Array) -> Array:
    """Coefficients of every output."""
    columns = jnp.arange(of_values.shape[0])
    return jax.vmap(functools.partial(_solve, normal))(columns, of_values, of_slopes)


def _solve(normal: _Normal, output: Array, of_values: Array, of_slopes: Array) -> Array:
    """Coefficients of one output: its own weights, scaled so that they matter only to each other."""
    matrix = of_values * normal.values + jnp.tensordot(of_slopes, normal.slopes, 1)
    moments = of_values * normal.value_moments[:, output]
    moments += jnp.tensordot(of_slopes, normal.slope_moments[:, :, output], 1)
    return jnp.linalg.pinv(matrix, rtol=_RANK, hermitian=True) @ moments


def _inverse(size: np.ndarray) -> np.ndarray:
    """One over a mean square; one where it is zero."""
    return 1.0 / np.where(size > 0.0, size, 1.0)


def _check(labels: Labels, degree: int, weight: float) -> None:
    if degree < 1:
        raise ValueError(f"Argument `degree` must be at least 1, but is {degree}.")
    if not weight >= 0.0:
        raise ValueError(f"Argument `weight` must be at least 0, but is {weight}.")
    if weight > 0.0 and labels.gradient is None:
        raise ValueError("Argument `labels` must carry gradients, but has none: set `weight` to 0.")
