"""Figures of a netting set: exposure profiles, CVA, DVA, FVA, with standard errors."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from neuralrates.exposures.scenarios import REPLICATES

Values = Float[np.ndarray, "dates paths"]
Dates = Float[np.ndarray, "dates"]
_TAIL = 1.5
"""So many times the paths that a quantile leaves above it are put in order."""


class Profile(NamedTuple):
    """Exposure at each date, base currency; standard errors beside.

    Args:
        times: years
        value: mean discounted value
        value_error: standard error
        discounted: mean discounted exposure
        discounted_error: standard error
        discounted_negative: mean discounted negative exposure, above zero
        expected: mean exposure under the forward measure of the date: the discounted one over the discount factor
        future: quantile of the value under the forward measure of the date
    """

    times: Dates
    value: Dates
    value_error: Dates
    discounted: Dates
    discounted_error: Dates
    discounted_negative: Dates
    expected: Dates
    future: Dates

    @property
    def expected_positive_exposure(self) -> float:
        """EPE: average of the expected exposure over the first year, or the life where that is shorter."""
        return _average(self.times, self.expected)

    @property
    def effective_expected_positive_exposure(self) -> float:
        """EEPE: the same of its running maximum.

        Source: Basel Committee (2005), Annex 4, paragraph 2.
        """
        return _average(self.times, np.maximum.accumulate(self.expected))


def profile(
    deflated: Values, numeraire: Values, times: Dates, factors: Dates, quantile: float
) -> Profile:
    """Profile of values on paths.

    Args:
        deflated: in units of the numeraire
        numeraire: on the paths
        times: years
        factors: discount factors today
        quantile: of the potential future exposure, such as 0.95
    """
    positive = np.maximum(deflated, 0.0)
    discounted = positive.mean(axis=1)
    return Profile(
        times,
        deflated.mean(axis=1),
        standard_error(deflated),
        discounted,
        standard_error(positive),
        np.maximum(-deflated, 0.0).mean(axis=1),
        discounted / factors,
        _quantile(deflated * numeraire, 1.0 / numeraire, quantile),
    )


def _quantile(values: Values, weights: Values, quantile: float) -> Dates:
    """Weighted quantile at each date; by the weight of a numeraire's inverse it is that under the forward measure.

    The least value whose own weight and that of all below reach the share, as `np.quantile` with `inverted_cdf`; only the upper
    tail is put in order.
    """
    return np.array([_tail(*row, quantile) for row in zip(values, weights, strict=True)])


def _tail(values: np.ndarray, weights: np.ndarray, quantile: float) -> float:
    """Weighted quantile of one date."""
    start = max(int(values.size * (1.0 - _TAIL * (1.0 - quantile))), 0)
    order = np.argpartition(values, start)
    upper = order[start:]
    upper = upper[np.argsort(values[upper])]
    wanted, below = quantile * weights.sum(), weights[order[:start]].sum()
    if below >= wanted:  # weights are so uneven that the quantile lies further down
        upper, below = np.argsort(values), 0.0
    reached = np.searchsorted(below + np.cumsum(weights[upper]), wanted)
    return float(values[upper[min(reached, upper.size - 1)]])


def standard_error(values: Float[np.ndarray, "*some paths"]) -> np.ndarray:
    """Standard error of means over paths, from the means of independently scrambled sequences."""
    means = [values[..., number::REPLICATES].mean(axis=-1) for number in range(REPLICATES)]
    return np.asarray(np.std(means, axis=0, ddof=1) / np.sqrt(REPLICATES))


def default_weights(survival: Dates, recovery: float) -> Dates:
    """What expected discounted exposures are multiplied by: loss times the probability of default around each date.

    $\\mathrm{CVA} = (1 - R) \\sum_i (S_{i-1} - S_i) (E_{i-1} + E_i) / 2$.

    Source: Basel Committee (2011), Basel III, paragraph 98.
    """
    half = 0.5 * (1.0 - recovery) * -np.diff(survival)
    return np.append(half, 0.0) + np.append(0.0, half)


def funding_weights(times: Dates, spread: float) -> Dates:
    """The same for funding at a spread: half of the intervals on each side of a date."""
    half = 0.5 * spread * np.diff(times)
    return np.append(half, 0.0) + np.append(0.0, half)


def adjustment(weights: Dates, deflated: Values) -> tuple[float, float]:
    """Weighted sum of mean discounted positive values, and its standard error."""
    if not np.any(weights):
        return 0.0, 0.0
    by_path = weights @ np.maximum(deflated, 0.0)
    return float(by_path.mean()), float(standard_error(by_path))


def _average(times: Dates, values: Dates) -> float:
    end = min(1.0, float(times[-1]))
    if end == 0.0:
        return float(values[0])
    inside = times < end
    grid = np.append(times[inside], end)
    return float(np.trapezoid(np.interp(grid, times, values), grid) / end)
