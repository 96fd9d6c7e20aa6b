"""The study: one function per table or figure, each kept as JSON as soon as it is done."""

import functools
from dataclasses import asdict
from typing import Any

from neuralrates.surrogates.regressors.classical import BoostedTrees, RandomForest, Ridge
from neuralrates.surrogates.regressors.regressor import AbstractRegressor
from studies.aiolfi_2024.importance import importances
from studies.aiolfi_2024.natural_hedges import FEATURES
from studies.aiolfi_2024.selection import Data, best, grid_scores, search
from studies.aiolfi_2024.settings import GRIDS, METHODS, SPACES, Settings, axes_of, grids_of
from studies.aiolfi_2024.setup import Study
from studies.aiolfi_2024.tables import basket_facts, errors_on_test, label_noise, slopes_as_labels


def steps(settings: Settings) -> int:
    """How many steps a preset has."""
    return len(grids_of(settings)) + 2 * len(METHODS) + 3 + 2 * len(_explained(settings))


def run(study: Study) -> dict[str, Any]:
    """All tables and figures."""
    found = {
        "grids": {
            name: study.step(name, functools.partial(_grid, study, name))
            for name in grids_of(study.settings)
        }
    }
    chosen = {n: study.step(f"search {n}", functools.partial(_search, study, n)) for n in METHODS}
    found["search"] = chosen
    found["importance"] = {
        name: study.step(f"importance {name}", functools.partial(_importance, study, method))
        for name, method in _explained(study.settings).items()
    }
    found["importance_without_mean"] = {
        name: study.step(
            f"importance {name} without mean",
            functools.partial(_importance, study, method, without="mean_european"),
        )
        for name, method in _explained(study.settings).items()
    }
    # From here on the test set is looked at, once per method, and nothing is chosen any more.
    found["test"] = {
        n: study.step(f"test {n}", functools.partial(errors_on_test, study, n, chosen[n]))
        for n in METHODS
    }
    found["noise"] = study.step("noise", lambda: label_noise(study, found))
    found["differential"] = study.step("differential", lambda: slopes_as_labels(study))
    found["basket"] = study.step("basket", lambda: basket_facts(study))
    return found


def _grid(study: Study, name: str) -> dict[str, Any]:
    grid, data = GRIDS[name], study.data(study.train)
    axes = axes_of(grid, study.settings.light)
    scores = grid_scores(grid.method, data, study.settings.grid_folds, axes)
    return {
        "axes": axes,
        "scores": [asdict(score) for score in scores],
        "best": asdict(best(scores)),
        "paper": dict(grid.paper),
    }


def _search(study: Study, name: str) -> dict[str, Any]:
    data, settings = study.data(study.train), study.settings
    trials = search(
        study.method(name), data, settings.search_folds, SPACES[name], settings.num_trials
    )
    return {"trials": [asdict(score) for score in trials], "best": asdict(best(trials))}


def _explained(settings: Settings) -> dict[str, AbstractRegressor]:
    """Methods whose importances are taken, each at a size that allows for many fits."""
    trees = 3 if settings.tiny else 20 if settings.light else 100
    return {
        "ridge": Ridge(degree=3),
        "random forest": RandomForest(num_trees=trees),
        "boosted trees": BoostedTrees(num_trees=3 * trees, smallest_leaf=6),
    }


def _importance(study: Study, method: AbstractRegressor, without: str = "") -> dict[str, Any]:
    """Importance of the features, all of them or one left out."""
    kept = [i for i, name in enumerate(FEATURES) if name != without]
    data = study.data(study.train)
    fewer = Data(data.x[:, kept], data.value, data.groups)
    return importances(method, fewer, [FEATURES[i] for i in kept], study.settings.grid_folds)
