"""Rivals that learn, tuned at the same number of trials: boosted trees and a random forest."""

from collections.abc import Callable
from typing import Any

import numpy as np
import optuna
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor

from neuralrates.learning.mixture import kind_scaling, scaled_by_kind
from neuralrates.learning.search import search_settings
from studies.kept import Result
from studies.mixture_of_experts.networks import best, errors, spreads, validation
from studies.mixture_of_experts.panel_data import Panel
from studies.mixture_of_experts.study import Study

Settings = dict[str, Any]


def boosted(settings: Settings, seed: int) -> Any:
    """Histogram gradient boosting, of as many trees as the search has found."""
    return HistGradientBoostingRegressor(random_state=seed, **settings)


def forest(settings: Settings, seed: int) -> Any:
    """Random forest."""
    return RandomForestRegressor(random_state=seed, n_jobs=1, **settings)


TREES: dict[
    str, tuple[Callable[[Settings, int], Any], Callable[[optuna.Trial], Settings], Settings]
] = {
    "boosted trees": (
        boosted,
        lambda trial: {
            "learning_rate": trial.suggest_float("learning_rate", 0.03, 0.3, log=True),
            "max_leaf_nodes": trial.suggest_int("max_leaf_nodes", 15, 127, log=True),
            "max_iter": trial.suggest_int("max_iter", 100, 600, log=True),
        },
        {"learning_rate": 0.1, "max_leaf_nodes": 31, "max_iter": 300},
    ),
    "random forest": (
        forest,
        lambda trial: {
            "n_estimators": 60,
            "max_features": trial.suggest_float("max_features", 0.2, 1.0),
            "min_samples_leaf": trial.suggest_int("min_samples_leaf", 1, 8, log=True),
        },
        {"n_estimators": 60, "max_features": 0.5, "min_samples_leaf": 1},
    ),
}


def search_trees(study: Study, name: str) -> Result:
    """The same for trees, at the same number of trials."""
    make, space, start = TREES[name]
    used, kept = validation(study.train)

    def loss(settings: Settings) -> float:
        predicted = _predicted(make(settings, 0), study, used, kept)
        return float(errors(kept, predicted, spreads(used))["relative"])

    return best(search_settings(loss, space, study.settings.num_trials, first=start))


def trees(study: Study, name: str, seed: int) -> np.ndarray:
    """Prices of the rows held out, by trees trained on the others."""
    settings = study.once(f"search-{name}", lambda: search_trees(study, name))["best"]
    return _predicted(TREES[name][0](settings, seed), study, study.train, study.test)


def _predicted(estimator: Any, study: Study, used: Panel, asked: Panel) -> np.ndarray:
    """Each instrument's prices in units of their spread, as the networks see them."""
    x, value = np.asarray(used.x), np.asarray(used.value)
    output = kind_scaling(x, value, study.kinds)
    fitted = estimator.fit(x, scaled_by_kind(output, x, value))
    kind = np.asarray(asked.x)[:, list(study.kinds)]
    scaled = fitted.predict(np.asarray(asked.x))
    return kind @ np.asarray(output.shift) + (kind @ np.asarray(output.scale)) * scaled
