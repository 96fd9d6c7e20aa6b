"""A Gaussian process that learns amounts in units of one of them."""

from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np

from neuralrates.core.extras import extra
from neuralrates.surrogates.regressors.challengers import GaussianProcess, TunedProcess
from neuralrates.surrogates.regressors.kernel_sum import Kernel
from neuralrates.surrogates.regressors.regressor import AbstractRegressor
from neuralrates.surrogates.regressors.units import Column, InUnits, in_units

with extra("regressors"):
    from sklearn.base import BaseEstimator, RegressorMixin


@dataclass(frozen=True)
class RelativeProcess(AbstractRegressor):
    """Gaussian process of a price over one of the amounts, in warped ratios of the inputs.

    Args:
        columns: as for `InUnits`
        unit: number of the amount, positive, that is the unit
        num_tuning: as for `GaussianProcess`
        kernel: as for `GaussianProcess`

    Source: prices are homogeneous of degree one in amounts: Merton (1973), theorem 9.
    """

    columns: tuple[Column, ...]
    unit: int
    num_tuning: int = 400
    kernel: Kernel = "gaussian"

    def estimator(self, seed: int) -> "RelativeEstimator":
        return RelativeEstimator(self, seed)

    def freeze(self, fitted: "RelativeEstimator") -> InUnits:
        inner = GaussianProcess(self.num_tuning, self.kernel).freeze(fitted.inner_)
        return InUnits(inner, self.columns, self.unit)


class RelativeEstimator(RegressorMixin, BaseEstimator):
    """`RelativeProcess` with the manners of scikit-learn."""

    def __init__(self, settings: RelativeProcess, seed: int = 0) -> None:
        self.settings = settings
        self.seed = seed

    def fit(self, x: np.ndarray, y: np.ndarray) -> "RelativeEstimator":
        """Learn values over the unit."""
        if np.any(x[:, self.settings.unit] <= 0.0):
            raise ValueError(
                f"Argument `x` must be positive in input {self.settings.unit}, the unit."
            )
        process = TunedProcess(self.settings.num_tuning, self.settings.kernel, self.seed)
        self.inner_ = process.fit(self._relative(x), y / x[:, self.settings.unit])
        return self

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Values in their own unit again."""
        return x[:, self.settings.unit] * self.inner_.predict(self._relative(x))

    def _relative(self, x: np.ndarray) -> np.ndarray:
        return np.asarray(in_units(jnp.asarray(x), self.settings.columns))
