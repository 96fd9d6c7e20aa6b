"""A zero curve read at many times at once, with derivatives to its rates and to time."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from neuralrates.core.types import HostArray
from neuralrates.market.curves.zero_curve import ZeroCurve

Times = Float[np.ndarray, "trades times"]
Knots = Float[np.ndarray, "knots"]
ByKnot = Float[np.ndarray, "trades knots"]


class Exponents(NamedTuple):
    """Minus logarithms of discount factors.

    Args:
        value: at each time
        forward_rate: their derivative to time, per year
        cell: interval between knots that each time lies in
        share: how far into it; beyond one after the last knot
    """

    value: Times
    forward_rate: Times
    cell: Int[np.ndarray, "trades times"]
    share: Times


class CurveReader:
    """A `ZeroCurve` at given rates; the same function of time, evaluated on the host.

    Between knots the exponent is a straight line, or the natural cubic spline written as that line and a departure from it
    by the second derivatives at both ends. All of it is linear in the rates.

    Args:
        curve: times of the nodes, and how it interpolates
        zero_rates: at the nodes, decimals per year; the curve's own when None
    """

    def __init__(self, curve: ZeroCurve, zero_rates: HostArray | None = None) -> None:
        zero_rates = curve.zero_rates if zero_rates is None else zero_rates
        self.curve, self._times = curve, np.asarray(curve.times)
        self._knots = np.concatenate([[0.0], self._times])
        self._widths = np.diff(self._knots)
        self._exponents = np.concatenate([[0.0], np.asarray(zero_rates) * self._times])
        self._slopes = np.diff(self._exponents) / self._widths
        self._bends: np.ndarray | None = None
        if curve.interpolation == "natural_spline":
            self._bends = _spline(self._widths)
            self._second = self._bends @ self._exponents

    def __call__(self, times: Times) -> Exponents:
        """Exponents at some times, years; before today and beyond the last node the curve goes on as its interval does."""
        last = self._widths.size - 1
        cell = np.searchsorted(self._knots[1:-1], times)
        into = times - self._knots[cell]
        value = self._exponents[cell] + self._slopes[cell] * into
        rate, share = self._slopes[cell], into / self._widths[cell]
        if self._bends is not None:
            width, left, right = self._widths[cell], self._second[cell], self._second[cell + 1]
            low, high, low_slope, high_slope = _departures(width, share, cell == last)
            value = value + low * left + high * right
            rate = rate + low_slope * left + high_slope * right
        return Exponents(value, rate, cell, share)

    def discount_factors(self, times: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
        """Discount factors at times in years."""
        flat = np.asarray(times, dtype=np.float64)
        found: np.ndarray = np.exp(-self(flat.reshape(1, -1)).value).reshape(flat.shape)
        return found

    def slopes(self, times: Float[np.ndarray, "times"]) -> Float[np.ndarray, "times nodes"]:
        """Derivatives of the exponent at each time to the zero rates."""
        return self.pulled_back(self(times[:, None]), np.ones((times.size, 1)))

    def pulled_back(self, read: Exponents, weights: Times) -> Float[np.ndarray, "trades nodes"]:
        """Derivatives to the zero rates of a weighted sum of the exponents of each trade."""
        count, knots = weights.shape[0], self._knots.size
        first = read.cell + knots * np.arange(count)[:, None]

        def gathered(low: Times, high: Times) -> ByKnot:
            places = np.concatenate([first.ravel(), first.ravel() + 1])
            amounts = np.concatenate([low.ravel(), high.ravel()])
            return np.bincount(places, amounts, count * knots).reshape(count, knots)

        moved = weights * read.share
        found = gathered(weights - moved, moved)
        if self._bends is not None:
            last = self._widths.size - 1
            width = self._widths[read.cell]
            low, high, _, _ = _departures(width, read.share, read.cell == last)
            found = found + gathered(weights * low, weights * high) @ self._bends
        return found[:, 1:] * self._times


def _departures(width: Times, share: Times, is_last: np.ndarray) -> tuple[Times, ...]:
    """Weights of both second derivatives in the spline's departure from the straight line, and their slopes in time.

    Inside an interval of width h, at fraction a from its end and b from its start, they are $h^2 (a^3 - a) / 6$ and
    $h^2 (b^3 - b) / 6$; beyond the last knot the departure continues as a straight line.
    """
    beyond = is_last & (share > 1.0)
    b = np.where(beyond, 1.0, share)
    a = 1.0 - b
    square = width * width / 6.0
    further = np.where(beyond, (share - 1.0) * square, 0.0)
    low, high = square * (a**3 - a), square * (b**3 - b)
    low_slope = -width / 6.0 * (3.0 * a * a - 1.0)
    high_slope = width / 6.0 * (3.0 * b * b - 1.0)
    return low + further, high + 2.0 * further, low_slope, high_slope


def _spline(widths: Float[np.ndarray, "intervals"]) -> Float[np.ndarray, "knots knots"]:
    """Values at the knots to second derivatives there of the natural cubic spline."""
    knots = widths.size + 1
    system, right = np.eye(knots), np.zeros((knots, knots))
    for place in range(1, knots - 1):
        before, after = widths[place - 1], widths[place]
        system[place, place - 1 : place + 2] = before, 2.0 * (before + after), after
        right[place, place - 1 : place + 2] = (
            6.0 / before,
            -6.0 / before - 6.0 / after,
            6.0 / after,
        )
    found: np.ndarray = np.linalg.solve(system, right)
    return found
