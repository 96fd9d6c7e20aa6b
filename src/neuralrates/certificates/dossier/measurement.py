"""A surrogate beside the reference at fresh points: what the dossier's pictures and tables are drawn from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import jax
import numpy as np
from jaxtyping import Float

from neuralrates.certificates.certification import predict
from neuralrates.certificates.gathering import coordinate_values
from neuralrates.core.types import Key
from neuralrates.problems.exact_labels import exact_labels
from neuralrates.problems.problem import Problem
from neuralrates.surrogates.surrogate import AbstractSurrogate

Column = Float[np.ndarray, "samples"]
Rows = Float[np.ndarray, "samples inputs"]
_BATCH = 32  # points that are kept together: minutes of work where the reference simulates


@dataclass(frozen=True, eq=False)
class Measurement:
    """Prices of one target at points that neither training nor certificate has seen.

    Args:
        names: of the inputs
        units: of the inputs
        key: data of the key that drew the points
        x: points, raw units
        value: reference prices, per unit notional
        reference_error: that the reference states of them
        slopes: derivatives of the reference price to every input
        predicted: the surrogate's prices
        predicted_slopes: its derivatives; none where it has no useful ones
        coordinates: the numbers by which the problem's errors are looked at, by name
    """

    names: tuple[str, ...]
    units: tuple[str, ...]
    key: tuple[int, ...]
    x: Rows
    value: Column
    reference_error: Column
    slopes: Rows
    predicted: Column
    predicted_slopes: Rows | None
    coordinates: Mapping[str, Column]

    def __len__(self) -> int:
        return len(self.value)

    @cached_property
    def error(self) -> Column:
        """Absolute error of every price, per unit notional."""
        return np.abs(self.predicted - self.value)

    @cached_property
    def slope_error(self) -> Rows | None:
        """Absolute error of every derivative."""
        if self.predicted_slopes is None:
            return None
        return np.abs(self.predicted_slopes - self.slopes)

    def quantile(self, share: float) -> float:
        """Error that this share of the points stays below."""
        return float(np.quantile(self.error, share))

    def unit_of(self, name: str) -> str:
        """Unit of an input."""
        return self.units[self.names.index(name)]

    def greek_error(self, name: str) -> float | None:
        """Mean error of the derivative to an input over its mean size; none without derivatives, or where all are zero."""
        i = self.names.index(name)
        size = float(np.mean(np.abs(self.slopes[:, i])))
        if self.slope_error is None or size == 0.0:
            return None
        return float(np.mean(self.slope_error[:, i])) / size

    def worst(self, number: int) -> list[int]:
        """Positions of the points with the largest errors, the largest first."""
        return [int(i) for i in np.argsort(-self.error, kind="stable")[:number]]


def measure(
    surrogate: AbstractSurrogate,
    problem: Problem,
    *,
    key: Key,
    num_points: int,
    folder: str | Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Measurement:
    """Price fresh points by the reference and by the surrogate.

    Args:
        surrogate: its first output is the target
        problem: domain and reference
        key: of the points
        num_points: how many
        folder: where reference prices are kept, to go on from after an interruption
        progress: called with the number of reference prices done and to do

    Returns:
        Both, side by side.

    Raises:
        ValueError: where a price is not finite

    Example:
        >>> import jax
        >>> import neuralrates as nr
        >>> from neuralrates.certificates.dossier.measurement import measure
        >>> bundle = nr.bundles.load("bermudan")
        >>> found = measure(bundle.surrogate, bundle.problem, key=jax.random.key(1), num_points=8)
        >>> len(found), found.slopes.shape, bool((found.error < 1e-3).all())
        (8, (8, 10), True)
    """
    labels = exact_labels(problem, key, num_points, batch=_BATCH, folder=folder, progress=progress)
    told = predict(surrogate, labels.x)
    assert labels.gradient is not None
    axes = problem.domain.axes
    return Measurement(
        names=problem.domain.names,
        units=tuple(axis.unit for axis in axes),
        key=tuple(int(word) for word in jax.random.key_data(key).reshape(-1)),
        x=np.asarray(labels.x),
        value=np.asarray(labels.value)[:, 0],
        reference_error=np.asarray(labels.error)[:, 0],
        slopes=np.asarray(labels.gradient)[:, 0],
        predicted=np.asarray(told.value)[:, 0],
        predicted_slopes=None if told.gradient is None else np.asarray(told.gradient)[:, 0],
        coordinates=coordinate_values(problem, np.asarray(labels.x)),
    )
