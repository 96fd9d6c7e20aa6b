"""The forwards from exercise to the last payment, on Gauss nodes: all that an option on them needs of the curve."""

import functools
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuralrates.core.checks import check_above, is_concrete
from neuralrates.core.functions import fusion_barrier
from neuralrates.core.types import Nodes, Scalar, Times
from neuralrates.models.forward_curve import ForwardCurve, TenorVolatility, capped_root
from neuralrates.products.callable import AbstractRateOption

_SAME_TIME = 1e-9

Flows = Float[Array, "flows"]


def num_nodes(num_payments: int) -> int:
    """Gauss nodes of a period: a single payment is at most a year or so away."""
    return 8 if num_payments == 1 else 16


@functools.cache
def _times(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Gauss times as shares of the time to the start, and their weights."""
    points, weights = np.polynomial.legendre.leggauss(count)
    return 0.5 * (points + 1.0), 0.5 * weights


@functools.cache
def _points(count: int) -> np.ndarray:
    return np.polynomial.legendre.leggauss(count)[0]


@functools.cache
def _integration(count: int) -> np.ndarray:
    """Values at the nodes to coefficients on `_products` of their integral from -1 to x, divided by x + 1."""
    points, weights = np.polynomial.legendre.leggauss(count)
    places = np.polynomial.chebyshev.chebpts1(count)
    at_points = np.polynomial.legendre.legvander(points, count - 1) * weights[:, None]
    at_places = np.polynomial.legendre.legvander(places, count)
    integrals = at_places[:, 1:] - np.column_stack([-np.ones(count), at_places[:, :-2]])
    chebyshev = np.polynomial.chebyshev.chebvander(places, count - 1)
    products = (chebyshev[:, ::4, None] * chebyshev[:, None, :4]).reshape(count, count)
    return np.linalg.solve(products, 0.5 * integrals @ at_points.T / (places + 1.0)[:, None])


def _chebyshev(x: Times, count: int) -> Float[Array, "times _"]:
    values = [jnp.ones_like(x), x]
    for _ in range(count - 2):
        values.append(2.0 * x * values[-1] - values[-2])
    return jnp.stack(values[:count], axis=1)


def _products(x: Times, count: int) -> Float[Array, "times nodes"]:
    """$T_{4a}(x) T_b(x)$ for b below four: polynomials of all degrees below the count, a multiple of four, on [-1, 1]."""
    fine = _chebyshev(x, 4)
    coarse = _chebyshev(8.0 * x**4 - 8.0 * x**2 + 1.0, count // 4)
    return jnp.reshape(coarse[:, :, None] * fine[:, None, :], (x.shape[0], count))


def integrals_to(points: Times, count: int) -> Float[Array, "times nodes"]:
    """Weights that integrate from -1 to each point what is known at Gauss nodes on [-1, 1], eight or sixteen.

    Source: Olver et al. (2010), 18.9.1 and 18.17.1, for Legendre's polynomials and their integrals.
    """
    return _reaches(points, count) @ jnp.asarray(_integration(count))


def _reaches(points: Times, count: int) -> Float[Array, "times nodes"]:
    """Integrals from -1 to each point of the polynomials to whose coefficients `_integration` leads."""
    return (points[:, None] + 1.0) * _products(points, count)


class ForwardPeriod(NamedTuple):
    """Forwards over a period that begins at exercise, and the bonds that mature in it.

    Args:
        start: exercise, years
        maturities: of the nodes, years
        forwards: of today at the nodes, per year
        volatility: by tenor
        cap: of the square root of a forward
        reaches: integrals from the start to each bond's maturity of some polynomials, years
        before: weights on the nodes that integrate from the start to each node, years
    """

    start: Scalar
    maturities: Nodes
    forwards: Nodes
    volatility: TenorVolatility
    cap: float
    reaches: Float[Array, "flows nodes"]
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
            fusion_barrier(model.forward_rates(maturities)),
            model.volatility,
            model.cap,
            half * _reaches((ends - start) / half - 1.0, count),
            half * integrals_to(points, count),
        )

    @property
    def integrals(self) -> Float[Array, "flows nodes"]:
        """Weights on the nodes that integrate from the start to each bond's maturity, years."""
        return self.reaches @ jnp.asarray(_integration(self.maturities.shape[0]))

    @property
    def log_ratios(self) -> Flows:
        """Minus the log of each bond's forward price."""
        return self.integrated(self.forwards)

    def integrated(self, forwards: Nodes) -> Flows:
        """Integrals of something known at the nodes from the start to each bond's maturity."""
        return self.reaches @ (jnp.asarray(_integration(self.maturities.shape[0])) @ forwards)

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

    def moves(self, weights: Float[Array, "flows nodes"]) -> Float[Array, "flows _"]:
        """Volatility of sums of forwards over their scales, by factor at each of some times until the start.

        Times are Gauss points, as many as the volatility has polynomials, and what is squared is multiplied by the root of
        the Gauss weight, so that the sum of squares is the variance at the start, exactly.
        """
        sums = weights @ self.volatility.powers(self.maturities).T
        spread = sums[:, :, None] * self._powers_of_start[None, None, :]
        return self._deviation * (spread.reshape(weights.shape[0], -1) @ self._by_power)

    def moving(self, moves: Float[Array, "_"]) -> Nodes:
        """Forwards over their scales, by what they move together with something that moves so."""
        count = self._powers_of_start.shape[0]
        sums = (self._by_power @ moves).reshape(count, count) @ self._powers_of_start
        return self._deviation * (sums @ self.volatility.powers(self.maturities))

    @property
    def _by_power(self) -> Float[Array, "_ _"]:
        """Moves, in columns, from powers of maturity and start, in rows."""
        shares, weights = _times(self.volatility.coefficients.shape[1])
        moves = self.volatility.by_maturity(jnp.asarray(shares))
        moves = moves * jnp.asarray(np.sqrt(weights))[:, None, None, None]
        return moves.reshape(moves.shape[0] * moves.shape[1], -1).T

    @property
    def _powers_of_start(self) -> Float[Array, "_"]:
        return jnp.stack([self.start**k for k in range(self.volatility.coefficients.shape[1])])

    @property
    def _deviation(self) -> Scalar:
        return self.volatility.scale * jnp.sqrt(self.start)

    def variances(self) -> Flows:
        """Variance of each log ratio at the start, forwards as today in the volatility; exact in time."""
        weights = self.integrals * self.scale(self.forwards)[None, :]
        return jnp.sum(self.moves(weights) ** 2, axis=1)

    def coupling(self, loadings: Float[Array, "factors nodes"]) -> Float[Array, "nodes nodes"]:
        """Weights by which the drift of each node's forward hangs on the scales of those before it."""
        return self.before * (loadings.T @ loadings)

    def drift(
        self, forwards: Float[Array, "paths nodes"], coupling: Float[Array, "nodes nodes"]
    ) -> Float[Array, "paths nodes"]:
        """Drift of the forwards in the measure of the bond that matures at the start, $\\sum_j s_j \\int_s^u s_j$."""
        scale = self.scale(forwards)
        return scale * (scale @ coupling.T)


def check_european(model: ForwardCurve, product: AbstractRateOption) -> None:
    """Raise for anything but a European right that starts at exercise, ends within the horizon and pays a rate.

    Raises:
        ValueError: where there are several exercise times, it starts later than exercise or ends past the horizon of the
            model, or the strike is negative
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
