"""One Gaussian factor that moves the coterminal swap rates of a trade as the whole forward curve does."""

import functools
from typing import NamedTuple

import numpy as np

from neuralrates.calibration import compiled_curve
from neuralrates.calibration.curve_swaps import (
    CoterminalRates,
    CurveSwaps,
    Exercises,
    FlowsOf,
    FlowTimes,
    Growths,
    RateWeights,
    Square,
)
from neuralrates.market.forward_curve import ForwardCurveParameters

_SMALLEST_LEVEL = 1e-6
_LEAST, _MOST = 0.05, 1.0 - 1e-9
_TURNS, _MOST_LOST = 4, 0.3


class CurveMoves(NamedTuple):
    """How the curve moves the swap rates of some trades, and one factor that moves them alike.

    Args:
        loadings: $H(T_k) - H(T_n)$ of that factor at the flow times, in units of its deviation
        squares: of the scale a of the curve's volatility up to each exercise since the one before; not positive where the
            quotes ask for less than no volatility
        correlations: of the swap rate of each exercise, when it is due, with the next one when that is due
        correlation_to_last: of the same with the last one
    """

    loadings: FlowTimes
    squares: Exercises
    correlations: Exercises
    correlation_to_last: Exercises


class CurveCoterminals:
    """Scale of the volatility that meets the quotes, the correlations that follow, and one factor that has both.

    Forwards are as today in the volatility. A state of one factor has deviations whose ratio from one exercise to the next is
    the correlation of the two rates; loadings, straight between the swaps' starts, give each rate its quoted deviation.

    Args:
        parameters: of the forward curve's dynamics
        rates: coterminal rates of stacked trades, and their quotes

    Attributes:
        moves: what was found
        least_level: smallest shifted forward over the swaps of each trade

    Source: Andersen and Piterbarg (2010), section 19.2, for correlations of coterminal rates as what a Bermudan depends on
    beside its Europeans.
    """

    def __init__(self, parameters: ForwardCurveParameters, rates: CoterminalRates) -> None:
        self._given = parameters, rates
        if compiled_curve.runs(rates.alive):
            moves, self.least_level = compiled_curve.moves(parameters, rates)
            self.moves = CurveMoves(*moves)
        else:
            self.moves, self.least_level = self._steps.moves, self._steps.least_level

    @functools.cached_property
    def _steps(self) -> "_Steps":
        """What the way back goes over."""
        return _Steps(*self._given)

    def pulled_back(self, weights: CurveMoves) -> RateWeights:
        """Derivatives of weighted sums of what was found to the rates."""
        return self._steps.pulled_back(weights)


class _Steps:
    """The same in NumPy, with all that derivatives need."""

    def __init__(self, parameters: ForwardCurveParameters, rates: CoterminalRates) -> None:
        self._rates, self._swaps = rates, CurveSwaps(parameters, rates)
        self.least_level = self._swaps.least_level
        alive = rates.alive
        deviations = rates.quotes * np.sqrt(rates.expiries)
        self._deviations = np.where(alive, deviations, 1.0)
        self._variances = _Variances(parameters, rates, self._deviations, self._swaps.elasticity)
        self._spreads = np.sqrt(self._variances.value)
        both = alive[:, :, None] & alive[:, None, :]
        own = np.where(both, np.swapaxes(self._swaps.growths.own, 1, 2), 0.0)
        self._seen = np.tril(np.ones(own.shape[1:])) * both
        self._grown = own * self._seen + np.eye(own.shape[1]) * ~alive[:, :, None]
        squares = _solved(self._grown, self._variances.value)
        self._fill_correlations(squares)
        self._slopes = self._deviations / self._states
        self._fill_loadings()
        self.moves: CurveMoves = CurveMoves(
            -(self._lengths @ self._steepness[..., None])[..., 0],
            np.where(alive, squares, 1.0),
            self._correlations,
            self._to_last,
        )

    def _fill_correlations(self, squares: Exercises) -> None:
        alive, growths, spreads = self._rates.alive, self._swaps.growths, self._spreads
        self._squares = squares
        self._last = np.count_nonzero(alive, axis=1) - 1
        following = np.append(spreads[:, 1:], spreads[:, -1:], axis=1)
        final = spreads[np.arange(spreads.shape[0]), self._last][:, None]
        self._next, self._final = spreads * following, spreads * final
        self._real = alive & np.append(alive[:, 1:], np.zeros_like(alive[:, :1]), axis=1)
        earlier = np.swapaxes(self._seen, 1, 2) * squares[..., None]
        raw = np.sum(earlier * growths.ahead, axis=1) / self._next
        self._is_free = self._real & (raw > _LEAST) & (raw < _MOST)
        self._correlations = np.where(self._real, np.clip(raw, _LEAST, _MOST), 1.0)
        to_last = np.sum(earlier * growths.last, axis=1) / self._final
        self._to_last = np.where(alive, to_last, 1.0)
        logs = np.log(self._correlations)
        self._states = np.exp(np.cumsum(logs[:, ::-1], axis=1)[:, ::-1])

    def _fill_loadings(self) -> None:
        """Steepness of the loadings between the starts, from that of the last back."""
        rates, alive = self._rates, self._rates.alive
        times, starts = rates.flow_times, rates.start_times
        end = np.max(times, axis=1, keepdims=True)
        ends = np.where(self._real, np.append(starts[:, 1:], end, axis=1), end)
        begins = starts.copy()
        begins[:, 0] = -np.inf
        lengths = ends[:, None, :] - np.maximum(times[..., None], begins[:, None, :])
        self._lengths = np.maximum(lengths, 0.0) * alive[:, None, :]
        later = np.triu(self._swaps.moves @ self._lengths) * alive[..., None]
        self._matrix = later + np.eye(alive.shape[1]) * ~alive[..., None]
        slopes = np.where(alive, self._slopes, 0.0)
        self._steepness = _solved(self._matrix, slopes)

    def pulled_back(self, weights: CurveMoves) -> RateWeights:
        """Derivatives of weighted sums of what was found to the rates."""
        alive = self._rates.alive
        slopes, moves = self._through_loadings(weights.loadings)
        states = -slopes * self._slopes / self._states
        logs = np.cumsum(states * self._states, axis=1)
        correlations = weights.correlations + logs / self._correlations
        correlations = np.where(self._is_free, correlations, 0.0)
        to_last = np.where(alive, weights.correlation_to_last, 0.0)
        squares, spreads, ahead, last = self._through_correlations(correlations, to_last)
        squares = np.where(alive, squares + weights.squares, squares)
        solved = _solved(np.swapaxes(self._grown, 1, 2), squares)
        own = -solved[:, None, :] * self._squares[:, :, None] * np.swapaxes(self._seen, 1, 2)
        variances = np.where(alive, solved + 0.5 * spreads / self._spreads, 0.0)
        forwards, deviations, elasticity = self._variances.pulled_back(variances)
        found = self._swaps.pulled_back(moves, Growths(own, ahead, last), elasticity)
        deviations = np.where(alive, deviations + slopes / self._states, 0.0)
        return found._replace(forwards=found.forwards + forwards, deviations=deviations)

    def _through_loadings(self, weights: FlowTimes) -> tuple[Exercises, FlowsOf]:
        steepness = -(np.swapaxes(self._lengths, 1, 2) @ weights[..., None])[..., 0]
        solved = _solved(np.swapaxes(self._matrix, 1, 2), steepness)
        solved = np.where(self._rates.alive, solved, 0.0)
        matrix = -np.triu(solved[:, :, None] * self._steepness[:, None, :])
        return solved, matrix @ np.swapaxes(self._lengths, 1, 2)

    def _through_correlations(
        self, correlations: Exercises, to_last: Exercises
    ) -> tuple[Exercises, Exercises, Square, Square]:
        """To squares, spreads and growths."""
        growths, seen = self._swaps.growths, np.swapaxes(self._seen, 1, 2)
        ahead, last = correlations / self._next, to_last / self._final
        squares = np.sum(
            seen * (growths.ahead * ahead[:, None, :] + growths.last * last[:, None, :]), axis=2
        )
        lost, gone = correlations * self._correlations, to_last * self._to_last
        spreads = -(lost + gone) / self._spreads
        spreads[:, 1:] -= lost[:, :-1] / self._spreads[:, 1:]
        who = np.arange(spreads.shape[0])
        spreads[who, self._last] -= np.sum(gone, axis=1) / self._spreads[who, self._last]
        earlier = seen * self._squares[..., None]
        return squares, spreads, earlier * ahead[:, None, :], earlier * last[:, None, :]


def _solved(matrices: Square, right: Exercises) -> Exercises:
    """Solutions of triangular systems; not a number where one has none."""
    flat = np.any(np.diagonal(matrices, axis1=1, axis2=2) == 0.0, axis=1)
    known = np.where(flat[:, None, None], np.nan, matrices)
    found: np.ndarray = np.linalg.solve(known, right[..., None])[..., 0]
    return found


class _Variances:
    """Variances of rates at volatility as now, from normal deviations at a strike: square-root law, to second order.

    Where forwards move otherwise than in proportion, the skew follows the elasticity of the variance.

    Source: Hagan et al. (2002), equation A.64 with exponent one half.
    """

    def __init__(
        self,
        parameters: ForwardCurveParameters,
        rates: CoterminalRates,
        deviations: Exercises,
        elasticity: Exercises,
    ) -> None:
        shifted = np.where(rates.alive, rates.forwards + parameters.shift, 1.0)
        strike = rates.strike[:, None] + parameters.shift
        self._shifted, self._deviations, self._elasticity = shifted, deviations, elasticity
        self._is_above, self._strike = shifted > _SMALLEST_LEVEL, strike
        self._rate, other = (np.maximum(part, _SMALLEST_LEVEL) for part in (shifted, strike))
        self._root, far = np.sqrt(self._rate), np.sqrt(other)
        self._both = self._root + far
        self._leading = (deviations * 2.0 * self._root / self._both) ** 2
        self._scale = 32.0 * self._rate * self._root * far
        self._turns, variances = [], self._leading
        for _ in range(_TURNS):
            self._turns.append(variances)
            variances = self._leading / (1.0 - self._lost(variances)) ** 2
        self._away = 1.0 - strike / self._rate
        self._skew = np.exp(0.5 * (shifted * elasticity - 1.0) * self._away)
        self._skewed = self._skew * variances
        self._is_low = rates.alive & (shifted < parameters.cap**2)
        self.value: Exercises = np.where(
            rates.alive, np.where(self._is_low, self._skewed, deviations**2), 1.0
        )

    def _lost(self, variances: Exercises) -> Exercises:
        return np.minimum(variances / self._scale, _MOST_LOST)

    def pulled_back(self, weights: Exercises) -> tuple[Exercises, Exercises, Exercises]:
        """Derivatives of a weighted sum to forwards, deviations and elasticities."""
        skewed, plain = np.where(self._is_low, weights, 0.0), np.where(self._is_low, 0.0, weights)
        powers = 0.5 * skewed * self._skewed
        elasticity = powers * self._away * self._shifted
        above = np.where(self._is_above, self._strike / self._rate**2, 0.0)
        forwards = powers * self._away * self._elasticity
        forwards = forwards + powers * (self._shifted * self._elasticity - 1.0) * above
        variances, leading, scale = skewed * self._skew, np.zeros_like(weights), 0.0
        for before in reversed(self._turns):
            kept = 1.0 - self._lost(before)
            leading = leading + variances / kept**2
            lost = 2.0 * variances * self._leading / kept**3
            lost = np.where(before / self._scale < _MOST_LOST, lost / self._scale, 0.0)
            scale, variances = scale - lost * before / self._scale, lost
        leading = leading + variances
        by_root = leading * self._leading * 2.0 * (1.0 / self._root - 1.0 / self._both)
        by_root = by_root * 0.5 / self._root + scale * 1.5 * self._scale / self._rate
        forwards = forwards + np.where(self._is_above, by_root, 0.0)
        deviations = 2.0 * (leading * self._leading / self._deviations + plain * self._deviations)
        return forwards, deviations, elasticity
