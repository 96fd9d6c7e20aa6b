"""Exact labels: the reference pricer's values and derivatives at points of a problem's domain."""

from pathlib import Path

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.types import Inputs, Key, Outputs, Scalar
from neuralrates.problems.domain import Domain, Sampling
from neuralrates.problems.labels import Labels
from neuralrates.problems.problem import Problem
from neuralrates.problems.shards import Progress, in_shards

Jacobian = Float[Array, "outputs inputs"]
_PLAN = "exact-labels-plan"
_BATCH_SIZE = 8  # points per vectorised step: more of them leave the processor's cache


def exact_labels(
    problem: Problem,
    key: Key,
    num_samples: int,
    *,
    batch: int = 256,
    joint: bool = False,
    slopes: bool = True,
    sampling: Sampling = "uniform",
    domain: Domain | None = None,
    folder: str | Path | None = None,
    progress: Progress | None = None,
) -> Labels:
    """Values, derivatives and errors from the reference, at points drawn from the domain.

    Args:
        problem: gives the points and the prices
        key: of the points
        num_samples: how many points
        batch: points per compiled call
        joint: whether the problem's control prices are outputs too
        slopes: whether derivatives are wanted; values alone take a fraction of the time
        sampling: `uniform` or `sobol`
        domain: part of the problem's domain to draw from; all of it when None
        folder: where finished batches are kept; a later call with the same settings goes on from them
        progress: called with the number of samples done and to do

    Returns:
        Labels, with derivatives to every input where wanted.

    Raises:
        ValueError: where the reference is not finite, or the folder was filled with other settings

    Source: derivatives by reverse-mode differentiation of the pricer, after Huge and Savine (2020).
    """
    x = (domain or problem.domain).sample(key, num_samples, sampling)
    record = {"kind": _PLAN, "joint": joint, "problem": problem.record()}
    record |= {} if slopes else {"slopes": False}

    def evaluate(points: Float[Array, "batch inputs"], _: int) -> Labels:
        return _evaluate(problem, points, joint) if slopes else _valued(problem, points, joint)

    return in_shards(x, batch, evaluate, record, folder, progress)


def value_and_jacobian(
    problem: Problem, x: Inputs, joint: bool
) -> tuple[Outputs, Jacobian, Outputs]:
    """Values, derivatives and errors of a problem's outputs at one point: the target's, and if joint its control prices'.

    The target takes one reverse sweep through its pricer; the control prices, closed forms, one forward sweep per input.
    """

    def target(x: Inputs) -> tuple[Scalar, Scalar]:
        price = problem(x)
        return price.value, price.error

    (value, error), slope = jax.value_and_grad(target, has_aux=True)(x)
    outputs = jnp.reshape(value, (1,)), slope[None, :], jnp.reshape(error, (1,))
    return with_control_prices(problem, x, *outputs) if joint else outputs


def with_control_prices(
    problem: Problem,
    x: Inputs,
    value: Float[Array, "1"],
    jacobian: Float[Array, "1 inputs"],
    error: Float[Array, "1"],
) -> tuple[Outputs, Jacobian, Outputs]:
    """A target's value, derivatives and error, with the exact ones of the control prices after them."""
    control_prices, along = jax.linearize(problem.control_values, x)
    slopes = jax.vmap(along, out_axes=1)(jnp.eye(x.shape[0]))
    return (
        jnp.concatenate([value, control_prices]),
        jnp.concatenate([jacobian, slopes]),
        jnp.concatenate([error, jnp.zeros_like(control_prices)]),
    )


def reference_values(
    problem: Problem, x: Float[Array, "samples inputs"]
) -> Float[Array, "samples outputs"]:
    """Reference prices of the target at given points, a column of them."""
    return _valued(problem, x, False).value


@eqx.filter_jit
def _valued(problem: Problem, x: Float[Array, "batch inputs"], joint: bool) -> Labels:
    """Values and errors alone."""

    def one(point: Inputs) -> tuple[Outputs, Outputs]:
        price = problem(point)
        exact = problem.control_values(point) if joint else jnp.zeros(0)
        value, error = (jnp.reshape(part, (1,)) for part in (price.value, price.error))
        return jnp.concatenate([value, exact]), jnp.concatenate([error, jnp.zeros_like(exact)])

    values, errors = jax.lax.map(one, x, batch_size=_BATCH_SIZE)
    return Labels(x, values, None, errors)


@eqx.filter_jit
def _evaluate(problem: Problem, x: Float[Array, "batch inputs"], joint: bool) -> Labels:
    values, jacobians, errors = jax.lax.map(
        lambda point: value_and_jacobian(problem, point, joint), x, batch_size=_BATCH_SIZE
    )
    return Labels(x, values, jacobians, errors)
