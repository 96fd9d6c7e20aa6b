"""Every regressor by name, each with the settings that the paper or we chose."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from neuralrates.core.checks import check_choice
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

PAPER: Mapping[str, Callable[[], AbstractRegressor]] = MappingProxyType(
    {
        "nearest_neighbours": NearestNeighbours,
        "linear": Linear,
        "ridge": Ridge,
        "lasso": Lasso,
        "support_vectors": SupportVectors,
        "decision_tree": DecisionTree,
        "random_forest": RandomForest,
        "boosted_trees": BoostedTrees,
        "perceptron": Perceptron,
    }
)
"""The algorithms of Aiolfi et al. (2024); the lasso's settings, which it does not give, are ours."""

OURS: Mapping[str, Callable[[], AbstractRegressor]] = MappingProxyType(
    {"gaussian_process": GaussianProcess, "histogram_boosting": HistogramBoosting}
)

REGRESSORS: Mapping[str, Callable[[], AbstractRegressor]] = MappingProxyType({**PAPER, **OURS})


def regressor(name: str) -> AbstractRegressor:
    """The regressor of this name, with its default settings.

    Example:
        >>> from neuralrates.learning.regressors import regressor
        >>> regressor("ridge").degree
        6
    """
    check_choice("name", name, tuple(REGRESSORS))
    return REGRESSORS[name]()
