"""What is measured on the test set: errors of every method, label noise, slopes as labels."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import jax
import numpy as np

from neuralrates.certificates.bootstrap import bootstrap_interval
from neuralrates.certificates.metrics import METRICS, all_metrics
from neuralrates.core.units import basis_point
from neuralrates.surrogates.regressors.regressor import AbstractRegressor
from neuralrates.surrogates.regressors.units import InUnits, in_units
from studies.aiolfi_2024.basket_labels import BasketLabels
from studies.aiolfi_2024.bermudan_basket import MOVES
from studies.aiolfi_2024.kernel_jets import Jets, fit_jets
from studies.aiolfi_2024.natural_hedges import REDUCED, UNIT
from studies.aiolfi_2024.setup import Study

SLOPE_MODELS = (0, 5, 8, 13)
METRIC_UNITS = ("MAE", "RMSE")
_ROUNDS = 5


def errors_on_test(study: Study, name: str, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Errors on the test set with the settings of the paper and with those of the search."""
    selected: Any = replace(study.method(name), **chosen["best"]["settings"])
    tuned = _measure(study, selected)
    default = study.method(name)
    same = selected == default
    return {"default": tuned if same else _measure(study, default), "selected": tuned}


def _measure(study: Study, method: AbstractRegressor, *, simulated: bool = False) -> dict[str, Any]:
    used, kept = study.data(study.train, simulated=simulated), study.data(study.test)
    start = time.perf_counter()
    fitted = method.estimator(0).fit(used.x, used.value / basis_point)
    learned = time.perf_counter() - start
    predicted = np.asarray(fitted.predict(kept.x)) * basis_point
    return {
        **errors(study, predicted),
        "seconds_to_train": learned,
        "microseconds_to_predict": 1e6 * _seconds(fitted.predict, kept.x) / len(kept.value),
        "microseconds_alone": 1e6 * _seconds(fitted.predict, kept.x[:1]),
        "settings": repr(method),
    }


def _seconds(predict: Callable[[np.ndarray], np.ndarray], x: np.ndarray) -> float:
    """Least wall time of a few predictions."""

    def once() -> float:
        start = time.perf_counter()
        predict(x)
        return time.perf_counter() - start

    return min(once() for _ in range(_ROUNDS))


def errors(study: Study, predicted: np.ndarray) -> dict[str, Any]:
    """Every metric on the test set; MAE and RMSE in basis points of notional, the rest as decimals."""
    kept = study.data(study.test)
    unit = {name: basis_point if name in METRIC_UNITS else 1.0 for name in METRICS}
    values = {n: v / unit[n] for n, v in all_metrics(kept.value, predicted).items()}
    draws = study.settings.num_draws
    intervals = {
        name: [
            end / unit[name]
            for end in bootstrap_interval(
                metric, kept.value, predicted, kept.groups, num_draws=draws
            )
        ]
        for name, metric in METRICS.items()
    }
    return {"metrics": values, "intervals": intervals}


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
        "num_paths": study.num_paths,
        "label_rmse": float(np.sqrt(np.mean(miss**2))),
        "label_bias": float(np.mean(miss)),
        "standard_error": float(np.mean(np.asarray(simulated.error))) / basis_point,
        "methods": table,
    }


def slopes_as_labels(study: Study) -> dict[str, Any]:
    """Gaussian process in reduced features, with slopes to moves of strike and curve beside the values.

    Slopes are used under four of the fourteen models: under the others they say the same again.
    """
    start = time.perf_counter()
    data = jets(study.samples.take(study.train), SLOPE_MODELS)
    part = {"num_tuning": 40, "num_slopes": 60, "num_steps": 3} if study.settings.tiny else {}
    process = InUnits(fit_jets(data, **part), REDUCED, UNIT)
    seconds = time.perf_counter() - start
    fresh = study.samples.labels.x[study.test]
    predicted = jax.jit(lambda at: jax.lax.map(process, at, batch_size=64))(fresh)[:, 0]
    found = errors(study, np.asarray(predicted))
    return {**found, "seconds_to_train": seconds, "slopes": list(MOVES)}


def jets(samples: BasketLabels, models: Sequence[int]) -> Jets:
    """Values and slopes of a basket over the unit, in reduced features.

    With a price y over the unit u, the slope of y / u is y' / u - y u' / u^2.

    Args:
        samples: of which all values are used
        models: numbers of the models, within each group, whose slopes are used
    """
    x, unit = samples.labels.x, np.asarray(samples.labels.x)[:, UNIT]
    value = np.asarray(samples.labels.value)[:, 0]
    groups = np.asarray(samples.groups)
    places = np.arange(len(value)) - np.searchsorted(groups, groups)
    used = np.isin(places, models)
    z, turn = jax.vmap(lambda at: (in_units(at, REDUCED), jax.jacfwd(in_units)(at, REDUCED)))(x)
    moved = np.asarray(samples.directions)
    slopes = np.asarray(samples.slopes) / unit[:, None]
    slopes = slopes - (value / unit**2)[:, None] * moved[:, UNIT]
    ways = np.moveaxis(np.asarray(turn) @ moved, 2, 1)
    points = np.repeat(np.asarray(z)[used], len(MOVES), axis=0)
    along = ways[used].reshape(-1, len(REDUCED))
    return Jets(np.asarray(z), value / unit, points, along, slopes[used].reshape(-1))


def basket_facts(study: Study) -> dict[str, Any]:
    value = np.asarray(study.samples.labels.value)[:, 0] / basis_point
    return {
        "samples": len(study.samples),
        "train": len(study.train),
        "test": len(study.test),
        "contracts": int(len(np.unique(np.asarray(study.samples.groups)))),
        "mean_price": float(np.mean(value)),
        "smallest_price": float(np.min(value)),
        "largest_price": float(np.max(value)),
        "largest_reference_error": float(np.max(np.asarray(study.samples.labels.error)))
        / basis_point,
    }
