"""What prices and training steps of the paper's network cost on this machine, by the size of the grid (figure 3, table 2)."""

import time
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import optax

from neuralrates.learning import fit
from studies.kept import Result
from studies.mott_2026.paper_network import single
from studies.mott_2026.paper_training import loss, untrained
from studies.mott_2026.settings import PAPER_SCHEDULE
from studies.mott_2026.study import Study

BATCH = 1_000


def inference(study: Study) -> Result:
    """Microseconds per price in batches of a thousand, and of a price with its derivative to every input."""

    def run() -> Result:
        return {str(nodes): _inference(study, nodes) for nodes in study.settings.timed_nodes}

    settings = study.settings
    return study.once(
        "inference", run, settings.timed_nodes, settings.width, settings.timed_batches
    )


def _inference(study: Study, num_nodes: int) -> Result:
    network, contracts = untrained(study, num_nodes), study.held_out(num_nodes)
    x = single(contracts(jax.random.key(study.settings.seed), BATCH)).interior.x
    price = jax.jit(jax.vmap(lambda x: network(x)[0]))
    greeks = jax.jit(jax.vmap(jax.value_and_grad(lambda x: network(x)[0])))
    times = study.settings.timed_batches
    return {
        "price": fastest(lambda: price(x), times) / BATCH * 1e6,
        "price_and_greeks": fastest(lambda: greeks(x), times) / BATCH * 1e6,
    }


def fastest(run: Callable[[], Any], times: int) -> float:
    """Seconds of the fastest of several runs, after one that compiles."""
    jax.block_until_ready(run())
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        jax.block_until_ready(run())
        seconds.append(time.perf_counter() - began)
    return float(np.min(seconds))


def growth(study: Study) -> Result:
    """Processor milliseconds of a training step of the first regime, on each grid of the paper."""

    def run() -> Result:
        return {str(nodes): _step(study, nodes) for nodes in study.settings.timed_nodes}

    settings = study.settings
    return study.once("growth", run, settings.timed_nodes, settings.width, settings.timed_steps)


def _step(study: Study, num_nodes: int) -> float:
    regime, steps = PAPER_SCHEDULE[0], study.settings.timed_steps
    marks: list[float] = []
    fit(
        untrained(study, num_nodes),
        loss(single(study.training(num_nodes)), regime.batch),
        optax.adamw(regime.learning_rate, weight_decay=study.settings.weight_decay),
        key=jax.random.key(study.settings.seed),
        num_steps=2 * steps,
        chunk=steps,
        progress=lambda history, num_steps: marks.append(time.process_time()),
    )
    return (marks[1] - marks[0]) / steps * 1e3
