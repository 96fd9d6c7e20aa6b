"""Gaussian averages of a function that is smooth on each of a few segments, known at Gauss-Legendre nodes of each.

Two rules. The *kernel* rule multiplies the values by the Gaussian density at the nodes: cheap, and right where the nodes are
dense on the scale of a standard deviation. The *local* rule integrates the polynomial through the values over the few
standard deviations around each state: it needs nodes for the function alone, however narrow the Gaussian.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.core.types import Scalar

REACH = 8.0
"""Standard deviations kept by the local rule on each side; it leaves out 1e-15 of the mass."""

FEWEST_LOCAL_POINTS = 32
Edges = Float[Array, "edges"]
Nodes = Float[Array, "nodes"]


def nodes_and_weights(edges: Edges, num_points: int) -> tuple[Nodes, Nodes]:
    """Gauss-Legendre nodes and weights of every segment between the edges, in order."""
    points, widths = (jnp.asarray(a) for a in np.polynomial.legendre.leggauss(num_points))
    half = 0.5 * jnp.diff(edges)[:, None]
    nodes = edges[:-1, None] + half * (points[None, :] + 1.0)
    return nodes.reshape(-1), (half * widths[None, :]).reshape(-1)


def averaged(
    edges: Edges, values: Nodes, step: Scalar, local: bool
) -> Callable[[Scalar], tuple[Scalar, Scalar]]:
    """Gaussian average of what has these values at the nodes between the edges, zero beyond, and its slope.

    Args:
        edges: ends of the segments
        values: at the nodes of `nodes_and_weights`
        step: variance of the Gaussian
        local: by the local rule, else by the kernel rule

    Returns:
        Function of the state that the Gaussian is centred on.
    """
    num_points = values.shape[0] // (edges.shape[0] - 1)
    if local:
        coefficients = legendre_coefficients(values, num_points)
        return lambda state: local_average(edges, coefficients, step, state)
    nodes, weights = nodes_and_weights(edges, num_points)
    return lambda state: kernel_average(nodes, weights * values, step, state)


def kernel_average(
    states: Nodes, masses: Nodes, step: Scalar, state: Scalar
) -> tuple[Scalar, Scalar]:
    """Gaussian average of point masses, and its slope.

    Args:
        states: where the masses are
        masses: weight times value
        step: variance of the Gaussian
        state: its mean

    Returns:
        Average and derivative to the mean.
    """
    offset = states - state
    kernel = masses / jnp.sqrt(2.0 * jnp.pi * step) * jnp.exp(-0.5 / step * offset**2)
    return jnp.sum(kernel), jnp.sum(offset * kernel) / step


def legendre_coefficients(values: Nodes, num_points: int) -> Float[Array, "points segments"]:
    """Coefficients of the Legendre series through the values at the nodes of each segment."""
    points, widths = np.polynomial.legendre.leggauss(num_points)
    degrees = np.arange(num_points)
    polynomials = np.polynomial.legendre.legvander(points, num_points - 1)
    transform = (polynomials * widths[:, None]).T * (degrees + 0.5)[:, None]
    return jnp.asarray(transform) @ values.reshape(-1, num_points).T


def local_average(
    edges: Edges, coefficients: Float[Array, "points segments"], step: Scalar, state: Scalar
) -> tuple[Scalar, Scalar]:
    """Gaussian average of a function given by Legendre series between edges, zero beyond, and its slope.

    Args:
        edges: ends of the segments
        coefficients: from `legendre_coefficients`
        step: variance of the Gaussian
        state: its mean

    Returns:
        Average and derivative to the mean.
    """
    count = max(FEWEST_LOCAL_POINTS, coefficients.shape[0] // 2)
    points, widths = (jnp.asarray(a) for a in np.polynomial.legendre.leggauss(count))
    reach = REACH * jnp.sqrt(step)
    starts, ends = edges[:-1], edges[1:]
    lows = jnp.clip(state - reach, starts, ends)
    half = 0.5 * (jnp.clip(state + reach, starts, ends) - lows)
    nodes = lows[:, None] + half[:, None] * (points[None, :] + 1.0)
    lengths = jnp.where(ends > starts, ends - starts, 1.0)[:, None]
    values = _series(coefficients, (2.0 * nodes - starts[:, None] - ends[:, None]) / lengths)
    offset = nodes - state
    density = jnp.exp(-0.5 / step * offset**2) / jnp.sqrt(2.0 * jnp.pi * step)
    masses = half[:, None] * widths[None, :] * density * values
    return jnp.sum(masses), jnp.sum(offset * masses) / step


def _series(
    coefficients: Float[Array, "points segments"], place: Float[Array, "segments local"]
) -> Float[Array, "segments local"]:
    """Legendre series by Clenshaw's recurrence."""
    degrees = jnp.arange(coefficients.shape[0], dtype=jnp.float64)

    def add(carry: tuple[Array, Array], term: tuple[Scalar, Array]) -> tuple:
        one, two = carry
        degree, coefficient = term
        ahead = (2.0 * degree + 1.0) / (degree + 1.0)
        behind = (degree + 1.0) / (degree + 2.0)
        return (coefficient[:, None] + ahead * place * one - behind * two, one), None

    nothing = jnp.zeros_like(place)
    (total, _), _ = jax.lax.scan(add, (nothing, nothing), (degrees, coefficients), reverse=True)
    return total
