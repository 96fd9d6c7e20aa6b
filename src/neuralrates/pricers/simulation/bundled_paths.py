"""Paths that are spread evenly in every bundle, and the regressions on them: the parts of stochastic grid bundling.

At each exercise time the paths are put in the order of their exercise values, so that bundles are neighbours in a row. The
i-th path in that order takes the i-th point of a shifted Sobol sequence for its next normals. A run of $2^k$ points of the
sequence is evenly spread over the unit cube, so every bundle samples the next step evenly; the shift, uniform and new at
each step, leaves each single path its exact law.
"""

import math
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int
from scipy.stats import qmc

from neuralrates.core.types import Key, Scalar
from neuralrates.models.model import AbstractModel
from neuralrates.pricers.gaussian.quadrature import gauss_hermite
from neuralrates.pricers.simulation.polynomial_basis import hermite_products
from neuralrates.products.callable import AbstractCallable

Paths = Float[Array, "paths"]
Bundled = Float[Array, "batch paths"]
_RIDGE = 1e-10
_EDGE = 1e-14


class Walk(NamedTuple):
    """One step of all paths from one exercise time to the next; every step, with one more axis in front.

    Args:
        start: time at which the step starts, years
        end: time at which it ends
        before: states at the start, in the order of the exercise values there
        after: states at the end of the same paths
        value: exercise values at the end of the same paths, in units of the numeraire
        order: which paths come first, second, ... by the exercise values at the end
        rank: the place of each path in that order
    """

    start: Float[Array, "*exercises"]
    end: Float[Array, "*exercises"]
    before: Float[Array, "..."]
    after: Float[Array, "..."]
    value: Float[Array, "*exercises paths"]
    order: Int[Array, "*exercises paths"]
    rank: Int[Array, "*exercises paths"]


class Regression(eqx.Module):
    """The value at the end of a step as a polynomial of the state there, one per bundle at its start.

    Args:
        edges: exercise values at the start above which the next bundle begins
        centre: of the states at the end, per bundle
        scale: of the states at the end, per bundle
        coefficients: of the products of Hermite polynomials, per bundle
        degree: total degree
    """

    edges: Float[Array, "*exercises _"]
    centre: Float[Array, "*exercises batch factors"]
    scale: Float[Array, "*exercises batch factors"]
    coefficients: Float[Array, "*exercises batch inputs"]
    degree: int = eqx.field(static=True)

    def __call__(self, states: Float[Array, "batch paths factors"]) -> Bundled:
        """Polynomials at states of their own bundles, in units of the numeraire."""
        z = (states - self.centre[:, None, :]) / self.scale[:, None, :]
        basis = jax.vmap(lambda points: hermite_products(points, self.degree))(z)
        return jnp.einsum("bpi,bi->bp", basis, self.coefficients)

    def of_paths(self, value: Paths) -> "Regression":
        """The same polynomials, one bundle per path: each path's own by its exercise value."""
        bundle = jnp.sum(value[:, None] > self.edges[None, :], axis=1)
        nothing = jnp.zeros(0)
        kept = (self.centre[bundle], self.scale[bundle], self.coefficients[bundle])
        return Regression(nothing, *kept, self.degree)


def walk(model: AbstractModel, product: AbstractCallable, key: Key, num_paths: int) -> Walk:
    """Paths over all exercise times, from the model's initial state.

    Args:
        model: gives the transition and the numeraire
        product: gives the times and the exercise values
        key: of the shifts
        num_paths: number of paths, a power of two

    Returns:
        The steps in order, with one more axis in front.
    """
    shape = jnp.shape(model.initial_state)
    sequence = qmc.Sobol(math.prod(shape), scramble=False).random(num_paths)
    points, times = jnp.asarray(sequence), product.exercise_times

    def step(states: Array, at: tuple[Scalar, Scalar, Key]) -> tuple[Array, Walk]:
        start, end, key = at
        shift = jax.random.uniform(key, points.shape[1:], jnp.float64)
        uniforms = jnp.clip((points + shift[None, :]) % 1.0, _EDGE, 1.0 - _EDGE)
        normals = jnp.reshape(jax.scipy.special.ndtri(uniforms), states.shape)
        move = jax.vmap(lambda x, z: jnp.asarray(model.transition(start, end, x, z)))
        after = move(states, normals)
        value = jax.vmap(lambda x: _deflated_exercise_value(model, product, end, x))(after)
        order = jnp.argsort(jax.lax.stop_gradient(value))
        rank = jnp.zeros_like(order).at[order].set(jnp.arange(num_paths))
        return after[order], Walk(start, end, states, after, value, order, rank)

    first = jnp.broadcast_to(model.initial_state, (num_paths, *shape))
    starts = jnp.concatenate([jnp.zeros(1), times[:-1]])
    keys = jax.random.split(key, times.shape[0])
    return jax.lax.scan(step, first, (starts, times, keys))[1]


def _deflated_exercise_value(
    model: AbstractModel, product: AbstractCallable, time: Scalar, state: Array
) -> Float[Array, ""]:
    value = product.exercise_value(time, lambda end: model.bond(time, end, state))
    return jnp.asarray(value / model.numeraire(time, state))


def in_bundles(states: Array, bundles: int) -> Float[Array, "batch paths factors"]:
    """Paths in a row as equal bundles of neighbours, the state as a vector."""
    return jnp.reshape(states, (bundles, states.shape[0] // bundles, -1))


def regress(after: Array, held: Paths, edges: Float[Array, "_"], degree: int) -> Regression:
    """Least squares of the value at the end of a step on the state there, bundle by bundle.

    Args:
        after: states at the end, the paths in the order of the bundles
        held: values at the end, in units of the numeraire
        edges: of the bundles at the start, one fewer than there are
        degree: total degree of the polynomials

    Returns:
        The polynomials.
    """
    bundles = edges.shape[0] + 1

    def fit(states: Array, values: Paths) -> tuple[Array, Array, Array]:
        fixed = jax.lax.stop_gradient(states)  # polynomials are the same wherever they are centred
        centre, spread = jnp.mean(fixed, axis=0), jnp.std(fixed, axis=0)
        scale = jnp.where(spread > 0.0, spread, 1.0)
        basis = hermite_products((states - centre[None, :]) / scale[None, :], degree)
        gram = basis.T @ basis / values.shape[0] + _RIDGE * jnp.eye(basis.shape[1])
        return centre, scale, jnp.linalg.solve(gram, basis.T @ values / values.shape[0])

    fitted = jax.vmap(fit)(in_bundles(after, bundles), jnp.reshape(held, (bundles, -1)))
    return Regression(edges, *fitted, degree)


def waiting(
    model: AbstractModel,
    start: Scalar,
    end: Scalar,
    states: Float[Array, "batch paths factors"],
    fitted: Regression,
) -> Bundled:
    """Mean of the polynomials over a step from given states, exact where the transition is affine in its normals.

    Args:
        model: gives the transition
        start: time at which the step starts, years
        end: time at which it ends
        states: at the start
        fitted: polynomials of the state at the end

    Returns:
        Values in units of the numeraire.
    """
    shape = jnp.shape(model.initial_state)
    nodes, weights = gauss_hermite(fitted.degree // 2 + 1, math.prod(shape))

    def at_end(normal: Array) -> Bundled:
        def moved(state: Array) -> Array:
            state = jnp.reshape(state, shape)
            return jnp.ravel(jnp.asarray(model.transition(start, end, state, normal)))

        return fitted(jax.vmap(jax.vmap(moved))(states))

    values = jax.vmap(at_end)(jnp.asarray(nodes.reshape(-1, *shape)))
    return jnp.tensordot(jnp.asarray(weights), values, 1)
