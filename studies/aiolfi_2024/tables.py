"""What is measured on samples that nothing was learned from: errors of every method, and label noise."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from neuralrates.certificates.bootstrap import bootstrap_interval
from neuralrates.certificates.metrics import METRICS, all_metrics
from neuralrates.core.units import basis_point
from neuralrates.learning.data.splits import split_groups
from neuralrates.surrogates.regressors.regressor import AbstractRegressor
from studies.aiolfi_2024.natural_hedges import FEATURES, WITH_NORM
from studies.aiolfi_2024.selection import Data
from studies.aiolfi_2024.settings import METHODS_WITH_NORM
from studies.aiolfi_2024.setup import SPLIT_SEED, Study, as_data

METRIC_UNITS = ("MAE", "RMSE")
_ROUNDS = 5


def errors_on_test(study: Study, name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Errors on the test set and the fresh basket, with the paper's settings and with those found."""
    default = study.method(name)
    selected: Any = replace(default, **settings)
    tuned = _measure(study, selected)
    same = selected == default
    return {"default": tuned if same else _measure(study, default), "selected": tuned}


def errors_with_norm(study: Study, name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Errors of a method that sees the norm of the Europeans as well."""
    method: Any = replace(study.method(name, METHODS_WITH_NORM), **settings)
    return _measure(study, method, inputs=WITH_NORM)


def errors_by_sample(study: Study, name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Errors where samples are split at random: models of one contract on both sides, as in the source."""
    count = len(study.samples)
    train, test = split_groups(np.arange(count), len(study.test), SPLIT_SEED)
    used, left = study.data(train), study.data(test)
    default = study.method(name)
    methods = {"default": default, "selected": replace(default, **settings)}
    return {
        kind: errors(left, _predicted(_fitted(method, used), left), study.settings.num_draws)
        for kind, method in methods.items()
    }


def _measure(
    study: Study,
    method: AbstractRegressor,
    *,
    simulated: bool = False,
    inputs: tuple[str, ...] = FEATURES,
) -> dict[str, Any]:
    used = study.data(study.train, simulated=simulated, inputs=inputs)
    left, fresh = study.data(study.test, inputs=inputs), as_data(study.fresh, inputs=inputs)
    start = time.perf_counter()
    fitted = _fitted(method, used)
    learned = time.perf_counter() - start
    draws = study.settings.num_draws
    return {
        **errors(left, _predicted(fitted, left), draws),
        "fresh": errors(fresh, _predicted(fitted, fresh), draws),
        "seconds_to_train": learned,
        "microseconds_to_predict": 1e6 * _seconds(fitted.predict, left.x) / len(left.value),
        "microseconds_alone": 1e6 * _seconds(fitted.predict, left.x[:1]),
        "settings": repr(method),
    }


def _fitted(method: AbstractRegressor, used: Data) -> Any:
    return method.estimator(0).fit(used.x, used.value / basis_point)


def _predicted(fitted: Any, left: Data) -> np.ndarray:
    return np.asarray(fitted.predict(left.x)) * basis_point


def _seconds(predict: Callable[[np.ndarray], np.ndarray], x: np.ndarray) -> float:
    """Least wall time of a few predictions."""

    def once() -> float:
        start = time.perf_counter()
        predict(x)
        return time.perf_counter() - start

    return min(once() for _ in range(_ROUNDS))


def errors(left: Data, predicted: np.ndarray, num_draws: int) -> dict[str, Any]:
    """Every metric, and the interval of the RMSE; MAE and RMSE in basis points of notional, the rest as decimals."""
    unit = {name: basis_point if name in METRIC_UNITS else 1.0 for name in METRICS}
    values = {n: v / unit[n] for n, v in all_metrics(left.value, predicted).items()}
    ends = bootstrap_interval(
        METRICS["RMSE"], left.value, predicted, left.groups, num_draws=num_draws
    )
    return {"metrics": values, "intervals": {"RMSE": [end / unit["RMSE"] for end in ends]}}


def label_noise(study: Study, found: Mapping[str, Any]) -> dict[str, Any]:
    """The same methods taught by simulated prices, judged by exact ones."""
    simulated = study.samples.simulated
    miss = np.asarray(simulated.value - study.samples.labels.value)[:, 0] / basis_point
    methods = ("ridge", "boosted trees", "relative Gaussian process")
    table = {}
    for name in methods:
        settings = found["search"][name]["best"]["settings"]
        method: Any = replace(study.method(name), **settings)  # type: ignore[type-var]
        noisy = _measure(study, method, simulated=True)["metrics"]["RMSE"]
        exact = found["test"][name]["selected"]["metrics"]["RMSE"]
        part = max(noisy**2 - exact**2, 0.0) ** 0.5
        table[name] = {"simulated": noisy, "exact": exact, "part_of_noise": part}
    return {
        "num_paths": study.record["num_paths"],
        "label_rmse": float(np.sqrt(np.mean(miss**2))),
        "label_bias": float(np.mean(miss)),
        "standard_error": float(np.mean(np.asarray(simulated.error))) / basis_point,
        "methods": table,
    }


def basket_facts(study: Study) -> dict[str, Any]:
    value = np.asarray(study.samples.labels.value)[:, 0] / basis_point
    return {
        "samples": len(study.samples),
        "train": len(study.train),
        "test": len(study.test),
        "fresh": len(study.fresh),
        "contracts": int(len(np.unique(np.asarray(study.samples.groups)))),
        "mean_price": float(np.mean(value)),
        "smallest_price": float(np.min(value)),
        "largest_price": float(np.max(value)),
        "largest_reference_error": float(np.max(np.asarray(study.samples.labels.error)))
        / basis_point,
    }
