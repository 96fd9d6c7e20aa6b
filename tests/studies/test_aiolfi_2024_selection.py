"""Choice of settings over folds, and importances."""

import numpy as np
import pytest
from studies.aiolfi_2024.importance import importances
from studies.aiolfi_2024.selection import Data, best, grid_scores, search

from neuralrates.surrogates.regressors.classical import DecisionTree, Ridge


def make_data(num=200):
    x = np.random.default_rng(0).uniform(-1.0, 1.0, (num, 3))
    return Data(x, 0.05 + 0.01 * x[:, 0] ** 3 + 0.001 * x[:, 1], np.arange(num) // 5)


def test_the_grid_finds_the_degree():
    scores = grid_scores(Ridge(), make_data(), 4, {"degree": (1, 3), "penalty": (1e-6, 1e3)})
    assert len(scores) == 4
    assert best(scores).settings == {"degree": 3, "penalty": 1e-6}
    assert best(scores).training <= best(scores).validation


def test_the_search_keeps_to_its_budget_and_begins_at_the_defaults():
    scores = search(
        Ridge(degree=1), make_data(), 3, lambda t: {"degree": t.suggest_int("degree", 1, 3)}, 4
    )
    assert len(scores) == 4
    assert scores[0].settings == {}


def test_folds_keep_groups_whole():
    for used, kept in make_data().folds(4):
        assert not set(used.groups) & set(kept.groups)


@pytest.mark.parametrize("method", [Ridge(degree=3), DecisionTree()], ids=["ridge", "tree"])
def test_importance_finds_the_input_that_matters(method):
    found = importances(method, make_data(), ("a", "b", "c"), 3)
    assert ("impurity" in found) is isinstance(method, DecisionTree)
    for inputs in found.values():
        assert max(inputs, key=lambda name: inputs[name][0]) == "a"
        assert all(spread >= 0.0 for _, spread in inputs.values())
