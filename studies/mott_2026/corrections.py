"""Our networks on the forward curve: corrections of the square-root law, learned from short simulations.

One network serves every grid: it reads the curve through bond functionals. Labels are simulated with few paths, other ones at
every point, so that their noise averages out in training.
"""

from dataclasses import dataclass
from pathlib import Path

import jax
import numpy as np
import optax

import neuralrates as nr
from neuralrates.learning import History, Sum, Weighted, fit
from neuralrates.learning.data.simulated import simulated_labels
from neuralrates.learning.losses.loss import Objective
from neuralrates.problems.forward_curve import Kind
from neuralrates.problems.labels import Labels
from neuralrates.surrogates import Corrected, Network
from neuralrates.surrogates.architectures import filled
from neuralrates.surrogates.surrogate import named_leaves
from studies.kept import Result
from studies.mott_2026.settings import Corrections
from studies.mott_2026.study import Study

KINDS: tuple[Kind, ...] = ("caplet", "swaption")
PROBLEMS = {"caplet": nr.problems.forward_caplet, "swaption": nr.problems.forward_swaption}
TRAINING_NODES = 50
LABEL_KEY, TRAIN_KEY = 51, 52
SIMULATION = nr.pricers.ForwardSimulation(num_points=256, num_steps=8, num_shifts=2)
LEARNING_RATE, SLOPE_WEIGHT, BATCH, CHUNK = 1e-2, 0.02, 1_024, 500


@dataclass(frozen=True)
class Learned:
    """A trained correction.

    Args:
        kind: of contract
        network: features to corrections
    """

    kind: Kind
    network: Network

    def on(self, num_nodes: int) -> Corrected:
        """The surrogate on a grid of this many nodes."""
        baseline = PROBLEMS[self.kind](num_nodes).baseline
        assert baseline is not None
        return Corrected(baseline, self.network)


def learned(study: Study, kind: Kind) -> Learned:
    """The correction of a kind: read where it was trained before, else trained."""
    result = _kept(study, kind)
    arrays = {name: np.asarray(values) for name, values in result["arrays"].items()}
    network = filled(result["network"], arrays)
    assert isinstance(network, Network)
    return Learned(kind, network)


def cost(study: Study, kind: Kind) -> float:
    """Processor seconds of labels and training."""
    return float(_kept(study, kind)["processor_seconds"])


def _kept(study: Study, kind: Kind) -> Result:
    settings = study.settings.corrections

    def run() -> Result:
        network, history = trained(settings, kind, study.work)
        arrays = {name: values.tolist() for name, values in named_leaves(network).items()}
        return {"network": network.record(), "arrays": arrays, "losses": history.losses.tolist()}

    return study.once(f"correction-{kind}", run, *learns(settings), repr(SIMULATION))


def learns(settings: Corrections) -> tuple[object, ...]:
    """What decides the networks."""
    return settings.num_labels, settings.num_slopes, settings.num_steps, settings.widths


def trained(settings: Corrections, kind: Kind, work: Path) -> tuple[Network, History]:
    """Labels and training; labels are kept in a folder."""
    problem, which = PROBLEMS[kind](TRAINING_NODES), KINDS.index(kind)
    assert problem.baseline is not None
    values = _labels(kind, settings.num_labels[which], work / f"labels-{kind}", slopes=False)
    loss = nr.learning.value_loss(values, BATCH, baseline=problem.baseline)
    objective: Objective = loss
    if settings.num_slopes[which]:
        slopes = _labels(kind, settings.num_slopes[which], work / f"slopes-{kind}", slopes=True)
        of_slopes = nr.learning.slope_loss(slopes, BATCH, baseline=problem.baseline)
        objective = Sum(
            (Weighted("values", 1.0, loss), Weighted("slopes", SLOPE_WEIGHT, of_slopes))
        )
    start, training = jax.random.split(jax.random.key(TRAIN_KEY))
    schedule = optax.cosine_decay_schedule(LEARNING_RATE, settings.num_steps)
    return fit(
        loss.start(settings.widths, start),
        objective,
        optax.contrib.muon(schedule),
        key=training,
        num_steps=settings.num_steps,
        chunk=CHUNK,
    )


def _labels(kind: Kind, number: int, folder: Path, *, slopes: bool) -> Labels:
    problem = PROBLEMS[kind](TRAINING_NODES)

    def simulate(x: jax.Array, key: jax.Array) -> nr.pricers.Price:
        return SIMULATION.at(*problem.build(x), key)

    key, words = jax.random.key(LABEL_KEY), repr(SIMULATION)
    return simulated_labels(
        problem, simulate, key, number, settings=words, gradient=slopes, folder=folder
    )
