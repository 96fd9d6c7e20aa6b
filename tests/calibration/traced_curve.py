"""One factor that moves coterminal swap rates as the forward curve does, traced by JAX: a second method for the tests."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from neuralrates.calibration.coterminal import Coterminals
from neuralrates.core.types import Exercises, Scalar
from neuralrates.market.forward_curve import LONGEST_TENOR, ForwardCurveParameters

_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(4)
_SMALLEST_LEVEL = 1e-6
_SMALLEST_WIDTH = 1e-9
_LEAST, _MOST = 0.05, 1.0 - 1e-9
_TURNS, _MOST_LOST = 4, 0.3

Flows = Float[Array, "flows"]
Square = Float[Array, "exercises exercises"]


class CurveMoves(NamedTuple):
    """How the curve moves a trade's swap rates, and one factor that moves them alike.

    Args:
        loadings: $H(T_k) - H(T_n)$ of that factor at the flow times, in units of its deviation
        squares: of the scale a of the curve's volatility up to each exercise since the one before; not positive where the
            quotes ask for less than no volatility
        correlations: of the swap rate of each exercise, when it is due, with the next one when that is due
        correlation_to_last: of the same with the last one
        least_level: smallest shifted forward over the swaps
    """

    loadings: Flows
    squares: Exercises
    correlations: Exercises
    correlation_to_last: Exercises
    least_level: Scalar


def curve_moves(
    parameters: ForwardCurveParameters,
    coterminals: Coterminals,
    discount_factors: Flows,
    flow_times: Flows,
    start_times: Exercises,
    quotes: Exercises,
    alive: Exercises,
) -> CurveMoves:
    """Scale of the volatility that meets the quotes, the correlations that follow, and one factor that has both.

    Forwards are as today in the volatility. A state of one factor has deviations whose ratio from one exercise to the next is
    the correlation of the two rates; loadings, straight between the swaps' starts, give each rate its quoted deviation.

    Args:
        parameters: of the forward curve's dynamics
        coterminals: European swaptions of the exercises
        discount_factors: of the flow times
        flow_times: years, increasing
        start_times: of the swaps, years
        quotes: normal volatilities at the strike
        alive: one where an exercise is real, zero where it is padding, after the others

    Source: Andersen and Piterbarg (2010), section 16.1, for the variance of swap rates; section 19.2, for correlations of
    coterminal rates as what a Bermudan depends on beside them.
    """
    levels = _levels(parameters, discount_factors, flow_times)
    rates = coterminals.forwards
    curve = _Curve(parameters, coterminals, discount_factors, flow_times, levels, alive)
    moves = curve.moves(levels)
    own, ahead, last = curve.growths(moves, levels)
    deviations = quotes * jnp.sqrt(coterminals.expiries)
    shift = parameters.shift
    away = 1.0 - (coterminals.strike + shift) / jnp.maximum(rates + shift, _SMALLEST_LEVEL)
    skew = jnp.exp(0.5 * (curve.elasticities(rates + shift) - 1.0) * away)
    variances = skew * _variances(rates + shift, coterminals.strike + shift, deviations)
    variances = jnp.where(rates + shift < parameters.cap**2, variances, deviations**2)
    variances = jnp.where(alive > 0.0, variances, 1.0)
    padded = jnp.diag(1.0 - alive)
    grown = jnp.tril(own.T) * alive[:, None] * alive[None, :] + padded
    squares = jax.scipy.linalg.solve_triangular(grown, variances, lower=True)
    spread = jnp.sqrt(variances)
    count = jnp.sum(alive).astype(jnp.int64) - 1
    next_spread = jnp.concatenate([spread[1:], spread[-1:]])
    real = alive * jnp.concatenate([alive[1:], jnp.zeros(1)])
    seen = jnp.tril(jnp.ones_like(own)).T
    correlations = jnp.sum(seen * squares[:, None] * ahead, axis=0) / (spread * next_spread)
    correlations = jnp.where(real > 0.0, jnp.clip(correlations, _LEAST, _MOST), 1.0)
    to_last = jnp.sum(seen * squares[:, None] * last, axis=0) / (spread * spread[count])
    logs = jnp.log(correlations)
    state = jnp.exp(jnp.cumsum(logs[::-1])[::-1])
    loadings = _loadings(moves, deviations / state, flow_times, start_times, alive)
    return CurveMoves(
        loadings,
        jnp.where(alive > 0.0, squares, 1.0),
        correlations,
        jnp.where(alive > 0.0, to_last, 1.0),
        jnp.min(jnp.where(curve.seen(moves), levels, jnp.inf)),
    )


def _variances(rates: Exercises, strike: Scalar, deviations: Exercises) -> Exercises:
    """Variances of rates at volatility as now, from normal deviations at a strike: square-root law, to second order.

    Source: Hagan et al. (2002), equation A.64 with exponent one half.
    """
    rate, other = jnp.maximum(rates, _SMALLEST_LEVEL), jnp.maximum(strike, _SMALLEST_LEVEL)
    root, far = jnp.sqrt(rate), jnp.sqrt(other)
    leading = (deviations * 2.0 * root / (root + far)) ** 2
    middle, variances = root * far, leading
    for _ in range(_TURNS):
        lost = jnp.minimum(variances / (32.0 * rate * middle), _MOST_LOST)
        variances = leading / (1.0 - lost) ** 2
    return variances


def _levels(
    parameters: ForwardCurveParameters, discount_factors: Flows, flow_times: Flows
) -> Float[Array, "_"]:
    """Shifted forward rates up to each flow from the one before; of those without length a large one."""
    widths = jnp.diff(flow_times)
    wide = widths > _SMALLEST_WIDTH
    logs = jnp.log(discount_factors)
    forwards = jnp.where(wide, -jnp.diff(logs) / jnp.where(wide, widths, 1.0), 1.0)
    return forwards + parameters.shift


class _Curve(NamedTuple):
    """A trade's swaps as functions of the forwards."""

    parameters: ForwardCurveParameters
    coterminals: Coterminals
    discount_factors: Flows
    flow_times: Flows
    levels: Float[Array, "_"]
    alive: Exercises

    def moves(self, levels: Float[Array, "_"]) -> Float[Array, "exercises flows"]:
        """Derivatives of the swap rates to the logs of the bonds."""
        known = self.coterminals
        floating = known.strike * known.annuity_values - known.present_values
        changes = (levels - self.levels) * jnp.diff(self.flow_times)
        growth = jnp.exp(-jnp.concatenate([jnp.zeros(1), jnp.cumsum(changes)]))[None, :]
        fixed, floating = growth * known.annuity_values, growth * floating
        annuities = jnp.sum(fixed, axis=1, keepdims=True)
        return (floating - jnp.sum(floating, axis=1, keepdims=True) / annuities * fixed) / annuities

    def seen(self, moves: Float[Array, "exercises flows"]) -> Bool[Array, "_"]:
        """Forwards between the first and the last flow of any swap."""
        paid = jnp.sum(jnp.where(moves != 0.0, self.alive[:, None], 0.0), axis=0)
        before, after = jnp.cumsum(paid)[:-1], jnp.cumsum(paid[::-1])[::-1][1:]
        return (before > 0.0) & (after > 0.0)

    def roots(self, levels: Float[Array, "_"]) -> Float[Array, "_"]:
        """What multiplies the volatility of the forwards."""
        return jnp.minimum(jnp.sqrt(jnp.maximum(levels, _SMALLEST_LEVEL)), self.parameters.cap)

    def by_tenor(self, time: Scalar) -> Float[Array, "factors _"]:
        """Volatility of the forwards at a time, per unit of their roots."""
        middles = 0.5 * (self.flow_times[1:] + self.flow_times[:-1])
        angle = 2.0 * jnp.maximum(middles - time, 0.0) / LONGEST_TENOR - 1.0
        coefficients = jnp.asarray(self.parameters.factors)
        chebyshev = [jnp.ones_like(angle), angle]
        for _ in range(coefficients.shape[1] - 2):
            chebyshev.append(2.0 * angle * chebyshev[-1] - chebyshev[-2])
        return coefficients @ jnp.stack(chebyshev[: coefficients.shape[1]])

    def volatilities(
        self, time: Scalar, moves: Float[Array, "exercises flows"], roots: Float[Array, "_"]
    ) -> Float[Array, "exercises factors"]:
        """Of the swap rates at a time."""
        moved = self.by_tenor(time) * (roots * jnp.diff(self.flow_times))[None, :]
        return -moves[:, 1:] @ jnp.cumsum(moved, axis=1).T

    def growths(
        self, moves: Float[Array, "exercises flows"], levels: Float[Array, "_"]
    ) -> tuple[Square, Square, Square]:
        """Covariances at scale one that grow up to each exercise (rows): of a rate with itself, the next and the last."""
        roots, expiries = self.roots(levels), self.coterminals.expiries
        last = jnp.sum(self.alive).astype(jnp.int64) - 1

        def over(start: Scalar, end: Scalar) -> tuple[Exercises, Exercises, Exercises]:
            half = 0.5 * (end - start)
            times = start + half * (1.0 + jnp.asarray(_POINTS))
            by_time = jax.vmap(lambda t: self.volatilities(t, moves, roots))(times)
            following = jnp.concatenate([by_time[:, 1:], by_time[:, -1:]], axis=1)
            final = jnp.broadcast_to(by_time[:, last][:, None, :], by_time.shape)
            weighted = half * jnp.asarray(_WEIGHTS)[:, None, None] * by_time
            own, ahead, to_last = (
                jnp.sum(weighted * other, axis=(0, 2)) for other in (by_time, following, final)
            )
            return own, ahead, to_last

        starts = jnp.concatenate([jnp.zeros(1), expiries[:-1]])
        found: tuple[Square, Square, Square] = jax.vmap(over)(starts, expiries)
        return found

    def elasticities(self, rates: Exercises) -> Exercises:
        """Of each rate's variance to the rate, the forwards moving as they do with it, at scale one; one if in proportion.

        Each rate's volatility halfway to its exercise stands for that of the whole time.
        """
        moves, roots = self.moves(self.levels), self.roots(self.levels)
        middles = 0.5 * self.coterminals.expiries

        def one(number: Array, time: Scalar) -> Scalar:
            def variance(levels: Float[Array, "_"]) -> Scalar:
                moving = self.volatilities(time, self.moves(levels), self.roots(levels))
                return jnp.sum(moving[number] ** 2)

            with_it = self.volatilities(time, moves, roots)[number]
            direction = roots * (with_it @ self.by_tenor(time))
            level, change = jax.jvp(variance, (self.levels,), (direction,))
            return rates[number] * change / level**2

        return jax.vmap(one)(jnp.arange(rates.shape[0]), middles)


def _loadings(
    moves: Float[Array, "exercises flows"],
    slopes: Exercises,
    flow_times: Flows,
    start_times: Exercises,
    alive: Exercises,
) -> Flows:
    """Loadings, straight between the starts, by which each rate moves so much by a unit of the state."""
    following = jnp.concatenate([start_times[1:], flow_times[-1:]])
    real = jnp.concatenate([alive[1:], jnp.zeros(1)])
    ends = jnp.where(real > 0.0, following, jnp.max(flow_times))
    begins = jnp.where(jnp.arange(alive.shape[0]) == 0, -jnp.inf, start_times)
    lengths = jnp.maximum(ends[None, :] - jnp.maximum(flow_times[:, None], begins[None, :]), 0.0)
    lengths = lengths * alive[None, :]
    matrix = jnp.triu(moves @ lengths) * alive[:, None] + jnp.diag(1.0 - alive)
    steepness = jax.scipy.linalg.solve_triangular(matrix, jnp.where(alive > 0.0, slopes, 0.0))
    return -lengths @ steepness
