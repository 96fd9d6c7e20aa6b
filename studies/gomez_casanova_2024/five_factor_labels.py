"""A swaption with two exercise dates under five Gaussian factors: one-path labels, exact Europeans, and the price itself.

The model is ours: reversions of 0, 0.1, 0.25, 0.5 and 1 a year, from a level that never comes back to a factor that is gone in
a year; correlation $e^{-|i-j|/2}$, so that neighbours move together and the ends nearly apart; volatilities of 60 bp for the
level and 30 bp for the others, with which the ten-year rate moves by about 80 bp a year, as quoted swaptions say, and the short
rate by half as much again. The right: to enter, in year 2 or year 5, the rest of a swap that ends in year 15.

Inputs are the five states after one year, drawn with twice their standard deviation. Values are at that horizon, in currency.
Waiting in year 2 is worth a European option, which has a closed form here; so the exercise decision on a path is the
optimal one, and label and pathwise derivative are unbiased: at the exercise boundary both choices are worth
the same on average.
"""

import functools
import math
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array
from scipy.stats import qmc

from neuralrates.core.types import Key
from neuralrates.market.curves.nelson_siegel import NelsonSiegel
from neuralrates.models.gaussian import GaussianFactors, square_root
from neuralrates.pricers.gaussian.european import conditional_european, split
from neuralrates.problems.labels import Labels
from neuralrates.products.swaption import Swaption

HORIZON, FIRST, SECOND, LAST = 1.0, 2.0, 5.0, 15
WIDENING = 2.0
REVERSIONS = (0.0, 0.1, 0.25, 0.5, 1.0)
VOLATILITIES = (0.006, 0.003, 0.003, 0.003, 0.003)
CORRELATION = np.exp(-0.5 * np.abs(np.subtract.outer(np.arange(5), np.arange(5))))
STRIKE = 0.035
POINTS = 2  # of the rule across the swap's direction: the price is then 0.1 bp low, see `prices` with more
NAMES = ("callable", "european_2y", "european_5y")


def build() -> tuple[GaussianFactors, Swaption]:
    """The model, and the receiver's right."""
    curve = NelsonSiegel(0.04, -0.012, 0.0, 2.0)
    model = GaussianFactors(curve, REVERSIONS, VOLATILITIES, CORRELATION)
    payments = np.arange(FIRST + 1.0, LAST + 1.0)
    right = Swaption([FIRST, SECOND], payments, np.ones_like(payments), STRIKE, "receiver")
    return model, right


def sample_states(key: Key, num_samples: int) -> Array:
    """States at the horizon, wider than the model's law."""
    model, _ = build()
    normals = jax.random.normal(key, (num_samples, len(REVERSIONS)), jnp.float64)
    return WIDENING * normals @ square_root(model.covariance(HORIZON)).T


def exercise(model: GaussianFactors, right: Swaption, index: int, state: Array) -> Array:
    """Exercise value in units of the numeraire."""
    time = right.exercise_times[index]
    bonds = jax.vmap(lambda end: model.deflated_bond(time, end, state))(right.flow_times)
    return right.flows[index] @ bonds


def european(
    model: GaussianFactors, right: Swaption, index: int, start: float, state: Array
) -> Array:
    """The right to one exercise, seen from `start` in `state`, in units of the numeraire."""
    time = right.exercise_times[index]
    bonds = jax.vmap(lambda end: model.deflated_bond(start, end, state))(right.flow_times)
    loadings = jax.vmap(model.loadings)(right.flow_times)
    covariance = model.covariance(time) - model.covariance(start)
    return conditional_european(right.flows[index] * bonds, loadings, covariance, POINTS)


def _on_a_path(state: Array, normals: Array) -> Array:
    """The three payoffs on one path from a state at the horizon, at the horizon's value."""
    model, right = build()
    first = model.transition(HORIZON, FIRST, state, normals[0])
    second = model.transition(FIRST, SECOND, first, normals[1])
    now, then = exercise(model, right, 0, first), exercise(model, right, 1, second)
    called = jax.lax.stop_gradient(now >= european(model, right, 1, FIRST, first))
    late = jnp.maximum(then, 0.0)
    payoffs = jnp.stack([jnp.where(called, now, late), jnp.maximum(now, 0.0), late])
    return model.numeraire(HORIZON, state) * payoffs


def europeans(state: Array) -> Array:
    """The two Europeans at the horizon, exactly."""
    model, right = build()
    values = [european(model, right, index, HORIZON, state) for index in (0, 1)]
    return model.numeraire(HORIZON, state) * jnp.stack(values)


def _mapped(function: Callable[..., Array], *arrays: Array, size: int = 256) -> Array:
    return jax.lax.map(lambda row: function(*row), arrays, batch_size=size)


@functools.partial(jax.jit, static_argnums=1)
def _make(key: Key, num_samples: int) -> tuple[Array, Array, Array, Array, Array]:
    keys = jax.random.split(key)
    x = sample_states(keys[0], num_samples)
    normals = jax.random.normal(keys[1], (num_samples, 2, len(REVERSIONS)), jnp.float64)
    sampled = _mapped(_on_a_path, x, normals)
    slopes = _mapped(jax.jacrev(_on_a_path), x, normals)
    exact, exact_slopes = _mapped(europeans, x), _mapped(jax.jacrev(europeans), x)
    return x, sampled, slopes, exact, exact_slopes


def one_path_labels(key: Key, num_samples: int) -> dict[str, Labels]:
    """Labels of one path each, from the same paths.

    Args:
        key: of states and paths
        num_samples: how many

    Returns:
        `alone`: the callable; `joint`: with the exact values of its Europeans; `controlled`: the same, less what each path
        made of the Europeans beyond their exact values, times a regression's coefficients.
    """
    x, value, slope, exact, exact_slope = _make(key, num_samples)
    joint = jnp.concatenate([value[:, :1], exact], axis=1)
    joint_slope = jnp.concatenate([slope[:, :1], exact_slope], axis=1)
    betas = _control(value, exact)
    controlled = joint.at[:, 0].add(-(value[:, 1:] - exact) @ betas)
    surplus = jnp.einsum("sei,e->si", slope[:, 1:] - exact_slope, betas)
    return {
        "alone": Labels.from_arrays(x, value[:, :1], slope[:, :1]),
        "joint": Labels.from_arrays(x, joint, joint_slope),
        "controlled": Labels.from_arrays(x, controlled, joint_slope.at[:, 0].add(-surplus)),
    }


def _control(value: Array, exact: Array) -> Array:
    """Regression of the callable's payoff on the Europeans' noise, their exact values beside it."""
    columns = [jnp.ones((value.shape[0], 1)), exact, value[:, 1:] - exact]
    return jnp.linalg.lstsq(jnp.concatenate(columns, axis=1), value[:, 0])[0][-2:]


def _across_the_boundary_first(
    model: GaussianFactors, right: Swaption, state: Array, normal: Array
) -> Array:
    """State in year 2 whose first normal moves the exercise value, so that Sobol's best coordinate meets the kink."""
    covariance = model.covariance(FIRST) - model.covariance(HORIZON)
    gradient = jax.grad(lambda x: exercise(model, right, 0, x))(state)
    along, variance, across = split(gradient, covariance)
    return state + along * jnp.sqrt(variance) * normal[0] + across @ normal[1:]


@functools.partial(jax.jit, static_argnums=2)
def _averages(x: Array, shifts: Array, size: int) -> Array:
    points = jnp.asarray(qmc.Sobol(len(REVERSIONS), scramble=False).random(size))
    model, right = build()

    def surplus(state: Array, normal: Array) -> Array:
        later = _across_the_boundary_first(model, right, state, normal)
        now, wait = exercise(model, right, 0, later), european(model, right, 1, FIRST, later)
        return jnp.maximum(now - wait, 0.0) - jnp.maximum(now, 0.0)

    def price(state: Array) -> Array:
        def average(shift: Array) -> Array:
            uniforms = jnp.clip((points + shift[None, :]) % 1.0, 1e-14, 1.0 - 1e-14)
            normals = jax.scipy.special.ndtri(uniforms)
            return jnp.mean(_mapped(lambda z: surplus(state, z), normals, size=64))

        surpluses = jax.lax.map(average, shifts)
        return jnp.sum(europeans(state)) + model.numeraire(HORIZON, state) * surpluses

    return jax.lax.map(price, x)


def prices(x: Array, num_points: int = 512, num_shifts: int = 8) -> tuple[Array, Array]:
    """The callable at states of the horizon, and standard errors.

    It is the sum of both Europeans and the mean of $(h - w)^+ - h^+$ in year 2, with h the exercise value and w that of
    waiting: what remains to be averaged, by shifted Sobol points, is small.

    Args:
        x: states
        num_points: Sobol points
        num_shifts: independent shifts

    Returns:
        Values and standard errors, currency per unit notional.
    """
    shifts = jax.random.uniform(jax.random.key(2024), (num_shifts, len(REVERSIONS)), jnp.float64)
    found = _averages(x, shifts, num_points)
    return jnp.mean(found, axis=1), jnp.std(found, axis=1, ddof=1) / math.sqrt(num_shifts)
