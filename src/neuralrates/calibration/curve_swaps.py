"""Coterminal swap rates as functions of the forward curve: how its factors move them, and derivatives of all of it by hand.

A factor's volatility is a polynomial of the time to maturity. By $T_n(x - s) = \\sum_m S_{nm}(s) T_m(x)$ a rate's volatility at
any time follows from a few numbers, its sums over the forwards with each Chebyshev polynomial, and covariances are quadratic
forms of these.
"""

import functools
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from neuralrates.market.forward_curve import LONGEST_TENOR, ForwardCurveParameters

_SMALLEST_LEVEL = 1e-6
_SMALLEST_WIDTH = 1e-9

Exercises = Float[np.ndarray, "trades exercises"]
FlowTimes = Float[np.ndarray, "trades flows"]
FlowsOf = Float[np.ndarray, "trades exercises flows"]
Forwards = Float[np.ndarray, "trades forwards"]
Sums = Float[np.ndarray, "trades exercises degrees"]
Square = Float[np.ndarray, "trades exercises exercises"]


class CoterminalRates(NamedTuple):
    """Coterminal swap rates of stacked trades and what is quoted for them; padding follows each trade's exercises.

    Args:
        strike: decimals
        expiries: years
        forwards: swap rates, decimals
        annuities: values of a unit of strike, years
        annuity_values: the same by flow
        present_values: of each flow of the receiver swap
        discount_factors: of the flow times
        flow_times: years, increasing
        start_times: of the swaps, years
        quotes: normal volatilities at the strike
        alive: which exercises are real
    """

    strike: Float[np.ndarray, "trades"]
    expiries: Exercises
    forwards: Exercises
    annuities: Exercises
    annuity_values: FlowsOf
    present_values: FlowsOf
    discount_factors: FlowTimes
    flow_times: FlowTimes
    start_times: Exercises
    quotes: Exercises
    alive: Bool[np.ndarray, "trades exercises"]


class RateWeights(NamedTuple):
    """Derivatives to the rates of `CoterminalRates`, by field, and to the time that has passed through the factors alone."""

    expiries: Exercises
    forwards: Exercises
    deviations: Exercises
    annuities: Exercises
    annuity_values: FlowsOf
    present_values: FlowsOf
    discount_factors: FlowTimes
    elapsed: Float[np.ndarray, "trades"]

    @classmethod
    def nothing(cls, rates: CoterminalRates) -> "RateWeights":
        """Zeros."""
        one, by_flow = rates.forwards, rates.present_values
        shapes = (one, one, one, one, by_flow, by_flow, rates.discount_factors, rates.strike)
        return cls(*(np.zeros(part.shape) for part in shapes))

    def plus(self, other: "RateWeights") -> "RateWeights":
        """Sums."""
        return RateWeights(*(one + two for one, two in zip(self, other, strict=True)))


class Growths(NamedTuple):
    """Covariances at scale one that grow up to each exercise (rows): of a rate with itself, the next and the last."""

    own: Square
    ahead: Square
    last: Square


class CurveSwaps:
    """How the forwards move the rates of some trades.

    Args:
        parameters: of the forward curve's dynamics
        rates: the trades'

    Attributes:
        moves: derivatives of the swap rates to minus the logs of the bonds
        growths: of the rates' covariances
        elasticity: derivative of each rate's variance, halfway to its exercise, to the rate, over the variance

    Source: Andersen and Piterbarg (2010), section 16.1, for the variance of swap rates.
    """

    def __init__(self, parameters: ForwardCurveParameters, rates: CoterminalRates) -> None:
        self._rates, self._annuities = rates, np.where(rates.alive, rates.annuities, 1.0)
        self._coefficients = np.asarray(parameters.factors)
        self._widths = np.diff(rates.flow_times, axis=1)
        self._is_wide = self._widths > _SMALLEST_WIDTH
        safe = np.where(self._is_wide, self._widths, 1.0)
        logs = -np.diff(np.log(rates.discount_factors), axis=1)
        self._levels = np.where(self._is_wide, logs / safe, 1.0) + parameters.shift
        above = np.maximum(self._levels, _SMALLEST_LEVEL)
        self._roots = np.minimum(np.sqrt(above), parameters.cap)
        self._is_root = (self._levels > _SMALLEST_LEVEL) & (above < parameters.cap**2)
        self._shares = rates.annuity_values / self._annuities[..., None]
        self._total = np.sum(rates.present_values, axis=2) / self._annuities
        worth = rates.present_values / self._annuities[..., None]
        self.moves: FlowsOf = self._total[..., None] * self._shares - worth
        self._following = _sums_after(self.moves)
        middles = 0.5 * (rates.flow_times[:, 1:] + rates.flow_times[:, :-1])
        self._chebyshev = _chebyshev(
            2.0 * middles / LONGEST_TENOR - 1.0, self._coefficients.shape[1]
        )
        moved = self._following * (self._roots * self._widths)[:, None, :]
        self._sums: Sums = moved @ self._chebyshev
        self._fill_growths()
        self._fill_elasticity()

    @property
    def least_level(self) -> Float[np.ndarray, "trades"]:
        """Smallest shifted forward between the first and the last flow of any swap."""
        paid = np.any((self.moves != 0.0) & self._rates.alive[..., None], axis=1)
        before = np.logical_or.accumulate(paid, axis=1)[:, :-1]
        after = np.logical_or.accumulate(paid[:, ::-1], axis=1)[:, ::-1][:, 1:]
        found: np.ndarray = np.min(np.where(before & after, self._levels, np.inf), axis=1)
        return found

    def _fill_growths(self) -> None:
        expiries = self._rates.expiries
        starts = np.append(np.zeros_like(expiries[:, :1]), expiries[:, :-1], axis=1)
        points, weights = _legendre(self._coefficients.shape[1])
        half = 0.5 * (expiries - starts)[..., None]
        times = starts[..., None] + half * (1.0 + points)
        factors = self._coefficients @ _shifted(2.0 * times / LONGEST_TENOR, points.size)[0]
        weighted = (half * weights)[..., None, None] * factors
        self._forms = np.sum(np.swapaxes(weighted, -1, -2) @ factors, axis=2)
        sums = self._sums
        self._count = np.count_nonzero(self._rates.alive, axis=1) - 1
        last = sums[np.arange(sums.shape[0]), self._count][:, None]
        ahead = np.append(sums[:, 1:], sums[:, -1:], axis=1)
        self._neighbours = sums, ahead, np.broadcast_to(last, sums.shape)
        moved = self._forms @ np.swapaxes(self._sums, 1, 2)[:, None]
        self.growths = Growths(
            *(np.einsum("tipk,tkp->tik", moved, other) for other in self._neighbours)
        )

    def _fill_elasticity(self) -> None:
        """The forwards move as they do with the rate: each by its root times its covariance with the rate."""
        number = self._coefficients.shape[1]
        turned, slopes = _shifted(self._rates.expiries / LONGEST_TENOR, number)
        factors, changed = self._coefficients @ turned, self._coefficients @ slopes
        self._halfway = np.swapaxes(factors, -1, -2) @ factors
        mixed = np.swapaxes(changed, -1, -2) @ factors
        self._halfway_slopes = mixed + np.swapaxes(mixed, -1, -2)
        self._covariances = -(self._halfway @ self._sums[..., None])[..., 0] @ np.swapaxes(
            self._chebyshev, 1, 2
        )
        steps = (self._roots * self._widths)[:, None, :]
        curved = (np.where(self._is_root, 0.5, 0.0) * self._widths)[:, None, :]
        self._moved = _sums_before(self._covariances * steps)
        self._bent = _sums_before(curved * self._covariances**2)
        moves, moved = self.moves, self._moved
        variance = np.where(self._rates.alive, -np.sum(moves * moved, axis=2), 1.0)
        squared, centre = np.sum(moves * moved**2, axis=2), np.sum(self._shares * moved, axis=2)
        bent = np.sum(moves * self._bent, axis=2)
        self._variance, self._centre = variance, centre
        change = 2.0 * (squared - bent) + 4.0 * centre * variance
        self.elasticity: Exercises = np.where(self._rates.alive, change / variance**2, 0.0)

    def pulled_back(self, moves: FlowsOf, growths: Growths, elasticity: Exercises) -> RateWeights:
        """Derivatives of weighted sums of moves, growths and elasticities to the rates."""
        sums, elapsed = self._through_growths(growths)
        more, shares, own_roots, own_elapsed, own_sums = self._through_elasticity(elasticity)
        moves, sums = moves + more, sums + own_sums
        moved = sums @ np.swapaxes(self._chebyshev, 1, 2)
        roots = own_roots + np.sum(moved * self._following, axis=1) * self._widths
        moves = moves + _sums_before(moved * (self._roots * self._widths)[:, None, :])
        total = np.sum(moves * self._shares, axis=2)
        shares = shares + self._total[..., None] * moves
        rates, annuities = self._rates, self._annuities[..., None]
        present_values, annuity_values = (
            (total[..., None] - moves) / annuities,
            shares / annuities,
        )
        lost = present_values * rates.present_values + annuity_values * rates.annuity_values
        levels = np.where(self._is_root & self._is_wide, 0.5 * roots / self._roots, 0.0)
        levels = levels / np.where(self._is_wide, self._widths, 1.0)
        logs = np.pad(levels, ((0, 0), (0, 1))) - np.pad(levels, ((0, 0), (1, 0)))
        return RateWeights.nothing(rates)._replace(
            annuities=-np.sum(lost, axis=2) / self._annuities,
            annuity_values=annuity_values,
            present_values=present_values,
            discount_factors=logs / rates.discount_factors,
            elapsed=elapsed + own_elapsed,
        )

    def _through_growths(self, growths: Growths) -> tuple[Sums, Float[np.ndarray, "trades"]]:
        """To the sums, and to the time passed: the first interval loses its beginning."""
        sums, (_, ahead, last) = self._sums, self._neighbours
        today = self._coefficients.T @ self._coefficients
        forms = self._forms.reshape(*self._forms.shape[:2], -1)
        found, elapsed = np.zeros_like(sums), np.zeros(sums.shape[0])
        by_partner = []
        for weights, partner in zip(growths, (sums, ahead, last), strict=True):
            weighted = np.swapaxes(weights, 1, 2) @ forms
            weighted = weighted.reshape(*sums.shape, sums.shape[2])
            found = found + (weighted @ partner[..., None])[..., 0]
            by_partner.append((weighted @ sums[..., None])[..., 0])
            grown = np.sum((sums @ today) * partner, axis=2)
            elapsed = elapsed - np.sum(weights[:, 0] * grown, axis=1)
        own, next_one, final = by_partner
        found = found + own
        found[:, 1:] += next_one[:, :-1]
        found[:, -1] += next_one[:, -1]
        found[np.arange(found.shape[0]), self._count] += np.sum(final, axis=1)
        return found, elapsed

    def _through_elasticity(
        self, weights: Exercises
    ) -> tuple[FlowsOf, FlowsOf, Forwards, Float[np.ndarray, "trades"], Sums]:
        """To moves, shares of the annuity, roots, the time passed and the sums."""
        moves, moved, shares = self.moves, self._moved, self._shares
        weights = np.where(self._rates.alive, weights, 0.0)
        by_square = (2.0 * weights / self._variance**2)[..., None]
        by_centre = (4.0 * weights / self._variance)[..., None]
        fall = 2.0 * weights * self.elasticity / self._variance
        by_moves = (fall - by_centre[..., 0] * self._centre / self._variance)[..., None]
        to_moves = by_square * (moved**2 - self._bent) + by_moves * moved
        to_moved = 2.0 * by_square * moves * moved + by_centre * shares + by_moves * moves
        steps, bends = _sums_after(to_moved), _sums_after(-by_square * moves)
        curved = (np.where(self._is_root, 0.5, 0.0) * self._widths)[:, None, :]
        widths = self._widths[:, None, :]
        covariances = steps * self._roots[:, None, :] * widths
        covariances = covariances + 2.0 * bends * curved * self._covariances
        turned = (covariances @ self._chebyshev)[..., None]
        later = np.sum((self._halfway_slopes @ self._sums[..., None]) * turned, axis=(2, 3))
        return (
            to_moves,
            by_centre * moved,
            np.sum(steps * self._covariances, axis=1) * self._widths,
            -np.sum(later, axis=1) / LONGEST_TENOR,
            -(self._halfway @ turned)[..., 0],
        )


_legendre = functools.cache(np.polynomial.legendre.leggauss)


def _sums_after(values: FlowsOf) -> Float[np.ndarray, "trades exercises forwards"]:
    """Sums over the flows after each forward."""
    found: np.ndarray = np.cumsum(values[..., ::-1], axis=2)[..., ::-1][..., 1:]
    return found


def _sums_before(values: Float[np.ndarray, "trades exercises forwards"]) -> FlowsOf:
    """Sums over the forwards before each flow."""
    return np.pad(np.cumsum(values, axis=2), ((0, 0), (0, 0), (1, 0)))


def _chebyshev(angle: Forwards, number: int) -> Float[np.ndarray, "trades forwards degrees"]:
    """Chebyshev polynomials of the first kind."""
    found = [np.ones_like(angle), angle]
    for _ in range(number - 2):
        found.append(2.0 * angle * found[-1] - found[-2])
    return np.stack(found[:number], axis=2)


def _shifted(
    shift: Float[np.ndarray, "..."], number: int
) -> tuple[
    Float[np.ndarray, "... degrees degrees"],
    Float[np.ndarray, "... degrees degrees"],
]:
    """Chebyshev polynomials at x - s in those at x, and derivatives to s, by their recurrence."""
    times_x = np.zeros((number, number))
    for m in range(number):
        for n in (m + 1, abs(m - 1)):
            if n < number:
                times_x[m, n] += 0.5
    shift = shift[..., None]
    rows, slopes = np.zeros((2, number, *shift.shape[:-1], number))
    rows[0, ..., 0] = 1.0
    for n in range(1, number):
        scale, before = (1.0, 0.0) if n == 1 else (2.0, 1.0)
        rows[n] = scale * (rows[n - 1] @ times_x - shift * rows[n - 1]) - before * rows[n - 2]
        moved = slopes[n - 1] @ times_x - shift * slopes[n - 1] - rows[n - 1]
        slopes[n] = scale * moved - before * slopes[n - 2]
    return np.moveaxis(rows, 0, -2), np.moveaxis(slopes, 0, -2)
