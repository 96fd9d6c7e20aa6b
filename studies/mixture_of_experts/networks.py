"""The networks of the study: the article's, split in three ways, its dense rival, and ours."""

import dataclasses
from typing import Any

import jax
import numpy as np
import optuna

import neuralrates as nr
from neuralrates.learning import CorrectionRecipe, Recipe
from neuralrates.learning.data.splits import by_date_blocks
from neuralrates.learning.search import search_settings
from neuralrates.surrogates import MixtureOfExperts
from studies.mixture_of_experts.panel_data import Panel
from studies.mixture_of_experts.settings import Partition
from studies.mixture_of_experts.study import BLOCK_DAYS, HELD_OUT, Study

DEPTH = 31
STEPS = 2
"""Steps of a mixture for one of the dense network: the same processor time in training, see the README."""
NARROW = 4
"""By how much networks for questions aside are narrower."""
LEAN = 2
FEWEST = 16
"""Samples of each expert in a batch, at least: the statistics are theirs."""
VALIDATION_KEY = 7
BATCHES = (144, 288, 576)
_NUMBERS = {"dense": 0, "instrument": 1, "regime": 2, "both": 3}


def part_of(panel: Panel, partition: Partition) -> tuple[np.ndarray, int]:
    """Number of each row's expert, and how many experts there are."""
    group, regime = np.asarray(panel.group), np.asarray(panel.regime)
    match partition:
        case "dense":
            return np.zeros_like(group), 1
        case "instrument":
            return group, len(panel.groups)
        case "regime":
            return regime, len(panel.regimes)
    return group * len(panel.regimes) + regime, len(panel.groups) * len(panel.regimes)


def recipe(study: Study, partition: Partition, depth_before: int, narrow: int = 1) -> Recipe:
    """Size and training; every network has about as many parameters as the dense one.

    Args:
        study: the run
        partition: of the experts
        depth_before: layers before them
        narrow: by how much layers are narrower than those that are compared
    """
    s = study.settings
    num_experts = part_of(study.panel.take(slice(0, 1)), partition)[1]
    width = s.dense_width
    if num_experts > 1:
        dense = parameters(len(study.panel.features), s.dense_width, DEPTH - 1, 0, 1)
        width = widest(dense, len(study.panel.features), depth_before, num_experts)
    return Recipe(
        width=max(4, width // narrow),
        depth_before=depth_before,
        depth=DEPTH,
        batch=max(s.batch, FEWEST * num_experts),
        num_steps=s.num_steps * (1 if num_experts == 1 else STEPS),
        gate_steps=s.gate_steps,
    )


def parameters(
    inputs: int, width: int, depth_before: int, expert_depth: int, num_experts: int
) -> int:
    """Weights and biases of trunk, experts and output."""
    layer = width * (width + 1)
    trunk = width * (inputs + 1) + (depth_before - 1) * layer
    return trunk + num_experts * expert_depth * layer + width + 1


def widest(budget: int, inputs: int, depth_before: int, num_experts: int) -> int:
    """Most neurons a layer that the mixture can have within a number of parameters."""
    width = 1
    expert_depth = DEPTH - 1 - depth_before
    while parameters(inputs, width + 1, depth_before, expert_depth, num_experts) <= budget:
        width += 1
    return width


def name_of(partition: Partition, depth_before: int = 15) -> str:
    """Under which a network is kept and shown."""
    return partition if partition == "dense" else f"{partition}-{depth_before}"


def article(
    study: Study,
    partition: Partition,
    seed: int,
    depth_before: int = 15,
    rows: np.ndarray | None = None,
    mark: str = "",
    narrow: int = NARROW,
) -> MixtureOfExperts:
    """The article's network, or its dense rival; those that are marked are narrower, for a question aside."""
    chosen = search_network(study, "dense" if partition == "dense" else "instrument")
    used = study.panel.take(study.split[0] if rows is None else rows)
    part, count = part_of(used, partition)
    own = recipe(study, partition, depth_before, narrow if mark else 1)
    own = dataclasses.replace(own, **chosen | {"batch": max(chosen["batch"], FEWEST * count)})
    numbers = np.unique(part, return_inverse=True)
    part, count = (numbers[1], len(numbers[0])) if mark else (part, count)

    def train() -> MixtureOfExperts:
        key = jax.random.fold_in(jax.random.key(seed), _NUMBERS[partition])
        return nr.learning.fit_mixture(
            used.x, used.value, part, count, used_kinds(study, used), own, key=key
        )[0]

    name = f"{name_of(partition, depth_before)}{mark}-{seed}"
    return study.network(name, train)


def lean(study: Study, seed: int) -> MixtureOfExperts:
    """The article's network with experts by instrument, half as wide: a quarter of the parameters."""
    rows = study.split[0]
    return article(study, "instrument", seed, rows=rows, mark="-lean", narrow=LEAN)


def ours(
    study: Study,
    seed: int,
    rows: np.ndarray | None = None,
    mark: str = "",
    size: CorrectionRecipe | None = None,
) -> MixtureOfExperts:
    """Corrections to the cheap prices, learned from values and differentials."""
    chosen = study.split[0] if rows is None else rows
    used = study.panel.take(chosen)
    assert used.gradient is not None

    def train() -> MixtureOfExperts:
        return nr.learning.fit_corrections(
            np.asarray(used.x),
            np.asarray(used.value - used.baseline),
            np.asarray(used.gradient) - study.baseline_slopes[chosen],
            used_kinds(study, used),
            size or study.settings.ours,
            key=jax.random.key(seed),
        )[0]

    return study.network(f"ours{mark}-{seed}", train)


def search_network(study: Study, partition: Partition) -> dict[str, Any]:
    """Settings of one kind of network, chosen on blocks of days held out of the training rows."""
    used, aside = validation(study.train)
    part, count = part_of(used, partition)
    first = recipe(study, partition, study.settings.depths_before[0], NARROW)

    def loss(settings: dict[str, Any]) -> float:
        steps = study.settings.search_steps * first.batch // settings["batch"]
        own = dataclasses.replace(first, **settings | {"num_steps": max(2, steps)})
        try:
            network, _ = nr.learning.fit_mixture(
                used.x, used.value, part, count, study.kinds, own, key=jax.random.key(0)
            )
        except nr.learning.DivergenceError:
            return float("inf")
        return float(errors(aside, prices(network, aside), spreads(used))["relative"])

    def run() -> dict[str, Any]:
        start = {"learning_rate": 5e-3, "expert_dropout": 0.0, "batch": study.settings.batch}
        return best(search_settings(loss, _space, study.settings.num_trials, first=start))

    found: dict[str, Any] = study.once(f"search-{partition}", run)["best"]
    return found


def _space(trial: optuna.Trial) -> dict[str, Any]:
    """What the article searched: learning rate, dropout of the experts, batch size."""
    return {
        "learning_rate": trial.suggest_float("learning_rate", 1e-3, 2e-2, log=True),
        "expert_dropout": trial.suggest_float("expert_dropout", 0.0, 0.2),
        "batch": trial.suggest_categorical("batch", list(BATCHES)),
    }


def validation(train: Panel) -> tuple[Panel, Panel]:
    """Training rows without, and of, further blocks of days."""
    key = jax.random.key(VALIDATION_KEY)
    used, aside = by_date_blocks(train.day, train.regime, HELD_OUT, BLOCK_DAYS, key)
    return train.take(used), train.take(aside)


def best(tried: list[tuple[dict[str, Any], float]]) -> dict[str, Any]:
    """What was tried, and the settings of the lowest loss."""
    settings, loss = min(tried, key=lambda pair: pair[1])
    return {"best": settings, "loss": loss, "tried": tried}


def used_kinds(study: Study, used: Panel) -> tuple[int, ...]:
    """Columns of the instruments that are among the rows."""
    return tuple(study.kinds[number] for number in np.unique(used.group))


def prices(network: MixtureOfExperts, panel: Panel, corrects: bool = False) -> np.ndarray:
    """Prices of all rows, of a network alone or of one that corrects the cheap prices."""
    value = nr.bundles.SparseRuntime(network).value(np.asarray(panel.x))[:, 0]
    return value + panel.baseline if corrects else value


def errors(panel: Panel, predicted: np.ndarray, spread: np.ndarray) -> dict[str, Any]:
    """Mean absolute error by instrument, in basis points, and over all in units of each instrument's spread.

    Args:
        panel: rows held out
        predicted: their prices
        spread: of each instrument's prices
    """
    misses = np.abs(predicted - panel.value)
    relative = (predicted - panel.value) / spread[panel.group]
    present = [number for number in range(len(panel.groups)) if np.any(panel.group == number)]
    by_group = {
        panel.groups[k]: float(misses[panel.group == k].mean() / nr.core.basis_point)
        for k in present
    }
    mean = np.mean([np.abs(relative[panel.group == k]).mean() for k in present])
    variance = np.mean([np.var(relative[panel.group == k]) for k in present])
    return {
        "mean_absolute_bp": by_group,
        "relative": float(mean),
        "variance": float(variance),
        "root_mean_square": float(np.sqrt(np.mean(relative**2))),
    }


def spreads(panel: Panel) -> np.ndarray:
    """Standard deviation of each instrument's prices, over training rows."""
    count = len(panel.groups)
    return np.array([np.std(panel.value[panel.group == number]) for number in range(count)])
