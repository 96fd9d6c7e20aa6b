"""What each preset does: one frozen configuration, grids of the paper's figures, spaces of the search."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import optuna

from neuralrates.learning.perceptron import Perceptron
from neuralrates.surrogates.regressors.challengers import GaussianProcess, HistogramBoosting
from neuralrates.surrogates.regressors.classical import (
    BoostedTrees,
    DecisionTree,
    Lasso,
    Linear,
    NearestNeighbours,
    RandomForest,
    Ridge,
    SupportVectors,
)
from neuralrates.surrogates.regressors.regressor import AbstractRegressor
from neuralrates.surrogates.regressors.relative_process import RelativeProcess
from studies.aiolfi_2024.grid_methods import Estimated, NeighbourChoices
from studies.aiolfi_2024.natural_hedges import REDUCED, REDUCED_WITH_NORM, UNIT


@dataclass(frozen=True)
class Settings:
    """One preset.

    Args:
        name: of the preset
        test_contracts: contracts held out
        grid_folds: folds of the grids
        search_folds: folds of a trial of the search
        num_trials: trials of the search, for every method but the ridge
        ridge_trials: for the ridge, whose error turns on its penalty
        num_draws: of the bootstrap
        light: whether grids keep only their ends, their middle and the paper's choice
        tiny: whether everything is as small as can be, to see that it runs
    """

    name: str
    test_contracts: int
    grid_folds: int
    search_folds: int
    num_trials: int
    ridge_trials: int
    num_draws: int
    light: bool
    tiny: bool = False

    def trials(self, method: str) -> int:
        """Trials of the search of a method."""
        return self.ridge_trials if method == "ridge" else self.num_trials


PRESETS = {
    "smoke": Settings("smoke", 8, 2, 2, 1, 1, 10, True, True),
    "quick": Settings("quick", 62, 2, 2, 2, 10, 200, True),
    "full": Settings("full", 62, 5, 3, 4, 30, 1000, False),
}

PAPER_METHODS: Mapping[str, AbstractRegressor] = {
    "k-nearest neighbours": NearestNeighbours(),
    "linear": Linear(),
    "ridge": Ridge(),
    "lasso": Lasso(),
    "support vectors": SupportVectors(),
    "decision tree": DecisionTree(),
    "random forest": RandomForest(),
    "boosted trees": BoostedTrees(),
    "perceptron": Perceptron(),
}
OUR_METHODS: Mapping[str, AbstractRegressor] = {
    "Gaussian process": GaussianProcess(),
    "relative Gaussian process": RelativeProcess(REDUCED, UNIT),
    "histogram boosting": HistogramBoosting(num_trees=200),
}
METHODS: Mapping[str, AbstractRegressor] = {**PAPER_METHODS, **OUR_METHODS}
METHODS_WITH_NORM: Mapping[str, AbstractRegressor] = {
    **METHODS,
    "relative Gaussian process": RelativeProcess(REDUCED_WITH_NORM, UNIT),
}
SEARCHED_WITH_NORM = ("ridge", "relative Gaussian process")
"""The best without the norm are searched anew with it; the others keep the settings that they have."""


@dataclass(frozen=True)
class Grid:
    """Cross-validation behind one figure of the paper: one axis makes a curve, two a heat map.

    Args:
        method: with the settings held fixed
        axes: settings varied, and their values
        paper: what the paper chose
    """

    method: Estimated
    axes: Mapping[str, tuple[Any, ...]]
    paper: Mapping[str, Any]


GRIDS: Mapping[str, Grid] = {
    "figure_06_neighbours": Grid(
        NearestNeighbours(), {"num_neighbours": tuple(range(1, 16))}, {"num_neighbours": 4}
    ),
    "section_d1_neighbours": Grid(
        NeighbourChoices(),
        {
            "metric": ("euclidean", "manhattan", "chebyshev"),
            "weights": ("uniform", "distance"),
        },
        {"metric": "euclidean", "weights": "uniform"},
    ),
    "figure_07_ridge": Grid(
        Ridge(),
        {"degree": (1, 2, 3, 4, 5, 6, 7), "penalty": (1e-4, 1e-2, 1.0)},
        {"degree": 6, "penalty": 0.01},
    ),
    "figure_08_support_vectors": Grid(
        SupportVectors(),
        {"bound": (1.0, 10.0, 100.0, 1000.0), "inverse_width": (0.01, 0.03, 0.1)},
        {"bound": 100.0, "inverse_width": 0.1},
    ),
    "figure_09_tree_depth": Grid(DecisionTree(), {"depth": tuple(range(2, 23))}, {"depth": 11}),
    "figure_09_tree_leaf": Grid(
        DecisionTree(), {"smallest_leaf": tuple(range(1, 13))}, {"smallest_leaf": 3}
    ),
    "figure_10_forest_depth": Grid(
        RandomForest(num_trees=50), {"depth": (3, 5, 9, 13, 17, 21)}, {"depth": 17}
    ),
    "figure_10_forest_choices": Grid(
        RandomForest(num_trees=50), {"choices": ("log2", "sqrt", None)}, {"choices": "log2"}
    ),
    "figure_11_forest_trees": Grid(
        RandomForest(), {"num_trees": (10, 30, 100, 500)}, {"num_trees": 500}
    ),
    "figure_12_boosting_rate": Grid(
        BoostedTrees(),
        {"rate": (0.01, 0.1, 0.3), "num_trees": (100, 1000)},
        {"rate": 0.1, "num_trees": 1000},
    ),
    "figure_13_boosting_depth": Grid(
        BoostedTrees(num_trees=300),
        {"depth": (3, 5, 7), "choices": ("log2", None)},
        {"depth": 5, "choices": "log2"},
    ),
    "figure_14_boosting_leaf": Grid(
        BoostedTrees(num_trees=300), {"smallest_leaf": (1, 3, 6, 10)}, {"smallest_leaf": 6}
    ),
    "figure_15_perceptron": Grid(
        Perceptron(num_epochs=100),
        {"num_layers": (1, 2, 3), "num_neurons": (50, 100)},
        {"num_layers": 3, "num_neurons": 100},
    ),
    "section_d7_rate": Grid(
        Perceptron(num_epochs=5),
        {"rate": (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1)},
        {"rate": 0.01},
    ),
}

Space = Callable[[optuna.Trial], dict[str, Any]]
SPACES: Mapping[str, Space] = {
    "k-nearest neighbours": lambda t: {"num_neighbours": t.suggest_int("num_neighbours", 1, 15)},
    "linear": lambda t: {},
    "ridge": lambda t: {
        "degree": t.suggest_int("degree", 2, 5),
        "penalty": t.suggest_float("penalty", 1e-5, 10.0, log=True),
    },
    "lasso": lambda t: {
        "degree": t.suggest_int("degree", 2, 4),
        "penalty": t.suggest_float("penalty", 1e-3, 1.0, log=True),
    },
    "support vectors": lambda t: {
        "bound": t.suggest_float("bound", 10.0, 3000.0, log=True),
        "inverse_width": t.suggest_float("inverse_width", 0.01, 0.3, log=True),
    },
    "decision tree": lambda t: {
        "depth": t.suggest_int("depth", 6, 22),
        "smallest_leaf": t.suggest_int("smallest_leaf", 1, 10),
    },
    "random forest": lambda t: {
        "depth": t.suggest_int("depth", 9, 22),
        "choices": t.suggest_categorical("choices", ["log2", None]),
        "num_trees": 100,
    },
    "boosted trees": lambda t: {
        "rate": t.suggest_float("rate", 0.03, 0.3, log=True),
        "num_trees": t.suggest_int("num_trees", 200, 1000, log=True),
        "depth": t.suggest_int("depth", 2, 6),
        "smallest_leaf": t.suggest_int("smallest_leaf", 1, 12),
    },
    "perceptron": lambda t: {
        "rate": t.suggest_float("rate", 1e-3, 1e-2, log=True),
        "num_layers": t.suggest_int("num_layers", 2, 4),
        "num_neurons": t.suggest_int("num_neurons", 32, 128, log=True),
        "num_epochs": 200,
    },
    "Gaussian process": lambda t: {
        "kernel": t.suggest_categorical("kernel", ["gaussian", "matern"]),
        "num_tuning": t.suggest_int("num_tuning", 200, 500),
    },
    "relative Gaussian process": lambda t: {
        "kernel": t.suggest_categorical("kernel", ["gaussian", "matern"]),
        "num_tuning": t.suggest_int("num_tuning", 200, 500),
    },
    "histogram boosting": lambda t: {
        "rate": t.suggest_float("rate", 0.03, 0.3, log=True),
        "num_trees": t.suggest_int("num_trees", 100, 300, log=True),
        "num_leaves": t.suggest_int("num_leaves", 4, 31),
        "smallest_leaf": t.suggest_int("smallest_leaf", 1, 12),
    },
}


def axes_of(grid: Grid, light: bool) -> dict[str, tuple[Any, ...]]:
    """The values of a grid; its ends, its middle and the paper's choice where it must be light."""
    if not light:
        return dict(grid.axes)
    return {name: _fewer(values, grid.paper[name]) for name, values in grid.axes.items()}


def _fewer(values: tuple[Any, ...], paper: Any) -> tuple[Any, ...]:
    places = {0, len(values) // 2, len(values) - 1}
    return tuple(v for place, v in enumerate(values) if place in places or v == paper)


_TINY = {"num_trees": 5, "num_epochs": 2, "num_tuning": 50, "degree": 2}


def sized(method: AbstractRegressor, tiny: bool) -> AbstractRegressor:
    """The method, or a tiny one of its kind."""
    fields = {name: value for name, value in _TINY.items() if tiny and hasattr(method, name)}
    changed: Any = method
    return replace(changed, **fields)


def grids_of(settings: Settings) -> dict[str, Grid]:
    """The grids of a preset: of a tiny one, a curve and a heat map."""
    names = ("figure_06_neighbours", "figure_07_ridge") if settings.tiny else GRIDS
    return {name: GRIDS[name] for name in names}
