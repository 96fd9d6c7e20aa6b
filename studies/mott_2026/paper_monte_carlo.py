"""The paper's benchmark: Euler steps of the whole curve by tenor, discounted at the short rate along each path.

The paper leaves open the time step and how the slope by tenor is taken. Central differences with Euler steps grow without
bound: at every step a wave of four spacings gains half the square of time step over spacing. A difference towards longer
tenors, where the curve comes from, is stable as long as a step is no longer than the spacing, but smooths the curve.
"""

import time
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.core.types import Inputs, Key, Scalar
from studies.kept import Result
from studies.mott_2026.judge import on_the_curve
from studies.mott_2026.paper_network import CAP, NUM_TERMS, Contracts, single
from studies.mott_2026.study import Study

Slope = Literal["central", "upwind"]
Paths = Float[Array, "paths nodes"]
SCHEMES: dict[str, tuple[Slope, int]] = {
    "upwind, weekly": ("upwind", 52),
    "central, weekly": ("central", 52),
}
"""Slope, and steps a year."""
ABSURD = 1.0


def slope(rates: Paths, spacing: Scalar, kind: Slope) -> Paths:
    """Slope by tenor from the nodes alone; one-sided at the ends."""
    steps = (rates[:, 1:] - rates[:, :-1]) / spacing
    if kind == "upwind":
        return jnp.concatenate([steps, steps[:, -1:]], axis=1)
    middle = 0.5 * (steps[:, 1:] + steps[:, :-1])
    return jnp.concatenate([steps[:, :1], middle, steps[:, -1:]], axis=1)


def simulated(
    contracts: Contracts, x: Inputs, key: Key, num_paths: int, kind: Slope, steps_per_year: int
) -> Float[Array, "paths"]:
    """Discounted payoffs of a caplet on each path, per unit notional."""
    expiry, accrual, strike = x[-NUM_TERMS:]
    num_steps = jnp.ceil(expiry * steps_per_year).astype(int)
    step = expiry / num_steps.astype(x.dtype)
    root, volatility = jnp.sqrt(step), contracts.volatility
    row = contracts.integration[jnp.round(accrual / contracts.spacing).astype(int)]

    def advance(number: Scalar, state: tuple[Paths, Any]) -> tuple[Paths, Any]:
        rates, earned = state
        scale = jnp.minimum(jnp.sqrt(jnp.maximum(rates, 0.0)), CAP)
        moves = volatility[:, None, :] * scale[None, :, :]
        drift = jnp.sum(moves * (moves @ contracts.integration.T), axis=0)
        shape = (num_paths, volatility.shape[0])
        normals = root * jax.random.normal(jax.random.fold_in(key, number), shape, x.dtype)
        moved = (drift + slope(rates, contracts.spacing, kind)) * step
        following = rates + moved + scale * (normals @ volatility)
        return following, earned + 0.5 * step * (rates[:, 0] + following[:, 0])

    start = jnp.broadcast_to(x[: contracts.num_nodes], (num_paths, contracts.num_nodes))
    last, earned = jax.lax.fori_loop(0, num_steps, advance, (start, jnp.zeros_like(start[:, 0])))
    payoff = jnp.maximum(1.0 - (1.0 + accrual * strike) * jnp.exp(-last @ row), 0.0)
    return jnp.exp(-earned) * payoff


def paper_monte_carlo(study: Study) -> Result:
    """Errors of the paper's simulation against the closed form, and its time, on each grid."""
    return {str(nodes): _one(study, nodes) for nodes in study.settings.simulated_nodes}


def _one(study: Study, num_nodes: int) -> Result:
    def run() -> Result:
        return {name: _scheme(study, num_nodes, *scheme) for name, scheme in SCHEMES.items()}

    settings = study.settings
    decides = (num_nodes, settings.num_paths, settings.num_simulated, SCHEMES)
    return study.once(f"monte-carlo-{num_nodes}", run, *decides)


def _scheme(study: Study, num_nodes: int, kind: Slope, steps_per_year: int) -> Result:
    """Error, standard error and seconds of one scheme, contract by contract."""
    settings = study.settings
    drawn = study.drawn(num_nodes)
    x = drawn.x[: settings.num_simulated]
    truth = np.asarray(jax.jit(jax.vmap(lambda x: on_the_curve(study.volatility.by_tenor, x)))(x))
    contracts = single(drawn.contracts)

    @jax.jit
    def price(x: Inputs, key: Key) -> tuple[Scalar, Scalar]:
        payoff = simulated(contracts, x, key, settings.num_paths, kind, steps_per_year)
        return jnp.mean(payoff), jnp.std(payoff) / jnp.sqrt(float(settings.num_paths))

    keys = jax.random.split(jax.random.key(settings.seed), len(x))
    jax.block_until_ready(price(single(x[0]), keys[0]))
    began = time.process_time()
    found = [
        jax.block_until_ready(price(one, key)) for one, key in zip(single(x), keys, strict=True)
    ]
    seconds = (time.process_time() - began) / len(x)
    value, deviation = np.asarray(found, dtype=float).T
    sane = np.isfinite(value) & (np.abs(value) < ABSURD) & np.isfinite(deviation)
    missed = (value - truth)[sane]
    return {
        "seconds": seconds,
        "failed": int(np.sum(~sane)),
        "contracts": len(x),
        "mean_absolute": _mean(np.abs(missed)),
        "mean": _mean(missed),
        "mean_deviation": float(np.std(missed) / np.sqrt(max(1, len(missed)))),
        "standard_error": _mean(deviation[sane]),
    }


def _mean(values: np.ndarray) -> float | None:
    return float(np.mean(values)) if len(values) else None
