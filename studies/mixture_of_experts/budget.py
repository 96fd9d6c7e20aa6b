"""Monte Carlo and backward induction at the time that our network takes per price, its baseline included."""

import functools
import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

import neuralrates as nr
from neuralrates.pricers.backward_induction import BackwardInduction, run_induction, value_today
from neuralrates.problems.instrument_inputs import INPUTS, named, rate_model
from neuralrates.problems.instrument_prices import (
    annual_leg,
    bermudan_product,
    price_and_baseline,
)
from studies.kept import Result
from studies.mixture_of_experts.networks import ours
from studies.mixture_of_experts.study import Study

ROWS, ROUNDS, TOGETHER, STEPS = 512, 5, 32, 12
Scalar = Float[Array, ""]
Estimate = Callable[[Float[Array, "inputs"], PRNGKeyArray, int], Scalar]


def swaption_by_paths(x: Float[Array, "inputs"], key: PRNGKeyArray, size: int) -> Scalar:
    """European swaption by exact draws of the state at expiry, in pairs of opposite sign."""
    model, at = rate_model(x), named(x)
    times, accruals, rate = annual_leg(model.curve, at["expiry"], at["tenor"])
    strike = rate + at["strike_spread"]
    flows = jnp.concatenate([jnp.stack([at["expiry"], at["expiry"] + at["tenor"]]), times])
    amounts = jnp.concatenate([jnp.array([1.0, -1.0]), -strike * accruals])
    loadings, variance = jax.vmap(model.loading)(flows), model.variance(at["expiry"])
    worth = amounts * jax.vmap(model.curve.discount_factor)(flows)
    half = jnp.sqrt(variance) * jax.random.normal(key, (size // 2,), jnp.float64)
    state = jnp.concatenate([half, -half])
    growth = jnp.exp(-state[:, None] * loadings[None, :] - 0.5 * variance * loadings[None, :] ** 2)
    return jnp.mean(jnp.maximum(growth @ worth, 0.0))


def option_by_paths(x: Float[Array, "inputs"], key: PRNGKeyArray, size: int) -> Scalar:
    """Call under stochastic variance by twelve steps of full truncation, in pairs of opposite sign.

    Source: Lord, Koekkoek and Van Dijk (2010).
    """
    at = named(x)
    step = at["expiry"] / STEPS
    discount = rate_model(x).curve.discount_factor(at["expiry"])
    strike = jnp.exp(at["log_moneyness"] + at["carry"] * at["expiry"]) * discount
    draws = jax.random.normal(key, (STEPS, 2, size // 2), jnp.float64)
    both = jnp.concatenate([draws, -draws], axis=2)

    def move(state: tuple[Array, Array], normal: Array) -> tuple[tuple[Array, Array], None]:
        spot, variance = state
        positive = jnp.maximum(variance, 0.0)
        root = jnp.sqrt(positive * step)
        mixed = at["correlation"] * normal[0] + jnp.sqrt(1.0 - at["correlation"] ** 2) * normal[1]
        pull = at["variance_reversion"] * (at["long_variance"] - positive) * step
        return (
            spot - 0.5 * positive * step + root * normal[0],
            variance + pull + at["variance_volatility"] * root * mixed,
        ), None

    start = (jnp.zeros(both.shape[2]), jnp.full(both.shape[2], at["variance"]))
    (spot, _), _ = jax.lax.scan(move, start, both)
    return jnp.exp(-at["carry"] * at["expiry"]) * jnp.mean(jnp.maximum(jnp.exp(spot) - strike, 0.0))


def bermudan_on_a_grid(x: Float[Array, "inputs"], key: PRNGKeyArray, size: int) -> Scalar:
    """Bermudan swaption by backward induction with this many points on each side of the boundary."""
    method = BackwardInduction(tolerance=1e-4, num_points=size, num_boundaries=1)
    return value_today(
        run_induction(method, rate_model(x), bermudan_product(rate_model(x), named(x)))
    )


RIVALS: dict[str, tuple[str, Estimate, tuple[int, ...]]] = {
    "european_swaption": ("Monte Carlo", swaption_by_paths, (2, 16, 128, 1024)),
    "index_option": ("Monte Carlo", option_by_paths, (2, 16, 128)),
    "bermudan_swaption": ("backward induction", bermudan_on_a_grid, (2, 4, 8)),
}


def time_budget(study: Study) -> Result:
    """Errors of the rivals at our time per price, or at their quickest where they are slower, beside ours."""
    network = ours(study, study.settings.seeds[0])
    runtime = nr.serving.SparseRuntime(network)

    def run() -> Result:
        return {name: _beside(study, runtime, name, *RIVALS[name]) for name in RIVALS}

    return study.once("time-budget", run)


def _beside(
    study: Study,
    runtime: nr.serving.SparseRuntime,
    name: str,
    kind: str,
    estimate: Estimate,
    sizes: tuple[int, ...],
) -> Result:
    held = study.test.take(study.test.group == study.panel.groups.index(name))
    rows = held.take(np.arange(ROWS) % len(held))
    x, value = jnp.asarray(rows.x[:, : len(INPUTS)]), np.asarray(rows.value)
    keys = jax.random.split(jax.random.key(0), ROWS)

    def mine() -> np.ndarray:
        return np.asarray(_cheap(x, name)) + runtime.value(np.asarray(rows.x))[:, 0]

    price, seconds = _clocked(mine)
    found: Result = {"kind": kind, "seconds": seconds, "error_bp": _miss(price, value)}
    tried = []
    for size in sizes:
        call = functools.partial(_estimated, x, keys, estimate, size)
        other, taken = _clocked(lambda call=call: np.asarray(call()))  # type: ignore[misc]
        tried.append({"size": size, "seconds": taken, "error_bp": _miss(other, value)})
    affordable = [one for one in tried if one["seconds"] <= seconds]
    matched = affordable[-1] if affordable else tried[0]
    return found | {"tried": tried, "matched": matched, "affordable": bool(affordable)}


@functools.partial(jax.jit, static_argnums=1)
def _cheap(x: Array, name: str) -> Array:
    return jax.lax.map(lambda p: price_and_baseline(p, name)[1], x, batch_size=TOGETHER)


@functools.partial(jax.jit, static_argnums=(2, 3))
def _estimated(x: Array, keys: Array, estimate: Estimate, size: int) -> Array:
    return jax.lax.map(
        lambda pair: estimate(pair[0], pair[1], size), (x, keys), batch_size=TOGETHER
    )


def _clocked(call: Callable[[], Any]) -> tuple[Any, float]:
    """What a call returns, and its middle time per row once it is compiled."""
    result = call()
    seconds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - began)
    return result, float(np.median(seconds)) / ROWS


def _miss(price: np.ndarray, value: np.ndarray) -> float:
    return float(np.mean(np.abs(price - value)) / nr.core.basis_point)
