"""Which inputs a regression lives on: by permutation, by leaving a column out, by impurity."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from neuralrates.core.units import basis_point
from neuralrates.surrogates.regressors.regressor import AbstractRegressor
from studies.aiolfi_2024.selection import Data

Importance = dict[str, dict[str, tuple[float, float]]]
"""Kind, then input, to mean and standard deviation over the folds."""


def importances(
    method: AbstractRegressor, data: Data, names: Sequence[str], num_folds: int, repeats: int = 3
) -> Importance:
    """Importance of every input, each with its spread over the folds.

    `permutation` and `drop_column` are rises of the root mean squared error on samples kept aside, in
    units of 1e-4, when a column is shuffled and when the method must learn without it. `impurity` is
    the share of the variance that splits on the input took away; only trees have it.

    Args:
        method: what learns
        data: training data
        names: of the inputs
        num_folds: folds
        repeats: shuffles per fold

    Returns:
        By kind and input, the mean and the standard deviation over the folds.

    Source: Breiman (2001), section 10.
    """
    random = np.random.default_rng(0)
    found: dict[str, list[np.ndarray]] = {"permutation": [], "drop_column": [], "impurity": []}
    for used, kept in data.folds(num_folds):
        fitted = _fitted(method, used)
        whole = _error(fitted, kept.x, kept.value)
        columns = range(len(names))
        found["permutation"].append(
            np.array([_shuffled(fitted, kept, i, repeats, random) - whole for i in columns])
        )
        found["drop_column"].append(
            np.array([_without(method, used, kept, i) - whole for i in columns])
        )
        if hasattr(fitted, "feature_importances_"):
            found["impurity"].append(np.asarray(fitted.feature_importances_))
    return {kind: _by_name(rows, names) for kind, rows in found.items() if rows}


def _by_name(rows: list[np.ndarray], names: Sequence[str]) -> dict[str, tuple[float, float]]:
    means, spreads = np.mean(rows, axis=0), np.std(rows, axis=0)
    return {n: (float(m), float(s)) for n, m, s in zip(names, means, spreads, strict=True)}


def _fitted(method: AbstractRegressor, data: Data) -> Any:
    return method.estimator(0).fit(data.x, data.value / basis_point)


def _shuffled(fitted: Any, data: Data, column: int, repeats: int, random: Any) -> float:
    errors = []
    for _ in range(repeats):
        x = np.array(data.x)
        x[:, column] = random.permutation(x[:, column])
        errors.append(_error(fitted, x, data.value))
    return float(np.mean(errors))


def _without(method: AbstractRegressor, used: Data, kept: Data, column: int) -> float:
    fewer, left = (np.delete(part.x, column, axis=1) for part in (used, kept))
    fitted = method.estimator(0).fit(fewer, used.value / basis_point)
    return _error(fitted, left, kept.value)


def _error(fitted: Any, x: np.ndarray, value: np.ndarray) -> float:
    return float(np.sqrt(np.mean((fitted.predict(x) - value / basis_point) ** 2)))
