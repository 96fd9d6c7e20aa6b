"""Amounts measured in units of one of them: what is left to learn does not know the currency's size."""

from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from sklearn.base import BaseEstimator, RegressorMixin

from neuralrates.core.types import Inputs, Outputs
from neuralrates.surrogates.challengers import GaussianProcess, TunedProcess
from neuralrates.surrogates.kernel_sum import Kernel
from neuralrates.surrogates.regressor import AbstractRegressor
from neuralrates.surrogates.surrogate import AbstractSurrogate, everywhere

Rows = Float[Array, "*batch inputs"]


class InUnits(AbstractSurrogate):
    """$x_k f(z)$: amounts of z are those of x over $x_k$, and $\\log x_k$ stands in its place.

    Args:
        inner: the function f
        amounts: numbers of the inputs that are amounts, k left out
        unit: number k of the amount, positive, that is the unit

    Example:
        >>> import jax.numpy as jnp
        >>> import neuralrates as nr
        >>> from neuralrates.surrogates.units import InUnits
        >>> unit = nr.surrogates.Scaling([0.0, 0.0], [1.0, 1.0])
        >>> first = nr.surrogates.Polynomial(unit, jnp.array([[1, 0]]), jnp.ones(1), jnp.array(0.0), 1)
        >>> print(InUnits(first, (0,), 1)(jnp.array([3.0, 2.0])))
        [3.]
    """

    inner: AbstractSurrogate
    amounts: tuple[int, ...] = eqx.field(static=True)
    unit: int = eqx.field(static=True)

    def __call__(self, x: Inputs) -> Outputs:
        return x[self.unit] * self.inner(in_units(x, self.amounts, self.unit))

    def trainable(self) -> Any:
        frozen = everywhere(False, self)
        return eqx.tree_at(lambda s: s.inner, frozen, self.inner.trainable())

    def record(self) -> dict[str, Any]:
        """What a manifest says of the architecture; the arrays are kept apart."""
        inner: Any = self.inner
        own = {"architecture": "in_units", "amounts": list(self.amounts), "unit": self.unit}
        return {**own, "inner": inner.record()}


def in_units(x: Rows, amounts: tuple[int, ...], unit: int) -> Rows:
    """Inputs, or rows of them, with amounts over one of them and its logarithm in its place."""
    places = np.arange(x.shape[-1])
    divided, replaced = np.isin(places, amounts), places == unit
    size = jnp.broadcast_to(x[..., unit][..., None], x.shape)
    return jnp.where(replaced, jnp.log(size), jnp.where(divided, x / size, x))


@dataclass(frozen=True)
class RelativeProcess(AbstractRegressor):
    """Gaussian process of a price over one of the amounts, in the other amounts over it.

    Args:
        amounts: numbers of the inputs that are amounts, the unit left out
        unit: number of the amount, positive, that is the unit
        num_tuning: as for `GaussianProcess`
        kernel: as for `GaussianProcess`

    Source: prices are homogeneous of degree one in amounts: Merton (1973), theorem 9.
    """

    amounts: tuple[int, ...]
    unit: int
    num_tuning: int = 400
    kernel: Kernel = "gaussian"

    def estimator(self, seed: int) -> "RelativeEstimator":
        return RelativeEstimator(self, seed)

    def freeze(self, fitted: "RelativeEstimator") -> InUnits:
        inner = GaussianProcess(self.num_tuning, self.kernel).freeze(fitted.inner_)
        return InUnits(inner, self.amounts, self.unit)


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
        return np.asarray(in_units(jnp.asarray(x), self.settings.amounts, self.settings.unit))
