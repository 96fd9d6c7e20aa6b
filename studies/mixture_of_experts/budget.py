"""Monte Carlo and finite differences at the time that our network takes per price, its cheap formula included."""

import functools
import time
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

import neuralrates as nr
from neuralrates.problems.instrument_inputs import INPUTS, named, rate_model
from neuralrates.problems.instrument_prices import PRICES, Priced
from studies.kept import Result
from studies.mixture_of_experts.networks import ours
from studies.mixture_of_experts.rival_engines import INSTRUMENTS_COMPARED, at_budget, compare
from studies.mixture_of_experts.study import Study

BATCH, TOGETHER, ROUNDS, CALLS = 512, 64, 7, 20
RIVAL_ROWS = 12


def time_budget(study: Study) -> Result:
    """Errors of the rivals at our time per price, one by one and in batches, beside ours; by instrument."""
    network = ours(study, study.settings.seeds[0])
    runtime = nr.bundles.SparseRuntime(network)

    def run() -> Result:
        rivals = compare(study.test, RIVAL_ROWS)
        found: Result = {"rivals": rivals, "instruments": {}}
        for name in INSTRUMENTS_COMPARED:
            mine: Result = dict(_ours(study, runtime, name))
            for size in ("one", "batch"):
                least = at_budget(rivals[name], mine[f"seconds_{size}"])
                mine[f"rival_bp_{size}"] = None if least is None else least / nr.core.basis_point
            found["instruments"][name] = mine
        return found

    return study.once("equal-time", run)


def _ours(study: Study, runtime: nr.bundles.SparseRuntime, name: str) -> dict[str, float]:
    """Our error, and seconds a price with the cheap formula: one by one, and in batches."""
    held = study.test.take(study.test.group == study.panel.groups.index(name))
    x = np.asarray(held.x)

    def price(rows: np.ndarray) -> np.ndarray:
        return np.asarray(_cheap(jnp.asarray(rows), PRICES[name])) + runtime.value(rows)[:, 0]

    misses = np.abs(price(np.resize(x, (BATCH, x.shape[1])))[: len(x)] - held.value[:BATCH])
    return {
        "error_bp": float(misses.mean() / nr.core.basis_point),
        "seconds_one": _clocked(lambda: price(x[:1]), CALLS),
        "seconds_batch": _clocked(lambda: price(np.resize(x, (BATCH, x.shape[1]))), 1) / BATCH,
    }


@functools.partial(jax.jit, static_argnums=1)
def _cheap(x: Array, pricer: Callable[..., Priced]) -> Array:
    def one(point: Array) -> Array:
        acting = point[: len(INPUTS)]
        return pricer(rate_model(acting), named(acting))[1]

    return jax.lax.map(one, x, batch_size=TOGETHER)


def _clocked(call: Callable[[], object], calls: int) -> float:
    """Seconds of the quickest round, once compiled."""
    call()
    seconds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for _ in range(calls):
            call()
        seconds.append((time.perf_counter() - began) / calls)
    return min(seconds)
