"""Sampled payoffs: noisy labels, one or a few simulated paths each, with their pathwise differentials."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuralrates.core.checks import check_choice
from neuralrates.core.types import Inputs, Key, Outputs, Scalar
from neuralrates.learning.data.compensators import compensation
from neuralrates.learning.data.hedges import gains_of_europeans
from neuralrates.learning.data.paths import (
    PAYOFFS,
    Control,
    Keeping,
    Payoff,
    grid_size,
    path_value,
    position,
)
from neuralrates.models.model import State
from neuralrates.problems.exact_labels import with_control_prices
from neuralrates.problems.labels import Labels
from neuralrates.problems.problem import Problem
from neuralrates.problems.shards import Progress, in_shards
from neuralrates.products.held import HeldProduct
from neuralrates.surrogates.surrogate import digest

Policy = Callable[[Scalar, Inputs, State], Scalar]
"""Number of an exercise time, market inputs and state there to the value of keeping the product."""
_BATCH_SIZE = 128


def sampled_payoffs(
    problem: Problem,
    policy: Policy,
    key: Key,
    num_samples: int,
    *,
    num_paths: int = 1,
    payoff: Payoff = "cash_flows",
    joint: bool = False,
    x: Float[Array, "samples inputs"] | None = None,
    batch: int = 8192,
    folder: str | Path | None = None,
    progress: Progress | None = None,
) -> Labels:
    """Labels by simulation: every sample has inputs of its own, and a few paths.

    Each path moves by the model's exact transitions under its own measure and numeraire, stops where the policy says, and
    its value is differentiated along the path with the decisions held fixed. The labels are unbiased for the value under
    that policy. Their differentials miss that a decision may flip, a bias of first order in the policy's error at the
    boundary; the value itself falls short of the best policy's by an amount of second order.

    Args:
        problem: gives points, models and products: callable, cancellable, or held at a date
        policy: value of keeping, which decides; a module (`equinox.Module`) where labels are kept in a folder, since a plain
            function does not say by which policy they were made
        key: of points and paths
        num_samples: how many samples
        num_paths: paths of each sample: antithetic pairs where even; one alone is the mirror of its neighbour's
        payoff: `cash_flows` along the path, a floating leg by its coupons; `exercise_value`, what exercise gives at its
            value there; `hedged`, the same less the gains of a hedge in Europeans; `compensated`, less what the policy's
            own values gained beyond their expectation. Both gains are zero on average, and take noise away
        joint: whether the problem's control prices, with their exact values and differentials, are outputs too
        x: the points, `num_samples` of them, where the problem's domain is not to draw them
        batch: samples per compiled call
        folder: where finished batches are kept, to go on from
        progress: called with the number of samples done and to do

    Returns:
        Labels; `error` is the standard error over the paths of each sample. One path, or one antithetic pair, does not
        say it: the standard deviation of the batch stands in for it, which is too large.

    Raises:
        ValueError: where paths are not finite, `num_paths` is no number of paths, `x` has other than `num_samples` points, the
            folder holds other labels, or the policy is a plain function and there is a folder

    Source: Gomez Casanova et al. (2024), section 3, for sampled payoffs with inputs of their own; Huge and Savine (2020)
    for pathwise differentials.

    Example:
        >>> import jax
        >>> import neuralrates as nr
        >>> problem = nr.problems.ten_year_cancellable("payer")
        >>> def cancel_in_the_money(exercise, x, state):
        ...     return 0.0
        >>> labels = nr.learning.sampled_payoffs(problem, cancel_in_the_money, jax.random.key(0), 64, num_paths=4)
        >>> labels.value.shape, labels.gradient.shape
        ((64, 1), (64, 1, 10))
    """
    check_choice("payoff", payoff, PAYOFFS)
    if num_paths < 1 or (num_paths > 1 and num_paths % 2):
        raise ValueError(f"Argument `num_paths` must be 1 or even, but is {num_paths}.")
    if x is not None and x.shape[0] != num_samples:
        raise ValueError(
            f"Argument `x` must have `num_samples` = {num_samples} points, but has {x.shape[0]}."
        )
    of_points, of_paths = jax.random.split(key)
    points = problem.domain.sample(of_points, num_samples) if x is None else x
    record = {
        "kind": "sampled-payoffs-plan",
        "problem": problem.record(),
        "payoff": payoff,
        "drawn": "floating legs by coupons, single paths in mirrored pairs",
        "num_paths": num_paths,
        "joint": joint,
        "key": [int(word) for word in jax.random.key_data(key).reshape(-1)],
        "policy": _name(policy) if folder is not None else None,
    }

    def evaluate(points: Float[Array, "batch inputs"], index: int) -> Labels:
        key, count = jax.random.fold_in(of_paths, index), points.shape[0]
        if num_paths > 1:
            keys, signs = jax.random.split(key, count), jnp.ones(count)
        else:
            keys = jnp.repeat(jax.random.split(key, (count + 1) // 2), 2)[:count]
            signs = jnp.where(jnp.arange(count) % 2 == 0, 1.0, -1.0)
        return _evaluate(problem, policy, points, keys, signs, num_paths, payoff, joint)

    return in_shards(points, batch, evaluate, record, folder, progress)


def _name(policy: Policy) -> str:
    """Class and digest of a policy: what labels in a folder were made by."""
    if not isinstance(policy, eqx.Module):
        raise ValueError(
            "Argument `policy` must be a module (equinox.Module) where labels are kept in `folder`, but is "
            f"{type(policy).__name__}: nothing says whether labels kept there are its own."
        )
    return f"{type(policy).__name__} {digest(policy)}"


def sample_value(
    problem: Problem,
    policy: Policy,
    x: Inputs,
    key: Key,
    num_paths: int,
    payoff: Payoff,
    sign: Scalar | float = 1.0,
) -> tuple[Scalar, Float[Array, "paths"]]:
    """Mean over the paths of one sample, and each independent path's (or antithetic pair's) value; a sign turns the normals."""
    model, product = problem.build(x)
    held = position(model, product)
    factors = jnp.size(model.initial_state)
    market = x[: x.shape[0] - 1 - factors] if isinstance(product, HeldProduct) else x
    pairs = num_paths // 2
    shape = (max(pairs, 1), grid_size(held, payoff), factors)
    normals = sign * jax.random.normal(key, shape, dtype=jnp.float64)

    def keeping(exercise: Any, state: State) -> Scalar:
        return policy(exercise, market, state)

    def deciding(exercise: Any, state: State) -> Scalar:
        return policy(exercise, jax.lax.stop_gradient(market), state)

    control = _control(payoff, keeping, jax.random.fold_in(key, 1))

    def value(normals: Float[Array, "times factors"]) -> Scalar:
        return path_value(model, held, deciding, normals, payoff, control)

    if pairs:
        normals = jnp.concatenate([normals, -normals])
    values = jax.vmap(value)(normals)
    if pairs:
        values = 0.5 * (values[:pairs] + values[pairs:])
    return jnp.mean(values), values


def _control(payoff: Payoff, keeping: Keeping, key: Key) -> Control | None:
    """What is taken from a path's payoff; nothing for the plain ones."""
    match payoff:
        case "hedged":
            return gains_of_europeans
        case "compensated":
            return compensation(keeping, key)
    return None


@eqx.filter_jit
def _evaluate(
    problem: Problem,
    policy: Policy,
    x: Float[Array, "batch inputs"],
    keys: Any,
    signs: Float[Array, "batch"],
    num_paths: int,
    payoff: Payoff,
    joint: bool,
) -> Labels:
    def one(at: tuple[Inputs, Key, Scalar]) -> tuple[Outputs, Array, Outputs]:
        point, key, sign = at
        (value, paths), slope = jax.value_and_grad(
            lambda x: sample_value(problem, policy, x, key, num_paths, payoff, sign), has_aux=True
        )(point)
        error = jnp.std(paths) / jnp.sqrt(max(paths.shape[0] - 1, 1) * 1.0)
        outputs = jnp.reshape(value, (1,)), slope[None, :], jnp.reshape(error, (1,))
        return with_control_prices(problem, point, *outputs) if joint else outputs

    value, gradient, error = jax.lax.map(one, (x, keys, signs), batch_size=_BATCH_SIZE)
    if num_paths <= 2:
        error = error.at[:, 0].set(jnp.std(value[:, 0]))
    return Labels(x, value, gradient, error)
