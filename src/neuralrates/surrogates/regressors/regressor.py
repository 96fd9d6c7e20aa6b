"""What a regressor is: hyper-parameters at construction, data at `fit`, an immutable surrogate out."""

import abc
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Array, Float

from neuralrates.core.units import basis_point
from neuralrates.surrogates.surrogate import AbstractSurrogate

Points = Float[np.ndarray, "samples inputs"] | Float[Array, "samples inputs"]
Values = Float[np.ndarray, "samples"] | Float[Array, "samples"]


class AbstractRegressor(abc.ABC):
    """Hyper-parameters of one kind of regression.

    Values are learned in units of 1e-4, as the prices of a notional of 10,000 would be: where a
    method is not indifferent to scale (support vectors, lasso), its settings mean that unit.
    """

    @abc.abstractmethod
    def estimator(self, seed: int) -> Any:
        """Unfitted estimator with scikit-learn's `fit` and `predict`; values in units of 1e-4."""

    @abc.abstractmethod
    def freeze(self, fitted: Any) -> AbstractSurrogate:
        """Surrogate that returns what a fitted estimator predicts, in raw units."""

    def fit(
        self, x: Points, value: Values, *, seed: int = 0, names: Sequence[str] = ()
    ) -> AbstractSurrogate:
        """Learn one output.

        Args:
            x: points in raw units
            value: values in raw units
            seed: of whatever is random in the method
            names: of the inputs, for messages

        Returns:
            The surrogate.

        Raises:
            ValueError: where an input is constant or missing, or a value not finite
        """
        points, values = checked(x, value, names)
        return self.freeze(self.estimator(seed).fit(points, values / basis_point))


def checked(x: Points, value: Values, names: Sequence[str] = ()) -> tuple[np.ndarray, np.ndarray]:
    """The data as NumPy arrays, once they can be learned from.

    Raises:
        ValueError: where an input is constant or missing, or a value not finite
    """
    points, values = np.asarray(x), np.asarray(value)
    names = list(names) or [f"number {i}" for i in range(points.shape[1])]
    if len(names) != points.shape[1]:
        raise ValueError(
            f"Argument `x` must have the {len(names)} inputs {names}, but has {points.shape[1]}."
        )
    missing = [
        n for n, column in zip(names, points.T, strict=True) if not np.isfinite(column).all()
    ]
    if missing:
        raise ValueError(
            f"Argument `x` must be finite, but values are missing of input {', '.join(missing)}."
        )
    constant = [n for n, column in zip(names, points.T, strict=True) if np.ptp(column) == 0.0]
    if constant:
        raise ValueError(
            f"Argument `x` must vary in every input, but it is constant in {', '.join(constant)}: leave it out."
        )
    bad = ~np.isfinite(values)
    if bad.any():
        raise ValueError(
            f"Argument `value` must be finite, but it is not in {bad.sum()} of {bad.size} samples, "
            f"the first of them number {int(np.argmax(bad))}."
        )
    return points, values
