"""Every rival at the time that our network takes per price: simulation, grids, and the house's own engines without a network.

Network and house engines are clocked alike, one by one and in batches, from the input vector to the price; simulation and
grids as `rival_engines` says, which is in their favour.
"""

import functools
import time
from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np
from jaxtyping import Array

import neuralrates as nr
from neuralrates.problems.instrument_prices import PRICES, Priced
from studies.kept import Result
from studies.mixture_of_experts.house_engines import by_row, engines, exact
from studies.mixture_of_experts.networks import ours
from studies.mixture_of_experts.rival_engines import INSTRUMENTS_COMPARED, at_budget, compare
from studies.mixture_of_experts.study import Study

BATCH, ROUNDS, CALLS = 512, 30, 20
RIVAL_ROWS = 12
SIZES = ("one", "batch")

Pricer = Callable[[np.ndarray], np.ndarray]


def time_budget(study: Study) -> Result:
    """Errors of the rivals at our time per price, one by one and in batches, beside ours; by instrument."""
    network = ours(study, study.settings.seeds[0])
    runtime = nr.bundles.SparseRuntime(network)
    rivals = study.once(
        "equal-time-rivals", lambda: {"rivals": compare(study.test, RIVAL_ROWS)}, RIVAL_ROWS
    )["rivals"]

    def run() -> Result:
        found = {name: _beside(study, runtime, name) for name in INSTRUMENTS_COMPARED}
        return {"instruments": found}

    clocked = study.once("equal-time-house", run, BATCH, ROUNDS, CALLS)
    return {
        "rivals": rivals,
        "instruments": {
            name: one | _at_our_time(rivals[name], one)
            for name, one in clocked["instruments"].items()
        },
    }


def _beside(study: Study, runtime: nr.bundles.SparseRuntime, name: str) -> Result:
    """Our error and time, and those of every engine of the house, on the same rows."""
    held = study.test.take(study.test.group == study.panel.groups.index(name))
    x = np.asarray(held.x)[:BATCH]

    def price(rows: np.ndarray) -> np.ndarray:
        return np.asarray(_cheap(rows, PRICES[name])) + runtime.value(rows)[:, 0]

    every = {"network": price} | {engine.name: engine.price for engine in engines(name)}
    clocked = _clocked(every, x, exact(name, x))
    mine = clocked.pop("network")
    return mine | {"house": [{"engine": engine} | found for engine, found in clocked.items()]}


def _clocked(prices: Mapping[str, Pricer], x: np.ndarray, truth: np.ndarray) -> Result:
    """Mean absolute error, and seconds a price: one by one, and in batches; all in turn, the quickest of many rounds."""
    batch = np.resize(x, (BATCH, x.shape[1]))
    found = {
        name: {
            "error_bp": float(np.mean(np.abs(price(batch)[: len(x)] - truth)) / nr.core.basis_point)
        }
        for name, price in prices.items()
    }
    for size, rows, calls in (("one", x[:1], CALLS), ("batch", batch, 1)):
        rounds = [
            {name: _seconds(price, rows, calls) for name, price in prices.items()}
            for _ in range(ROUNDS + 1)  # the first compiles
        ]
        for name, one in found.items():
            one[f"seconds_{size}"] = min(r[name] for r in rounds[1:]) / len(rows)
    return found


def _at_our_time(rivals: list[dict[str, Any]], mine: Result) -> dict[str, float | None]:
    """Least error of simulation and grids, and of the house's engines, in no more time than ours."""
    found: dict[str, float | None] = {}
    for size in SIZES:
        seconds = mine[f"seconds_{size}"]
        least = at_budget(rivals, seconds)
        found[f"rival_bp_{size}"] = None if least is None else least / nr.core.basis_point
        quick = [one["error_bp"] for one in mine["house"] if one[f"seconds_{size}"] <= seconds]
        found[f"house_bp_{size}"] = min(quick, default=None)
    return found


@functools.partial(jax.jit, static_argnums=1)
def _cheap(x: Array, pricer: Callable[..., Priced]) -> Array:
    return by_row(lambda model, at: pricer(model, at)[1], x)


def _seconds(price: Pricer, rows: np.ndarray, calls: int) -> float:
    """Seconds of one call."""
    began = time.perf_counter()
    for _ in range(calls):
        price(rows)
    return (time.perf_counter() - began) / calls
