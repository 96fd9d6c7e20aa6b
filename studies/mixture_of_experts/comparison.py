"""Errors of everyone on the same rows held out, seed by seed; and on a regime that nobody has seen."""

import dataclasses
from typing import Any

import numpy as np

from neuralrates.learning import CorrectionRecipe
from neuralrates.learning.data.splits import leave_one_regime_out
from studies.kept import Result
from studies.mixture_of_experts.networks import (
    article,
    errors,
    lean,
    name_of,
    ours,
    prices,
    spreads,
)
from studies.mixture_of_experts.rivals import TREES, trees
from studies.mixture_of_experts.study import Study

SMALLEST, FEW = 4, 1


def comparison(study: Study) -> Result:
    """Errors by method and seed."""
    found: Result = {"baseline": [_of_baseline(study)]}
    for seed in study.settings.seeds:
        for name, result in _networks(study, seed).items():
            found.setdefault(name, []).append(result)
        for name in TREES:
            result = study.once(f"{name}-{seed}", lambda n=name, s=seed: _tree(study, n, s))  # type: ignore[misc]
            found.setdefault(name, []).append(result)
    return found


def unseen_regime(study: Study) -> Result:
    """Errors on each regime of networks trained on the other three."""
    found: Result = {}
    seed = study.settings.seeds[0]
    for number, regime in enumerate(study.panel.regimes):
        train, test = leave_one_regime_out(study.panel.regime, number)

        def run(
            train: np.ndarray = train, test: np.ndarray = test, mark: str = f"-no-{regime}"
        ) -> Result:
            asked, spread = study.panel.take(test), spreads(study.panel.take(train))
            made: dict[str, Any] = {
                name: prices(article(study, name, seed, rows=train, mark=mark), asked)
                for name in ("dense", "instrument")
            }
            made["ours"] = prices(ours(study, seed, train, mark), asked, corrects=True)
            made["baseline"] = asked.baseline
            return {name: errors(asked, value, spread) for name, value in made.items()}

        found[regime] = study.once(f"unseen-{regime}", run)
    return found


def variants(study: Study) -> dict[str, CorrectionRecipe]:
    """Our network as it is, and larger: at equal parameters, at equal operations.

    The article's network is the one with experts by instrument after 15 layers.
    """
    network = article(study, "instrument", study.settings.seeds[0])
    inputs, kinds = len(study.panel.features), len(study.kinds)
    own = study.settings.ours

    def widest(most: float, size: Any) -> CorrectionRecipe:
        width = SMALLEST
        while size(width + 1) <= most:
            width += 1
        return dataclasses.replace(own, width=width)

    def weights(width: int) -> int:
        return width * (inputs + 1) + (own.depth - 1) * width * (width + 1)

    return {
        "ours": own,
        "ours, equal operations": widest(
            network.num_operations / 2 - kinds * inputs,
            lambda w: w * inputs + (own.depth - 1) * w * w + w,
        ),
        "ours, equal parameters": widest(network.num_parameters, lambda w: kinds * weights(w)),
    }


def _networks(study: Study, seed: int) -> Result:
    """Errors and sizes of all networks of one seed; of splits and depths beside the main ones the first seeds only."""
    found = {}
    few = seed in study.settings.seeds[:FEW]
    for partition in study.settings.partitions:
        for depth in study.settings.depths_before:
            main = depth == study.settings.depths_before[0] and partition != "regime"
            if not main and not (few and partition in ("instrument", "regime")):
                continue
            if partition == "regime" and depth != study.settings.depths_before[0]:
                continue
            name = name_of(partition, depth)

            def run(partition: Any = partition, depth: int = depth) -> Result:
                return _judged(study, article(study, partition, seed, depth), corrects=False)

            found[name] = study.once(f"{name}-{seed}", run)
    found["lean"] = study.once(f"lean-{seed}", lambda: _judged(study, lean(study, seed), False))
    found["ours"] = study.once(f"ours-{seed}", lambda: _judged(study, ours(study, seed), True))
    return found


def sizes(study: Study) -> Result:
    """Errors of our network as it is and larger, of one seed."""
    seed = study.settings.seeds[0]
    found: Result = {}
    for name, size in variants(study).items():
        mark = name.removeprefix("ours").replace(", ", "-").replace(" ", "-")

        def run(size: CorrectionRecipe = size, mark: str = mark) -> Result:
            return _judged(study, ours(study, seed, mark=mark, size=size), corrects=True)

        found[name] = study.once(f"size{mark}", run, size)
    return found


def _judged(study: Study, network: Any, corrects: bool) -> Result:
    predicted = prices(network, study.test, corrects)
    sizes = {"operations": network.num_operations, "parameters": network.num_parameters}
    return errors(study.test, predicted, spreads(study.train)) | sizes


def _tree(study: Study, name: str, seed: int) -> Result:
    return errors(study.test, trees(study, name, seed), spreads(study.train))


def _of_baseline(study: Study) -> Result:
    test = study.test
    return errors(test, np.asarray(test.baseline), spreads(study.train))
