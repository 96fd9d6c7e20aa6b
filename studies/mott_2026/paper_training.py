"""Training the paper's network, by its own schedule or a share of it."""

import time

import equinox as eqx
import jax
import numpy as np

from neuralrates.learning import FeynmanKacLoss, History
from studies.kept import Result
from studies.mott_2026.paper_network import Contracts, PaperNetwork, single
from studies.mott_2026.regimes import fit_regimes
from studies.mott_2026.study import Study

CHUNK = 250
PARTS = ("pricing equation", "at expiry", "zero strike")
NUM_JUDGED = 20_000


def loss(contracts: Contracts, batch: int) -> FeynmanKacLoss:
    """The paper's three terms, each of weight one."""
    return FeynmanKacLoss(contracts, contracts.payoff, batch, operator=PaperNetwork.apply_generator)


def untrained(study: Study, num_nodes: int) -> PaperNetwork:
    """The network before training, in single precision."""
    settings = study.settings
    contracts = study.training(num_nodes)
    key = jax.random.key(settings.seed + num_nodes)
    return single(PaperNetwork.random(contracts, settings.width, settings.depth, key))


def trained(study: Study, num_nodes: int) -> tuple[PaperNetwork, tuple[History, ...]]:
    """The paper's network on one grid, gone on with where it was left; and its losses."""
    contracts = single(study.training(num_nodes))
    began = time.perf_counter()

    def progress(history: History, num_steps: int) -> None:
        passed = time.perf_counter() - began
        study.say(
            f"K = {num_nodes}: step {history.num_steps} of {num_steps}, loss {history.losses[-1]:.2e}, {passed:.0f} s"
        )

    return fit_regimes(
        untrained(study, num_nodes),
        lambda batch: loss(contracts, batch),
        study.settings.schedule,
        key=jax.random.key(study.settings.seed),
        weight_decay=study.settings.weight_decay,
        chunk=CHUNK,
        progress=progress,
        checkpoint=study.work / f"network-{num_nodes}",
    )


def paper_training(study: Study) -> Result:
    """Losses of the paper's network on each grid: their course, and each term after training (figure 2)."""
    settings = study.settings
    return {str(k): _one(study, k) for k in settings.nodes}


def _one(study: Study, num_nodes: int) -> Result:
    schedule = study.settings.schedule

    def run() -> Result:
        network, histories = trained(study, num_nodes)
        judged = eqx.filter_jit(loss(single(study.training(num_nodes)), NUM_JUDGED).parts)
        parts = judged(network, jax.random.key(study.settings.seed + 1))
        steps = np.cumsum([0, *(regime.num_steps for regime in schedule[:-1])])
        return {
            "steps": [float(s + d) for d, h in zip(steps, histories, strict=True) for s in h.steps],
            "losses": [float(value) for h in histories for value in h.losses],
            "parts": dict(zip(PARTS, map(float, parts), strict=True)),
            "share": study.settings.schedule_share,
        }

    found = study.once(f"training-{num_nodes}", run, num_nodes, study.settings.width, schedule)
    # What was cut short would be timed from where it went on; `costs.growth` times a step.
    return {name: part for name, part in found.items() if name != "processor_seconds"}
