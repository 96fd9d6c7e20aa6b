"""Error metrics: one definition of each for the whole project.

Predictions and actual values are arrays of one shape; every metric returns one number. Relative
metrics are undefined where an actual value (MAPE, RMSRE) or all of them (WAPE, RRMSE) are zero, and
say so by a ValueError instead of an arbitrary small term in the denominator.

Source: Aiolfi, Moreni, Bianchetti and Scaringi (2024), appendix on metrics.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from jaxtyping import Array, Float

Numbers = Float[np.ndarray, "samples"] | Float[Array, "samples"]


def mean_absolute_error(actual: Numbers, predicted: Numbers) -> float:
    """MAE: mean of |y - p|, in the unit of y."""
    return float(np.mean(np.abs(_miss(actual, predicted))))


def mean_absolute_percentage_error(actual: Numbers, predicted: Numbers) -> float:
    """MAPE: mean of |y - p| / |y|, as a decimal."""
    return float(np.mean(np.abs(_relative_miss(actual, predicted))))


def weighted_absolute_percentage_error(actual: Numbers, predicted: Numbers) -> float:
    """WAPE: sum of |y - p| over sum of |y|, as a decimal."""
    return mean_absolute_error(actual, predicted) / _positive(float(np.mean(np.abs(actual))))


def root_mean_squared_error(actual: Numbers, predicted: Numbers) -> float:
    """RMSE: root of the mean of (y - p)^2, in the unit of y."""
    return float(np.sqrt(np.mean(_miss(actual, predicted) ** 2)))


def root_mean_squared_relative_error(actual: Numbers, predicted: Numbers) -> float:
    """RMSRE: root of the mean of ((y - p) / y)^2, as a decimal."""
    return float(np.sqrt(np.mean(_relative_miss(actual, predicted) ** 2)))


def relative_root_mean_squared_error(actual: Numbers, predicted: Numbers) -> float:
    """RRMSE: root of the sum of (y - p)^2 over the sum of y^2, as a decimal."""
    size = float(np.sqrt(np.mean(np.asarray(actual) ** 2)))
    return root_mean_squared_error(actual, predicted) / _positive(size)


METRICS: Mapping[str, Callable[[Numbers, Numbers], float]] = MappingProxyType(
    {
        "MAE": mean_absolute_error,
        "MAPE": mean_absolute_percentage_error,
        "WAPE": weighted_absolute_percentage_error,
        "RMSE": root_mean_squared_error,
        "RMSRE": root_mean_squared_relative_error,
        "RRMSE": relative_root_mean_squared_error,
    }
)


def all_metrics(actual: Numbers, predicted: Numbers) -> dict[str, float]:
    """Every metric by its short name.

    Example:
        >>> import numpy as np
        >>> from neuralrates.certificates import all_metrics
        >>> all_metrics(np.array([1.0, 2.0]), np.array([1.5, 2.0]))["WAPE"]
        0.16666666666666666
    """
    return {name: metric(actual, predicted) for name, metric in METRICS.items()}


def _miss(actual: Numbers, predicted: Numbers) -> np.ndarray:
    if np.shape(actual) != np.shape(predicted) or np.size(actual) == 0:
        raise ValueError(
            f"Arguments `actual` and `predicted` must have one shape and not be empty, but have "
            f"{np.shape(actual)} and {np.shape(predicted)}."
        )
    return np.asarray(actual) - np.asarray(predicted)


def _relative_miss(actual: Numbers, predicted: Numbers) -> np.ndarray:
    if np.any(np.asarray(actual) == 0.0):
        raise ValueError("Argument `actual` must have no zero in it for a metric relative to it.")
    return _miss(actual, predicted) / np.asarray(actual)


def _positive(size: float) -> float:
    if size == 0.0:
        raise ValueError("Argument `actual` must not be zero throughout for a relative metric.")
    return float(size)
