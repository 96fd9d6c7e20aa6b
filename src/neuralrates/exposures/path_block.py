"""States of one currency at some of its times, and what of them is the same for all trades."""

import functools
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from neuralrates.exposures import compiled
from neuralrates.exposures.currency_model import CurrencyModel
from neuralrates.exposures.interpolation import StateGrids
from neuralrates.exposures.scenarios import CurrencyPaths
from neuralrates.market.curves.curve_reader import CurveReader

Rows = Float[np.ndarray, "rows"]
Values = Float[np.ndarray, "rows paths"]
ALL = slice(None)
_NUMBERS = 40_000


def in_rows(count: int, paths: int) -> list[slice]:
    """Rows in groups whose states stay in a processor's cache."""
    each = max(1, _NUMBERS // paths)
    return [slice(start, min(start + each, count)) for start in range(0, count, each)]


@dataclass(frozen=True, eq=False)
class PathBlock:
    """States of one currency on all paths, a row for each of some simulated times in increasing order.

    Args:
        paths: of the currency
        places: of the times among those of the paths
    """

    paths: CurrencyPaths
    places: Int[np.ndarray, "rows"]

    @property
    def model(self) -> CurrencyModel:
        """Of the currency."""
        return self.paths.model

    @functools.cached_property
    def times(self) -> Rows:
        """Years."""
        return self.paths.times[self.places]

    @functools.cached_property
    def states(self) -> Values:
        """On the paths."""
        return self.paths.states[self.places]

    @functools.cached_property
    def variances(self) -> Rows:
        """Of the states."""
        return self.paths.variances[self.places]

    @functools.cached_property
    def moments(self) -> tuple[Rows, Rows, Rows]:
        """See `CurrencyModel.moments`."""
        return self.model.moments(self.times)

    @functools.cached_property
    def factors(self) -> Rows:
        """Discount factors today."""
        return self.model.discount_factors(self.times)

    @functools.cached_property
    def unit(self) -> Values:
        """One unit of the currency paid at each time, in units of the numeraire."""
        loadings = self.model.loadings(self.times)
        shifts = np.log(self.factors) - 0.5 * loadings**2 * self.variances
        return exponentials(loadings, shifts, self.states)

    @functools.cached_property
    def account(self) -> Values:
        """Bank account of the currency."""
        return np.asarray(np.exp(self.paths.bank[self.places]))

    def part(self, rows: slice) -> "PathBlock":
        """Some of the rows."""
        return PathBlock(self.paths, self.places[rows])

    def grids(self, cells: int | np.ndarray, rows: slice = ALL) -> StateGrids:
        """Grids that cover the states of some rows."""
        return StateGrids.over(*self.extents(rows), cells)

    def extents(self, rows: slice = ALL) -> tuple[Rows, Rows]:
        """Lowest and highest state of some rows."""
        lows, highs = self.paths.extents
        places = self.places[rows]
        return lows[places], highs[places]

    def bond(self, loading: float, factor: float, rows: slice = ALL) -> Values:
        """A bond in units of the numeraire, from its loading and today's discount factor."""
        variances = self.variances[rows]
        shifts = np.log(factor) - 0.5 * loading**2 * variances
        return exponentials(np.full(variances.size, loading), shifts, self.states[rows])

    def ratios(self, projection: CurveReader) -> Rows:
        """Discount factors of a projection curve over those of the discount curve."""
        if projection.curve is self.model.curve.curve:
            return np.ones(self.times.size)
        return projection.discount_factors(self.times) / self.factors


def exponentials(loadings: Rows, shifts: Rows, states: Values) -> Values:
    """$e^{s - H x}$, row by row."""
    if compiled.KERNEL is not None:
        found = np.empty(states.shape)
        compiled.KERNEL.bonds(states.shape, loadings, shifts, states, found)
        return found
    found = -loadings[:, None] * states
    found += shifts[:, None]
    return np.asarray(np.exp(found, out=found))
