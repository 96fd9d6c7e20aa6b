"""The forwards from exercise to the last payment, on Gauss nodes: all that an option on them needs of the curve."""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.core.checks import check_above, is_concrete
from neuralrates.core.types import Nodes, Scalar, Times
from neuralrates.models.forward_curve import ForwardCurve, TenorVolatility, capped_root
from neuralrates.products.swaption import Swaption

_SAME_TIME = 1e-9
_TIMES, _TIME_WEIGHTS = (0.5 * a for a in np.polynomial.legendre.leggauss(4))

Flows = Float[Array, "flows"]


def num_nodes(num_payments: int) -> int:
    """Gauss nodes of a period: a single payment is at most a year or so away."""
    return 8 if num_payments == 1 else 16


@functools.cache
def _points(count: int) -> np.ndarray:
    return np.polynomial.legendre.leggauss(count)[0]


@functools.cache
def _interpolation(count: int) -> np.ndarray:
    """Values at the nodes to coefficients of Legendre's polynomials."""
    points, weights = np.polynomial.legendre.leggauss(count)
    values = np.polynomial.legendre.legvander(points, count - 1) * weights[:, None]
    return np.asarray(values.T * ((2.0 * np.arange(count) + 1.0) / 2.0)[:, None])


def integrals_to(points: Times, count: int) -> Float[Array, "times nodes"]:
    """Weights that integrate from -1 to each point what is known at Gauss nodes on [-1, 1].

    Source: Olver et al. (2010), 18.9.1 and 18.17.1, for Legendre's polynomials and their integrals.
    """
    values = [jnp.ones_like(points), points]
    for k in range(1, count):
        values.append(((2.0 * k + 1.0) * points * values[k] - float(k) * values[k - 1]) / (k + 1.0))
    powers = [(values[k + 1] - values[k - 1]) / (2.0 * k + 1.0) for k in range(1, count)]
    return jnp.stack([points + 1.0, *powers], axis=1) @ jnp.asarray(_interpolation(count))


class ForwardPeriod(NamedTuple):
    """Forwards over a period that begins at exercise, and the bonds that mature in it.

    Args:
        start: exercise, years
        maturities: of the nodes, years
        forwards: of today at the nodes, per year
        volatility: by tenor
        cap: of the square root of a forward
        integrals: weights on the nodes that integrate from the start to each bond's maturity, years
        before: weights on the nodes that integrate from the start to each node, years
    """

    start: Scalar
    maturities: Nodes
    forwards: Nodes
    volatility: TenorVolatility
    cap: float
    integrals: Float[Array, "flows nodes"]
    before: Float[Array, "nodes nodes"]

    @classmethod
    def of(cls, model: ForwardCurve, times: Times) -> "ForwardPeriod":
        """Period from exercise, the first time, to the last payment, with a bond for each time after the first."""
        start, ends = times[0], times[1:]
        half, count = 0.5 * (ends[-1] - start), num_nodes(ends.shape[0])
        points = jnp.asarray(_points(count))
        maturities = start + half * (points + 1.0)
        return cls(
            start,
            maturities,
            model.forward_rates(maturities),
            model.volatility,
            model.cap,
            half * integrals_to((ends - start) / half - 1.0, count),
            half * integrals_to(points, count),
        )

    @property
    def log_ratios(self) -> Flows:
        """Minus the log of each bond's forward price."""
        return self.integrals @ self.forwards

    def scale(self, forwards: Float[Array, "..."]) -> Float[Array, "..."]:
        """What multiplies the volatility."""
        return capped_root(forwards, self.cap)

    def loadings(self, time: Scalar) -> Float[Array, "factors nodes"]:
        """Volatility of each node's forward at a time, per unit of scale."""
        return self.volatility(self.maturities - time)

    def bond_loadings(self, time: Scalar) -> Float[Array, "factors flows"]:
        """Volatility of each log ratio at a time over the log ratio itself, at today's forwards."""
        scaled = self.loadings(time) * self.scale(self.forwards)[None, :]
        return scaled @ self.integrals.T / self.log_ratios[None, :]

    def variances(self) -> Flows:
        """Variance of each log ratio at the start, forwards as today in the volatility; exact in time."""
        loadings = jax.vmap(self.bond_loadings)(self.start * (jnp.asarray(_TIMES) + 0.5))
        squares = jnp.sum(loadings**2, axis=1) * self.log_ratios[None, :] ** 2
        return self.start * (jnp.asarray(_TIME_WEIGHTS) @ squares)

    def drift(
        self, forwards: Float[Array, "paths nodes"], loadings: Float[Array, "factors nodes"]
    ) -> Float[Array, "paths nodes"]:
        """Drift of the forwards in the measure of the bond that matures at the start, $\\sum_j s_j \\int_s^u s_j$."""
        scale = self.scale(forwards)
        total = jnp.zeros_like(forwards)
        for loading in loadings:
            scaled = scale * loading[None, :]
            total = total + scaled * (scaled @ self.before.T)
        return total


def check_european(model: ForwardCurve, product: Swaption) -> None:
    """Raise for anything but a European swaption that starts at exercise, ends within the horizon and pays a rate.

    Raises:
        ValueError: where there are several exercise times, the swap starts later than exercise or ends past the horizon of
            the model, or the strike is negative
    """
    times, flows = product.exercise_times, product.flow_times
    if times.shape[0] != 1:
        raise ValueError(
            f"Argument `product` must have one exercise time, but has {times.shape[0]}."
        )
    check_above("product.strike", product.strike, 0.0)
    if not is_concrete(times, flows):
        return
    (exercise,), (first, *_, last) = np.asarray(times).tolist(), np.asarray(flows).tolist()
    if abs(exercise - first) > _SAME_TIME:
        raise ValueError(
            f"Argument `product` must start at exercise, {exercise} years, but starts at {first}."
        )
    if last > model.horizon + _SAME_TIME:
        raise ValueError(
            f"Argument `product` must end within the horizon of the model, {model.horizon} years, but ends at {last}."
        )
