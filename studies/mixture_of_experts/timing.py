"""Time of a price: everyone in the same runtime, one core, in turn in one process; compilation apart.

Time is that of the thread, and the quickest of many rounds: what else runs on a machine only adds. The ratios round by round
are kept beside it.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

import neuralrates as nr
from studies.kept import Result
from studies.mixture_of_experts.networks import article, lean, name_of, ours
from studies.mixture_of_experts.study import Study

BATCHES = (1, 10_000)
_CALLS, _MORE_ROUNDS = {1: 160, 10_000: 1}, {1: 5, 10_000: 1}


def speed(study: Study) -> Result:
    """Seconds a price, and ratios to the dense network, by batch size."""
    seed = study.settings.seeds[0]
    networks = {
        name_of(partition): article(study, partition, seed)
        for partition in study.settings.partitions
    } | {"lean": lean(study, seed), "ours": ours(study, seed)}
    return study.once("speed", lambda: _measure(study, networks))


def _measure(study: Study, networks: dict[str, Any]) -> Result:
    begun = {name: _timed(lambda n=n: nr.bundles.SparseRuntime(n)) for name, n in networks.items()}  # type: ignore[misc]
    runtimes = {name: made for name, (made, _) in begun.items()}
    random = np.random.default_rng(0)
    found: Result = {
        "start_seconds": {name: seconds for name, (_, seconds) in begun.items()},
        "operations": {name: network.num_operations for name, network in networks.items()},
    }
    for batch in BATCHES:
        x = np.asarray(study.test.x)[random.integers(0, len(study.test), (16, batch))]
        rounds = [
            {name: _seconds(runtime, x, _CALLS[batch]) for name, runtime in runtimes.items()}
            for _ in range(study.settings.num_timed * _MORE_ROUNDS[batch])
        ]
        least = {name: min(r[name] for r in rounds) for name in runtimes}
        ratios = {name: [r["dense"] / r[name] for r in rounds] for name in runtimes}
        found[f"batch {batch}"] = {
            "seconds": least,
            "ratio": {name: least["dense"] / seconds for name, seconds in least.items()},
            "quartiles": {
                name: np.quantile(values, (0.25, 0.5, 0.75)).tolist()
                for name, values in ratios.items()
            },
        }
    return found


def _seconds(runtime: nr.bundles.SparseRuntime, x: np.ndarray, calls: int) -> float:
    """Seconds of one call, its inputs others than those of the call before."""
    began = time.thread_time()
    for number in range(calls):
        runtime.value(x[number % len(x)])
    return (time.thread_time() - began) / calls


def _timed(make: Callable[[], Any]) -> tuple[Any, float]:
    began = time.thread_time()
    return make(), time.thread_time() - began
