"""The regressions of Aiolfi et al. (2024), fitted by scikit-learn and kept as plain arrays.

Defaults are the hyper-parameters that the paper chose, in its appendix D. Inputs are standardised
except for trees, which do not care. The paper's networks are in `neuralrates.learning.perceptron`.
"""

from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np

from neuralrates.core.extras import extra
from neuralrates.core.units import basis_point
from neuralrates.surrogates.regressors.kernel_sum import KernelSum
from neuralrates.surrogates.regressors.neighbours import Neighbours
from neuralrates.surrogates.regressors.polynomial import Polynomial
from neuralrates.surrogates.regressors.regressor import AbstractRegressor
from neuralrates.surrogates.regressors.trees import Table, Trees
from neuralrates.surrogates.scaling import Scaling

with extra("regressors"):
    from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor
    from sklearn.linear_model import Lasso as LassoRegression
    from sklearn.linear_model import LinearRegression
    from sklearn.linear_model import Ridge as RidgeRegression
    from sklearn.neighbors import KNeighborsRegressor
    from sklearn.pipeline import Pipeline, make_pipeline
    from sklearn.preprocessing import PolynomialFeatures, StandardScaler
    from sklearn.svm import SVR
    from sklearn.tree import DecisionTreeRegressor

MaxFeatures = str | float | None


@dataclass(frozen=True)
class NearestNeighbours(AbstractRegressor):
    """Mean of the nearest samples' values.

    Args:
        num_neighbours: how many of them

    Source: Cover and Hart (1967).
    """

    num_neighbours: int = 4

    def estimator(self, seed: int) -> Any:
        return make_pipeline(StandardScaler(), KNeighborsRegressor(self.num_neighbours))

    def freeze(self, fitted: Pipeline) -> Neighbours:
        scaling, nearest = _scaling(fitted[0]), fitted[-1]
        values = jnp.asarray(basis_point * nearest._y)
        return Neighbours(scaling, jnp.asarray(nearest._fit_X), values, self.num_neighbours)


@dataclass(frozen=True)
class Linear(AbstractRegressor):
    """Ordinary least squares in the inputs."""

    def estimator(self, seed: int) -> Any:
        return _polynomial_pipeline(1, LinearRegression())

    def freeze(self, fitted: Pipeline) -> Polynomial:
        return _polynomial(fitted)


@dataclass(frozen=True)
class Ridge(AbstractRegressor):
    """Least squares in monomials, with a penalty on the squares of the coefficients.

    Args:
        penalty: alpha, of the sum of squared coefficients
        degree: highest total degree of a monomial

    Source: Hoerl and Kennard (1970).

    Example:
        >>> import jax.numpy as jnp
        >>> from neuralrates.surrogates.regressors.classical import Ridge
        >>> x = jnp.linspace(-1.0, 1.0, 50)[:, None]
        >>> surrogate = Ridge(penalty=1e-8, degree=3).fit(x, x[:, 0] ** 3)
        >>> print(f"{surrogate(jnp.array([0.5]))[0]:.6f}")
        0.125000
    """

    penalty: float = 0.01
    degree: int = 6

    def estimator(self, seed: int) -> Any:
        return _polynomial_pipeline(self.degree, RidgeRegression(self.penalty, solver="cholesky"))

    def freeze(self, fitted: Pipeline) -> Polynomial:
        return _polynomial(fitted)


@dataclass(frozen=True)
class Lasso(AbstractRegressor):
    """Least squares in monomials, with a penalty on the sizes of the coefficients.

    Args:
        penalty: alpha, of the sum of absolute coefficients, in units of 1e-4
        degree: highest total degree of a monomial
        num_sweeps: most passes over the coefficients

    Source: Tibshirani (1996).
    """

    penalty: float = 0.01
    degree: int = 3
    num_sweeps: int = 1000

    def estimator(self, seed: int) -> Any:
        method = LassoRegression(self.penalty, max_iter=self.num_sweeps, tol=1e-4)
        return _polynomial_pipeline(self.degree, method)

    def freeze(self, fitted: Pipeline) -> Polynomial:
        return _polynomial(fitted)


@dataclass(frozen=True)
class SupportVectors(AbstractRegressor):
    """Support vector regression with Gaussian kernels.

    Args:
        bound: C, largest weight of a sample
        inverse_width: gamma of the kernel $e^{-\\gamma r^2}$
        tube: misses that cost nothing, in units of 1e-4

    Source: Drucker, Burges, Kaufman, Smola and Vapnik (1996).
    """

    bound: float = 100.0
    inverse_width: float = 0.1
    tube: float = 0.1

    def estimator(self, seed: int) -> Any:
        method = SVR(C=self.bound, gamma=self.inverse_width, epsilon=self.tube, cache_size=500)
        return make_pipeline(StandardScaler(), method)

    def freeze(self, fitted: Pipeline) -> KernelSum:
        method, spread = fitted[-1], (2.0 * self.inverse_width) ** -0.5
        return KernelSum(
            _scaling(fitted[0], spread),
            jnp.asarray(method.support_vectors_ / spread),
            jnp.asarray(basis_point * method.dual_coef_[0]),
            jnp.asarray(basis_point * method.intercept_[0]),
            "gaussian",
        )


@dataclass(frozen=True)
class DecisionTree(AbstractRegressor):
    """One tree of binary decisions.

    Args:
        depth: most decisions in a row
        smallest_leaf: fewest samples in a leaf

    Source: Breiman, Friedman, Olshen and Stone (1984), chapter 8.
    """

    depth: int | None = 11
    smallest_leaf: int = 3

    def estimator(self, seed: int) -> Any:
        return DecisionTreeRegressor(
            max_depth=self.depth, min_samples_leaf=self.smallest_leaf, random_state=seed
        )

    def freeze(self, fitted: DecisionTreeRegressor) -> Trees:
        return Trees.of([_table(fitted)], 0.0, basis_point, fitted.tree_.max_depth, rounded=True)


@dataclass(frozen=True)
class RandomForest(AbstractRegressor):
    """Mean of trees, each grown on a resample with random choices of inputs.

    Args:
        num_trees: how many
        depth: most decisions in a row
        choices: inputs tried at a decision: `log2` or `sqrt` of their number, a share, or None for all

    Source: Breiman (2001).
    """

    num_trees: int = 500
    depth: int | None = 17
    choices: MaxFeatures = "log2"

    def estimator(self, seed: int) -> Any:
        return RandomForestRegressor(
            self.num_trees, max_depth=self.depth, max_features=self.choices, random_state=seed
        )

    def freeze(self, fitted: RandomForestRegressor) -> Trees:
        trees = list(fitted.estimators_)
        depth = max(tree.tree_.max_depth for tree in trees)
        scale = basis_point / len(trees)
        return Trees.of([_table(tree) for tree in trees], 0.0, scale, depth, rounded=True)


@dataclass(frozen=True)
class BoostedTrees(AbstractRegressor):
    """Sum of trees, each grown on what the ones before it missed.

    Args:
        rate: share of each correction that is taken
        num_trees: how many
        depth: most decisions in a row
        choices: inputs tried at a decision, as for `RandomForest`
        smallest_leaf: fewest samples in a leaf

    Source: Friedman (2002).
    """

    rate: float = 0.1
    num_trees: int = 1000
    depth: int = 5
    choices: MaxFeatures = "log2"
    smallest_leaf: int = 6

    def estimator(self, seed: int) -> Any:
        return GradientBoostingRegressor(
            learning_rate=self.rate,
            n_estimators=self.num_trees,
            max_depth=self.depth,
            max_features=self.choices,
            min_samples_leaf=self.smallest_leaf,
            random_state=seed,
        )

    def freeze(self, fitted: GradientBoostingRegressor) -> Trees:
        tables = [_table(tree) for tree in fitted.estimators_[:, 0]]
        start = basis_point * float(np.ravel(fitted.init_.constant_)[0])
        return Trees.of(tables, start, basis_point * self.rate, self.depth, rounded=True)


def _scaling(scaler: StandardScaler, spread: float = 1.0) -> Scaling:
    return Scaling(scaler.mean_, scaler.scale_ * spread)


def _polynomial_pipeline(degree: int, method: Any) -> Pipeline:
    monomials = PolynomialFeatures(degree, include_bias=False)
    return make_pipeline(StandardScaler(), monomials, method)


def _polynomial(fitted: Pipeline) -> Polynomial:
    scaler, monomials, method = (step for _, step in fitted.steps)
    return Polynomial(
        _scaling(scaler),
        jnp.asarray(monomials.powers_, dtype=jnp.int64),
        jnp.asarray(basis_point * method.coef_),
        jnp.asarray(basis_point * method.intercept_),
        monomials.degree,
    )


def _table(fitted: DecisionTreeRegressor) -> Table:
    """Nodes of one tree of scikit-learn; its leaves are made to point at themselves."""
    tree = fitted.tree_
    leaf, own = tree.children_left < 0, np.arange(tree.node_count)
    return (
        np.where(leaf, 0, tree.feature),
        np.where(leaf, 0.0, tree.threshold),
        np.where(leaf, own, tree.children_left),
        np.where(leaf, own, tree.children_right),
        tree.value[:, 0, 0],
    )
