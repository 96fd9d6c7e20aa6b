"""Choice of hyper-parameters by cross-validation: grids, and a search at a fixed budget."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from sklearn.model_selection import GroupKFold

from neuralrates.core.units import basis_point
from neuralrates.learning.search import Space, search_settings
from studies.aiolfi_2024.grid_methods import Estimated


@dataclass(frozen=True)
class Data:
    """What regressions are chosen on.

    Args:
        x: points
        value: values in raw units
        groups: number of each sample's group; folds keep groups whole
    """

    x: Float[np.ndarray, "samples inputs"]
    value: Float[np.ndarray, "samples"]
    groups: Int[np.ndarray, "samples"]

    def take(self, chosen: np.ndarray) -> "Data":
        """The samples at these positions."""
        return Data(self.x[chosen], self.value[chosen], self.groups[chosen])

    def one_by_one(self) -> "Data":
        """The same with every sample a group of its own, so that folds split samples at random."""
        order = np.random.default_rng(0).permutation(len(self.value))
        return Data(self.x, self.value, order)

    def folds(self, number: int) -> Iterator[tuple["Data", "Data"]]:
        """Pairs of training and validation data."""
        for used, kept in GroupKFold(number).split(self.x, groups=self.groups):
            yield self.take(used), self.take(kept)


@dataclass(frozen=True)
class Score:
    """Root mean squared errors over the folds, in units of 1e-4.

    Args:
        settings: what was varied
        training: mean on the samples learned from
        validation: mean on the samples kept aside
        spread: standard deviation of the latter over the folds
    """

    settings: dict[str, Any]
    training: float
    validation: float
    spread: float


def cross_validate(
    method: Estimated, data: Data, num_folds: int, settings: Mapping[str, Any]
) -> Score:
    """Score of a regressor with some settings changed.

    Example:
        >>> import numpy as np
        >>> from neuralrates.surrogates.regressors.classical import Ridge
        >>> from studies.aiolfi_2024.selection import Data, cross_validate
        >>> x = np.linspace(-1.0, 1.0, 60)[:, None]
        >>> data = Data(x, 1e-2 * x[:, 0] ** 2, np.arange(60) % 20)
        >>> cross_validate(Ridge(), data, 5, {"degree": 2}).validation < 0.01
        True
    """
    changed: Any = replace(method, **settings)  # type: ignore[type-var]
    errors = []
    for used, kept in data.folds(num_folds):
        fitted = changed.estimator(0).fit(used.x, used.value / basis_point)
        errors.append([_error(fitted, part) for part in (used, kept)])
    training, validation = np.mean(errors, axis=0)
    return Score(
        dict(settings), float(training), float(validation), float(np.std(errors, axis=0)[1])
    )


def grid_scores(
    method: Estimated, data: Data, num_folds: int, axes: Mapping[str, Sequence[Any]]
) -> list[Score]:
    """Scores at every combination of the values of some settings."""
    points = (dict(zip(axes, point, strict=True)) for point in itertools.product(*axes.values()))
    return [cross_validate(method, data, num_folds, point) for point in points]


def search(
    method: Estimated,
    data: Data,
    num_folds: int,
    space: Space,
    num_trials: int,
) -> list[Score]:
    """Scores of the settings that a tree-structured Parzen estimator tries; the first are the defaults.

    Args:
        method: with the settings to begin from
        data: training data only
        num_folds: folds of each trial
        space: trial to settings
        num_trials: how many settings are tried

    Returns:
        The scores, in the order tried.

    Source: Bergstra, Bardenet, Bengio and Kegl (2011); Akiba et al. (2019).
    """
    scores: list[Score] = []

    def loss(settings: dict[str, Any]) -> float:
        scores.append(cross_validate(method, data, num_folds, settings))
        return scores[-1].validation

    search_settings(loss, space, num_trials, first={})
    return scores


def best(scores: Sequence[Score]) -> Score:
    """The lowest validation error."""
    return min(scores, key=lambda score: score.validation)


def _error(fitted: Any, data: Data) -> float:
    misses = fitted.predict(data.x) - data.value / basis_point
    return float(np.sqrt(np.mean(misses**2)))
