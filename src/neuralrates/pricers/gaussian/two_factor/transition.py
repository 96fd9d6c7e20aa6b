"""From values at the nodes of one exercise to their average in states of the one before.

Given a state, u at the next exercise is normal, and v given u is normal with a mean that is linear in both. An expansion in
Hermite polynomials of v is averaged in closed form; what is left is one exponential for each pair of states u.
"""

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from neuralrates.pricers.gaussian.two_factor.lines import (
    Lines,
    averaged_polynomials,
    powers,
    series,
    series_slope,
)
from neuralrates.pricers.gaussian.two_factor.nodes import (
    Across,
    Expansion,
    Nodes,
    Own,
    Shared,
    SharedValues,
)
from neuralrates.pricers.gaussian.two_factor.plane import Trades

Pair = Float[np.ndarray, "trades 2"]

_SMALLEST_SHARE = 1e-14


class Transition(NamedTuple):
    """Law of the next exercise's coordinates given those of this one.

    The mean of u is $c_1 u + c_2 v$ and its deviation s; with u' known, v' has mean $a_1 u + a_2 v + \\gamma u'$.

    Args:
        lines: of the next exercise
        mean: c, by coordinate
        slope: a, by coordinate
        regression: $\\gamma$
        deviation: s
        centre: of the columns
        columns: next states u, less the centre, over s
        polynomials: $H_k(\\gamma u')$ at the columns, for a variance of v' with u' known
    """

    lines: Lines
    mean: Pair
    slope: Pair
    regression: Trades
    deviation: Trades
    centre: Trades
    columns: Float[np.ndarray, "trades columns"]
    polynomials: Expansion

    @classmethod
    def of(cls, later: Nodes, trades: int, step: Float[np.ndarray, "trades 2 2"]) -> "Transition":
        """From coordinates of the first so many trades that, given those here, have means `step` times them."""
        mean, across = step[:, 0], step[:, 1]
        square = step @ np.swapaxes(step, 1, 2)
        variance = np.maximum(1.0 - square[:, 0, 0], _SMALLEST_SHARE)
        regression = -square[:, 0, 1] / variance
        slope = across - regression[:, None] * mean
        known = square[:, 1, 1] + regression * regression * variance
        deviation, columns = np.sqrt(variance), later.columns[:trades]
        centre = 0.5 * (columns[:, 0] + columns[:, max(later.count - 1, 0)])
        polynomials = averaged_polynomials(
            regression[:, None] * columns, known[:, None], later.lines.degrees
        )
        columns = (columns - centre[:, None]) / deviation[:, None]
        return cls(later.lines, mean, slope, regression, deviation, centre, columns, polynomials)

    def coefficients(self, expanded: Expansion) -> Expansion:
        """Coefficients of powers of the mean of v', by column, from those of Hermite polynomials of v' at the nodes."""
        found = np.empty_like(expanded)
        shares, count = self.lines.shares, expanded.shape[1]
        norm = 1.0 / (self.deviation * math.sqrt(2.0 * math.pi))
        scaled = expanded * norm[:, None, None]
        for r in range(count):
            part = self.polynomials[:, : count - r] * shares[r:, r, None]
            part *= scaled[:, r:]
            part.sum(axis=1, out=found[:, r])
        return found

    def transposed(self, masses: Expansion) -> Expansion:
        """What `coefficients` is the transpose of."""
        found = np.zeros_like(masses)
        shares, count = self.lines.shares, masses.shape[1]
        norm = 1.0 / (self.deviation * math.sqrt(2.0 * math.pi))
        scaled = masses * norm[:, None, None]
        for r in range(count):
            part = self.polynomials[:, : count - r] * shares[r:, r, None]
            found[:, r:] += scaled[:, r, None] * part
        return found

    def from_own(self, states: Own, across: Across) -> "OwnRows":
        """Averages in states of their own."""
        places = self._scaled(self.mean[:, :1] * states + self.mean[:, 1:] * across)
        distances = self.columns[:, :, None] - places[:, None, :]
        densities = distances * distances
        densities *= -0.5
        np.exp(densities, out=densities)
        means = self.slope[:, :1] * states + self.slope[:, 1:] * across
        return OwnRows(self, distances, densities, means)

    def from_shared(self, states: Shared, lines: Lines) -> "SharedRows":
        """Averages in states that every line has."""
        places = self._scaled(self.mean[:, :1] * states)
        densities = self.columns[:, :, None] - places[:, None, :]
        densities *= densities
        densities *= -0.5
        np.exp(densities, out=densities)
        shift = ((self.mean[:, 1] / self.deviation)[:, None] * lines.nodes)[:, :, None]
        across = np.exp(shift * self.columns[:, None, :])
        along = np.exp(-shift * (places[:, None, :] + 0.5 * shift))
        means = (self.slope[:, :1] * states)[:, None, :] + self.slope[
            :, 1, None, None
        ] * lines.nodes[:, None]
        return SharedRows(self, places[:, None, :] + shift, densities, across, along, means)

    def _scaled(self, states: Float[np.ndarray, "trades some"]) -> Float[np.ndarray, "trades some"]:
        return (states - self.centre[:, None]) / self.deviation[:, None]


class Curvature(NamedTuple):
    """Second derivatives of an average, to the mean of u', to it and the mean of v', to the latter; weighted and summed."""

    along: Trades
    mixed: Trades
    across: Trades


class OwnRows(NamedTuple):
    """Averages in states of one line each.

    Args:
        law: from which they come
        distances: of columns from means, in deviations
        densities: there
        means: of v' where u' is nothing
    """

    law: Transition
    distances: Float[np.ndarray, "trades columns own"]
    densities: Float[np.ndarray, "trades columns own"]
    means: Own

    def moved(self, shift: Trades, slope: Trades) -> "OwnRows":
        """The same where the means of u' and v' have moved, the former by so many deviations."""
        distances = self.distances - shift[:, None, None]
        return OwnRows(
            self.law, distances, np.exp(-0.5 * distances**2), self.means + slope[:, None]
        )

    def average(self, coefficients: Expansion) -> Own:
        """Averages of a function with these coefficients."""
        return series(coefficients @ self.densities, self.means)

    def average_and_slope(self, coefficients: Expansion) -> tuple[Own, Own]:
        """Averages and their derivatives to u."""
        law, count = self.law, coefficients.shape[1]
        value = coefficients @ self.densities
        moved = coefficients @ (self.densities * self.distances)
        raised = powers(self.means, count)
        moved *= raised
        slope = moved.sum(axis=1) * (law.mean[:, :1] / law.deviation[:, None])
        if count > 1:
            degrees = np.arange(1.0, count)[:, None]
            by_means = (value[:, 1:] * raised[:, :-1] * degrees).sum(axis=1)
            slope += by_means * law.slope[:, :1]
        raised *= value
        return raised.sum(axis=1), slope

    def masses(self, weights: Own) -> Expansion:
        """Derivatives of weighted averages to the coefficients."""
        raised = powers(self.means, self.law.lines.degrees)
        raised *= weights[:, None, :]
        return raised @ np.swapaxes(self.densities, 1, 2)

    def curvature(self, weights: Own, coefficients: Expansion) -> Curvature:
        """Weighted second derivatives."""
        first = self.densities * self.distances
        second = first * self.distances - self.densities
        values = [coefficients @ rows for rows in (self.densities, first, second)]
        return _curvature(values, self.means, weights, self.law.deviation)


class SharedRows(NamedTuple):
    """Averages in states that every line has: what depends on both a row's line and a column is a product.

    Args:
        law: from which they come
        places: means of u', as `Transition.columns`, by line
        densities: of the columns as seen from the line v = 0
        across: factors by line and column
        along: factors by line and row
        means: of v' where u' is nothing
    """

    law: Transition
    places: SharedValues
    densities: Float[np.ndarray, "trades columns shared"]
    across: Float[np.ndarray, "trades lines columns"]
    along: SharedValues
    means: SharedValues

    def moved(self, shift: Trades, slope: Trades) -> "SharedRows":
        """The same where the means of u' and v' have moved, the former by so many deviations."""
        push = shift[:, None, None]
        across = self.across * np.exp(push * self.law.columns[:, None, :])
        along = self.along * np.exp(-push * (self.places + 0.5 * push))
        places, means = self.places + push, self.means + slope[:, None, None]
        return SharedRows(self.law, places, self.densities, across, along, means)

    def average(self, coefficients: Expansion) -> SharedValues:
        """Averages of a function with these coefficients."""
        found: SharedValues = series(self._by_line(coefficients), self.means)
        found *= self.along
        return found

    def masses(self, weights: SharedValues) -> Expansion:
        """Derivatives of weighted averages to the coefficients."""
        count = self.law.lines.degrees
        raised = powers(self.means, count)
        raised *= (weights * self.along)[:, None]
        trades, _, lines, rows = raised.shape
        flat = raised.reshape(trades, count * lines, rows) @ np.swapaxes(self.densities, 1, 2)
        by_line = flat.reshape(trades, count, lines, -1)
        by_line *= self.across[:, None]
        found: Expansion = by_line.sum(axis=2)
        return found

    def curvature(self, weights: SharedValues, coefficients: Expansion) -> Curvature:
        """Weighted second derivatives."""
        columns, places = self.law.columns[:, None, :], self.places[:, None]
        plain, once, twice = (
            self._by_line(part)
            for part in (coefficients, coefficients * columns, coefficients * columns**2)
        )
        first = once - places * plain
        second = twice - 2.0 * places * once + (places**2 - 1.0) * plain
        return _curvature(
            [plain, first, second], self.means, weights * self.along, self.law.deviation
        )

    def _by_line(self, coefficients: Expansion) -> Float[np.ndarray, "trades degrees lines shared"]:
        trades, count, columns = coefficients.shape
        lines = self.across.shape[1]
        spread = coefficients[:, :, None, :] * self.across[:, None]
        found = spread.reshape(trades, count * lines, columns) @ self.densities
        return found.reshape(trades, count, lines, -1)


def _curvature(
    values: list[np.ndarray], means: np.ndarray, weights: np.ndarray, deviation: Trades
) -> Curvature:
    """Second derivatives from moments of the distance, by power of the mean of v'."""
    plain, first, second = values
    degrees = np.arange(plain.shape[1], dtype=np.float64).reshape(-1, *[1] * (plain.ndim - 2))
    axes = tuple(range(1, means.ndim))
    along = series(second, means)
    mixed = series_slope(first, means)
    across = series_slope((plain * degrees)[:, 1:], means) if plain.shape[1] > 2 else 0.0 * means
    sums = (np.sum(part * weights, axis=axes) for part in (along, mixed, across))
    first_sum, mixed_sum, across_sum = sums
    return Curvature(first_sum / deviation**2, mixed_sum / deviation, across_sum)
