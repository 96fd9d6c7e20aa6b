"""The study: one function per table or figure, each kept as JSON as soon as it is done."""

import functools
from dataclasses import asdict
from typing import Any

from neuralrates.surrogates.regressors.classical import BoostedTrees, RandomForest, Ridge
from neuralrates.surrogates.regressors.regressor import AbstractRegressor
from studies.aiolfi_2024.importance import importances
from studies.aiolfi_2024.natural_hedges import FEATURES, WITH_NORM
from studies.aiolfi_2024.processes import gains
from studies.aiolfi_2024.selection import Data, best, grid_scores, search
from studies.aiolfi_2024.settings import (
    GRIDS,
    METHODS,
    METHODS_WITH_NORM,
    SEARCHED_WITH_NORM,
    SPACES,
    Settings,
    axes_of,
    grids_of,
)
from studies.aiolfi_2024.setup import Study
from studies.aiolfi_2024.tables import (
    basket_facts,
    errors_by_sample,
    errors_on_test,
    errors_with_norm,
    label_noise,
)

RIDGE = "figure_07_ridge"


def steps(settings: Settings) -> int:
    """How many steps a preset has."""
    searches = len(METHODS) + len(SEARCHED_WITH_NORM)
    return len(grids_of(settings)) + searches + 3 * len(METHODS) + 4 + 2 * len(_explained(settings))


def run(study: Study) -> dict[str, Any]:
    """All tables and figures."""
    found = _chosen(study)
    # From here on the test set is looked at, once per method, and nothing is chosen any more.
    tests = {"test": errors_on_test, "by_sample": errors_by_sample}
    for key, measure in tests.items():
        name = key.replace("_", " ")
        found[key] = {
            n: study.step(f"{name} {n}", functools.partial(measure, study, n, chosen), chosen)
            for n, chosen in _best(found["search"]).items()
        }
    chosen_with_norm = _best(found["search"]) | _best(found["search_with_norm"])
    found["with_norm"] = {
        n: study.step(
            f"with norm {n}", functools.partial(errors_with_norm, study, n, chosen), chosen
        )
        for n, chosen in chosen_with_norm.items()
    }
    found["noise"] = study.step("noise", lambda: label_noise(study, found))
    ours = "relative Gaussian process"
    pair = (found["search"][ours]["best"]["settings"], chosen_with_norm[ours])
    found["processes"] = study.step("processes", lambda: gains(study, *pair), *pair)
    found["basket"] = study.step("basket", lambda: basket_facts(study))
    return found


def _chosen(study: Study) -> dict[str, Any]:
    """Everything that looks at the training set alone: grids, searches, importances."""
    found = {
        "grids": {
            name: study.step(name, functools.partial(_grid, study, name), GRIDS[name])
            for name in grids_of(study.settings)
        }
    }
    found["ridge_by_sample"] = study.step(
        f"{RIDGE} by sample", lambda: _grid(study, RIDGE, by_sample=True), GRIDS[RIDGE]
    )
    found["search"] = {
        n: study.step(f"search {n}", functools.partial(_search, study, n), METHODS[n])
        for n in METHODS
    }
    found["search_with_norm"] = {
        n: study.step(
            f"search {n} with norm",
            functools.partial(_search, study, n, with_norm=True),
            METHODS_WITH_NORM[n],
        )
        for n in SEARCHED_WITH_NORM
    }
    for key, without in (("importance", ""), ("importance_without_mean", "mean_european")):
        found[key] = {
            name: study.step(
                f"importance {name}{without and ' without mean'}",
                functools.partial(_importance, study, method, without=without),
                method,
            )
            for name, method in _explained(study.settings).items()
        }
    return found


def _best(searches: dict[str, Any]) -> dict[str, Any]:
    """The settings that each search found best."""
    return {name: one["best"]["settings"] for name, one in searches.items()}


def _grid(study: Study, name: str, *, by_sample: bool = False) -> dict[str, Any]:
    grid, data = GRIDS[name], study.data(study.train)
    axes = axes_of(grid, study.settings.light)
    data = data.one_by_one() if by_sample else data
    scores = grid_scores(grid.method, data, study.settings.grid_folds, axes)
    return {
        "axes": axes,
        "scores": [asdict(score) for score in scores],
        "best": asdict(best(scores)),
        "paper": dict(grid.paper),
    }


def _search(study: Study, name: str, *, with_norm: bool = False) -> dict[str, Any]:
    settings = study.settings
    data = study.data(study.train, inputs=WITH_NORM if with_norm else FEATURES)
    method = study.method(name, METHODS_WITH_NORM if with_norm else METHODS)
    trials = search(method, data, settings.search_folds, SPACES[name], settings.trials(name))
    return {"trials": [asdict(score) for score in trials], "best": asdict(best(trials))}


def _explained(settings: Settings) -> dict[str, AbstractRegressor]:
    """Methods whose importances are taken, each at a size that allows for many fits."""
    trees = 3 if settings.tiny else 20
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
