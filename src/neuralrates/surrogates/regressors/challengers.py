"""Regressions beside those of the paper: a Gaussian process and boosting on histograms."""

import warnings
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np

from neuralrates.core.extras import extra
from neuralrates.core.units import basis_point
from neuralrates.surrogates.regressors.kernel_sum import Kernel, KernelSum
from neuralrates.surrogates.regressors.regressor import AbstractRegressor
from neuralrates.surrogates.regressors.trees import Table, Trees
from neuralrates.surrogates.scaling import Scaling

with extra("regressors"):
    from sklearn.base import BaseEstimator, RegressorMixin
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern, WhiteKernel
    from sklearn.preprocessing import StandardScaler

_LENGTHS = (0.1, 1e3)
_NOISE = (1e-10, 1e-1)


@dataclass(frozen=True)
class GaussianProcess(AbstractRegressor):
    """Gaussian process with one length per input.

    Lengths and noise maximise the likelihood of a random part of the samples; all samples are then
    interpolated with them.

    Args:
        num_tuning: samples in that part
        kernel: `gaussian` or `matern`

    Source: Rasmussen and Williams (2006), algorithm 2.1 and section 5.4.1.
    """

    num_tuning: int = 400
    kernel: Kernel = "gaussian"

    def estimator(self, seed: int) -> "TunedProcess":
        return TunedProcess(self.num_tuning, self.kernel, seed)

    def freeze(self, fitted: "TunedProcess") -> KernelSum:
        process, scaler = fitted.process_, fitted.scaler_
        amplitude = process.kernel_.k1.k1.constant_value
        lengths = np.broadcast_to(process.kernel_.k1.k2.length_scale, scaler.mean_.shape)
        mean, scale = float(process._y_train_mean), float(process._y_train_std)
        return KernelSum(
            Scaling(scaler.mean_, scaler.scale_ * lengths),
            jnp.asarray(process.X_train_ / lengths),
            jnp.asarray(basis_point * scale * amplitude * process.alpha_),
            jnp.asarray(basis_point * mean),
            self.kernel,
        )


class TunedProcess(RegressorMixin, BaseEstimator):
    """Gaussian process of scikit-learn, tuned on a part of the samples."""

    def __init__(self, num_tuning: int = 400, kernel: str = "gaussian", seed: int = 0) -> None:
        self.num_tuning = num_tuning
        self.kernel = kernel
        self.seed = seed

    def fit(self, x: np.ndarray, y: np.ndarray) -> "TunedProcess":
        """Tune, then interpolate."""
        self.scaler_ = StandardScaler().fit(x)
        z = self.scaler_.transform(x)
        part = np.random.default_rng(self.seed).permutation(len(z))[: self.num_tuning]
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", ConvergenceWarning
            )  # an input of no use: length at its end
            start = self._kernel(z.shape[1])
            tuned = GaussianProcessRegressor(start, normalize_y=True, random_state=self.seed)
            found = tuned.fit(z[part], y[part]).kernel_
        self.process_ = GaussianProcessRegressor(found, optimizer=None, normalize_y=True).fit(z, y)
        return self

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Mean of the process."""
        return self.process_.predict(self.scaler_.transform(x))

    def _kernel(self, num_inputs: int) -> Any:
        lengths = np.full(num_inputs, 3.0)
        shape = (
            RBF(lengths, _LENGTHS)
            if self.kernel == "gaussian"
            else Matern(lengths, _LENGTHS, nu=2.5)
        )
        return ConstantKernel(10.0, (1e-3, 1e6)) * shape + WhiteKernel(1e-5, _NOISE)


@dataclass(frozen=True)
class HistogramBoosting(AbstractRegressor):
    """Boosted trees whose thresholds are taken from histograms of the inputs.

    Args:
        rate: share of each correction that is taken
        num_trees: how many
        num_leaves: most leaves of a tree
        smallest_leaf: fewest samples in a leaf
        penalty: of the squares of the leaves' values

    Source: Ke et al. (2017).
    """

    rate: float = 0.1
    num_trees: int = 1000
    num_leaves: int = 15
    smallest_leaf: int = 6
    penalty: float = 0.0

    def estimator(self, seed: int) -> Any:
        return HistGradientBoostingRegressor(
            learning_rate=self.rate,
            max_iter=self.num_trees,
            max_leaf_nodes=self.num_leaves,
            min_samples_leaf=self.smallest_leaf,
            l2_regularization=self.penalty,
            early_stopping=False,
            random_state=seed,
        )

    def freeze(self, fitted: HistGradientBoostingRegressor) -> Trees:
        nodes = [stage[0].nodes for stage in fitted._predictors]
        depth = max(int(one["depth"].max()) for one in nodes)
        start = basis_point * float(np.ravel(fitted._baseline_prediction)[0])
        tables = [_histogram_table(one) for one in nodes]
        return Trees.of(tables, start, basis_point, depth, rounded=False)


def _histogram_table(nodes: np.ndarray) -> Table:
    leaf, own = nodes["is_leaf"].astype(bool), np.arange(len(nodes))
    return (
        np.where(leaf, 0, nodes["feature_idx"]),
        np.where(leaf, 0.0, nodes["num_threshold"]),
        np.where(leaf, own, nodes["left"].astype(np.int64)),
        np.where(leaf, own, nodes["right"].astype(np.int64)),
        nodes["value"].astype(np.float64),
    )
