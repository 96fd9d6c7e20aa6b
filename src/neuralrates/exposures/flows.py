"""Bonds that stand for what a trade still pays, seen from future dates."""

import functools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from neuralrates.exposures.adjoint.sensitivities import Adjoint
from neuralrates.exposures.currency_model import CurrencyModel
from neuralrates.exposures.interpolation import StateGrids
from neuralrates.exposures.path_block import PathBlock
from neuralrates.trades.periods import SAME_TIME

Terms = Float[np.ndarray, "terms"]
Rows = Float[np.ndarray, "rows"]
ByTerm = Float[np.ndarray, "figures terms"]
CELLS = 256
_ALWAYS = np.inf
_FINE = 16


class BondTerms(NamedTuple):
    """Bonds held, each until a time.

    Args:
        times: when they pay, years
        amounts: per unit notional
        starts: of the periods that they belong to
        until: from when they no longer count
    """

    times: Terms
    amounts: Terms
    starts: Terms
    until: Terms

    @classmethod
    def fixed(cls, times: Terms, amounts: Terms, starts: Terms | None = None) -> "BondTerms":
        """Amounts that are known; of no period, so held by whoever holds anything, where no starts are given."""
        starts = np.full(times.size, _ALWAYS) if starts is None else starts
        return cls(times, amounts, starts, times)

    def joined(self, other: "BondTerms") -> "BondTerms":
        """These and others."""
        return BondTerms(*(np.concatenate(pair) for pair in zip(self, other, strict=True)))

    def scaled(self, factor: float) -> "BondTerms":
        """So many of them."""
        return self._replace(amounts=factor * self.amounts)

    def held(self, times: Rows, entered: Rows | float) -> Float[np.ndarray, "rows terms"]:
        """Amounts that still count at each time, of periods from `entered` on."""
        return np.where(self.counted(times, entered), self.amounts, 0.0)

    def counted(self, times: Rows, entered: Rows | float) -> Bool[np.ndarray, "rows terms"]:
        """Which still count."""
        late = np.reshape(entered, (-1, 1)) - SAME_TIME
        kept: np.ndarray = (self.until > times[:, None] + SAME_TIME) & (self.starts >= late)
        return kept


@dataclass(frozen=True, eq=False)
class Bonds:
    """Bonds under the model of their currency.

    Args:
        terms: of the bonds
        model: of the currency
    """

    terms: BondTerms
    model: CurrencyModel

    @functools.cached_property
    def times(self) -> Terms:
        """When something is paid, years, each time once."""
        return np.unique(self.terms.times)

    @functools.cached_property
    def _order(self) -> tuple[np.ndarray, np.ndarray]:
        """Terms by the time of payment, and where each time begins."""
        order = np.argsort(self.terms.times, kind="stable")
        return order, np.searchsorted(self.terms.times[order], self.times)

    @functools.cached_property
    def loadings(self) -> Terms:
        """Of the times."""
        return self.model.loadings(self.times)

    @functools.cached_property
    def factors(self) -> Terms:
        """Discount factors of the times, today."""
        return self.model.discount_factors(self.times)

    def by_time(self, amounts: Float[np.ndarray, "rows terms"]) -> Float[np.ndarray, "rows times"]:
        """Amounts of the terms, those of one time added up."""
        order, first = self._order
        return np.add.reduceat(amounts[:, order], first, axis=1)

    def read(self, block: PathBlock, entered: float = -np.inf) -> np.ndarray | float:
        """Values on all paths in units of the numeraire, of periods from `entered` on."""
        if not self.terms.times.size or block.times[0] >= self.terms.until.max():
            return 0.0
        return self.valued(block, self.by_time(self.terms.held(block.times, entered)))

    def valued(
        self, block: PathBlock, amounts: Float[np.ndarray, "rows times"]
    ) -> np.ndarray | float:
        """Values on all paths of amounts at the times, a row for each row of the block."""
        used = np.flatnonzero(np.any(amounts != 0.0, axis=0))
        if not used.size:
            return 0.0
        loadings = self.loadings[used]
        weights = amounts[:, used] * self.factors[used]
        weights *= np.exp(-0.5 * loadings**2 * block.variances[:, None])
        grids = block.grids(CELLS)
        return grids.read(*bond_tables(loadings, weights, grids), block.states)

    def pull_back(self, adjoint: Adjoint, entered: float = -np.inf) -> ByTerm:
        """Adjoint of `read`; returns derivatives to the amounts of the terms."""
        block, terms = adjoint.block, self.terms
        if not terms.times.size or block.times[0] >= terms.until.max():
            return np.zeros((adjoint.into.figures, terms.times.size))
        counted = terms.counted(block.times, entered)
        units = self.pull_back_valued(adjoint, self.by_time(np.where(counted, terms.amounts, 0.0)))
        return self.by_term(units, counted)

    def by_term(
        self,
        units: Float[np.ndarray, "figures rows times"],
        counted: Bool[np.ndarray, "rows terms"],
    ) -> ByTerm:
        """Derivatives to the amounts of the terms, from those to the amounts at the times."""
        places = np.searchsorted(self.times, self.terms.times)
        return np.asarray(np.einsum("frk,rk->fk", units[:, :, places], counted.astype(float)))

    def pull_back_valued(
        self, adjoint: Adjoint, amounts: Float[np.ndarray, "rows times"]
    ) -> Float[np.ndarray, "figures rows times"]:
        """Adjoint of `valued`; returns derivatives to the amounts at the times."""
        block, into = adjoint.block, adjoint.into
        loadings, units = self.loadings, np.exp(-0.5 * self.loadings**2 * block.variances[:, None])
        units *= self.factors
        later = self.times > block.times[:, None] - SAME_TIME  # what is paid may have any loading
        units = np.where(later, units, 0.0)
        weights, grids = amounts * units, block.grids(CELLS)
        adjoint.add_slopes(
            grids.read(*bond_tables(loadings, -loadings * weights, grids), block.states)
        )
        spread = adjoint.spread(grids, slice(0, block.places.size))
        found = bond_sums(np.where(later, loadings, 0.0), spread, grids) * units
        worth = found * amounts
        into.add_discount(self.times, worth.sum(axis=1))
        into.add_variance(block.times, -0.5 * worth @ loadings**2)
        return found


def bond_tables(
    loadings: Terms, weights: Float[np.ndarray, "rows terms"], grids: StateGrids
) -> tuple[np.ndarray, np.ndarray]:
    """Sums of weights times $e^{-H x}$ at the states of grids of one size, row after row, and their slopes.

    The exponential of an even grid is a product of those of a coarse one and of the steps within its cells.
    """
    points = int(grids.cells[0]) + 1
    coarse = np.arange(0, points, _FINE)
    places = grids.lows[:, None] + grids.steps[:, None] * coarse
    alive = np.where(weights != 0.0, loadings, 0.0)  # what is paid already may have any loading
    outer = np.exp(-places[:, :, None] * alive[:, None, :])
    outer *= weights[:, None, :]
    inner = np.exp(-(grids.steps[:, None] * np.arange(_FINE))[:, None, :] * alive[:, :, None])
    both = np.concatenate([outer, outer * -loadings], axis=1) @ inner
    both = both.reshape(grids.lows.size, 2, -1)[:, :, :points]
    return both[:, 0].ravel(), both[:, 1].ravel()


def bond_sums(
    loadings: Float[np.ndarray, "rows terms"],
    weights: Float[np.ndarray, "figures points"],
    grids: StateGrids,
) -> Float[np.ndarray, "figures rows terms"]:
    """Sums of weights times $e^{-H x}$ over the states of grids of one size: the adjoint of `bond_tables`."""
    points, rows = int(grids.cells[0]) + 1, grids.lows.size
    coarse = np.arange(0, points, _FINE)
    places = grids.lows[:, None] + grids.steps[:, None] * coarse
    outer = np.exp(-places[:, :, None] * loadings[:, None, :])
    inner = np.exp(-(grids.steps[:, None] * np.arange(_FINE))[:, :, None] * loadings[:, None, :])
    padded = np.zeros((weights.shape[0], rows, coarse.size * _FINE))
    padded[:, :, :points] = weights.reshape(weights.shape[0], rows, points)
    within = padded.reshape(weights.shape[0], rows, coarse.size, _FINE) @ inner
    found: np.ndarray = np.sum(within * outer, axis=2)
    return found
