"""What a grid varies beside the house's regressors: the metric and the weights of nearest neighbours."""

from dataclasses import dataclass
from typing import Any, Protocol

from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


class Estimated(Protocol):
    """Settings that make an unfitted estimator; cross-validation asks for no more."""

    def estimator(self, seed: int) -> Any:
        """Unfitted estimator with scikit-learn's `fit` and `predict`; values in units of 1e-4."""


@dataclass(frozen=True)
class NeighbourChoices:
    """Nearest neighbours by other metrics and weights, which the source tried and left.

    Args:
        num_neighbours: how many of them
        metric: of scikit-learn
        weights: `uniform`, or `distance` for the inverse of it

    Source: Aiolfi et al. (2024), appendix D.1.
    """

    num_neighbours: int = 4
    metric: str = "euclidean"
    weights: str = "uniform"

    def estimator(self, seed: int) -> Any:
        """Standardised inputs, then neighbours."""
        method = KNeighborsRegressor(self.num_neighbours, metric=self.metric, weights=self.weights)
        return make_pipeline(StandardScaler(), method)
