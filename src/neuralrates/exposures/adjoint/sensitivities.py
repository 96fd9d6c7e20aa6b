"""Derivatives of figures to what values on paths are made of, gathered while the adjoint runs over trades and dates."""

import functools
import threading
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from neuralrates.exposures.interpolation import StateGrids
from neuralrates.exposures.path_block import PathBlock
from neuralrates.exposures.scenarios import CurrencyPaths
from neuralrates.market.curves.curve_reader import CurveReader

Amounts = Float[np.ndarray, "figures some"]
Weights = Float[np.ndarray, "figures rows paths"]
_MOST_PARTS = 400


class AtTimes:
    """Sums of amounts by time; `columns` of them at each."""

    def __init__(self, figures: int, columns: int = 1) -> None:
        self._shape = figures, columns
        self._times: list[np.ndarray] = []
        self._amounts: list[np.ndarray] = []

    def add(self, times: np.ndarray, amounts: Float[np.ndarray, "figures columns times"]) -> None:
        """Add amounts at times, in any order."""
        self._times.append(times)
        self._amounts.append(amounts)
        if len(self._times) > _MOST_PARTS:
            times, amounts = self.sums()
            self._times, self._amounts = [times], [amounts]

    def sums(self) -> tuple[np.ndarray, Float[np.ndarray, "figures columns times"]]:
        """Times, each once, and what was added there."""
        if not self._times:
            return np.zeros(0), np.zeros((*self._shape, 0))
        times, places = np.unique(np.concatenate(self._times), return_inverse=True)
        amounts = np.concatenate(self._amounts, axis=2)
        found = np.zeros((*self._shape, times.size))
        for number in np.ndindex(*self._shape):
            found[number] = np.bincount(places, amounts[number], times.size)
        return times, found


class Sensitivities:
    """Derivatives of figures to the states, curves and moments of one currency.

    Threads add to them; nothing is read before all have ended.

    Args:
        paths: of the currency
        figures: how many

    Attributes:
        states: to the states on paths, figures by times by paths
        bank: to the logarithm of the bank account
        discount: to the logarithms of discount factors
        projection: to those of projection curves, by curve
        variance: to $\\zeta$, of what moves with nothing else
        moments: to $\\zeta$, $\\int H d\\zeta$ and $\\int H^2 d\\zeta$
        nodes: to values at the nodes of rights, by right and exercise counted from the last
    """

    def __init__(self, paths: CurrencyPaths, figures: int) -> None:
        self.paths, self.figures = paths, figures
        self.states = np.zeros((figures, *paths.states.shape))
        self.bank = np.zeros_like(self.states)
        self.discount = AtTimes(figures)
        self.projection: dict[int, tuple[CurveReader, AtTimes]] = {}
        self.variance = AtTimes(figures)
        self.moments = AtTimes(figures, 3)
        self.nodes: dict[int, dict[int, np.ndarray]] = {}
        self._lock = threading.Lock()

    def add_states(self, places: np.ndarray | int, amounts: np.ndarray) -> None:
        """To the states at some times."""
        with self._lock:
            self.states[:, places] += amounts

    def add_bank(self, places: np.ndarray | int, amounts: np.ndarray) -> None:
        """To the logarithm of the bank account at some times."""
        with self._lock:
            self.bank[:, places] += amounts

    def add_discount(self, times: np.ndarray, amounts: Amounts) -> None:
        """To the logarithms of discount factors."""
        with self._lock:
            self.discount.add(times, amounts[:, None, :])

    def add_projection(self, curve: CurveReader, times: np.ndarray, amounts: Amounts) -> None:
        """To the logarithms of discount factors of a projection curve."""
        if curve.curve is self.paths.model.curve.curve:
            return self.add_discount(times, amounts)
        with self._lock:
            _, found = self.projection.setdefault(
                id(curve.curve), (curve, AtTimes(amounts.shape[0]))
            )
            found.add(times, amounts[:, None, :])
        return None

    def add_variance(self, times: np.ndarray, amounts: Amounts) -> None:
        """To $\\zeta$."""
        with self._lock:
            self.variance.add(times, amounts[:, None, :])

    def add_moments(
        self, times: np.ndarray, zeta: Amounts, first: Amounts, second: Amounts
    ) -> None:
        """To the three moments."""
        with self._lock:
            self.moments.add(times, np.stack([zeta, first, second], axis=1))

    def all_moments(self) -> tuple[np.ndarray, Float[np.ndarray, "figures 3 times"]]:
        """Times, and derivatives to the three moments there."""
        found = AtTimes(self.figures, 3)
        found.add(*self.moments.sums())
        times, zeta = self.variance.sums()
        found.add(times, np.concatenate([zeta, np.zeros_like(zeta), np.zeros_like(zeta)], axis=1))
        return found.sums()

    def add_nodes(
        self, right: object, back: int, amounts: Float[np.ndarray, "figures nodes"]
    ) -> None:
        """To the values at the nodes of one exercise of a right."""
        with self._lock:
            levels = self.nodes.setdefault(id(right), {})
            levels[back] = levels[back] + amounts if back in levels else amounts


class BlockWeights:
    """What figures weigh the values of a netting set in a block by, and slopes of its values gathered over its trades.

    Args:
        block: states at some dates
        weights: derivatives of the figures to the values on paths
        into: of the currency
    """

    def __init__(self, block: PathBlock, weights: Weights, into: Sensitivities) -> None:
        self.block, self.weights, self.into = block, weights, into
        self.slopes, self.bank = np.zeros(block.states.shape), np.zeros(block.states.shape)
        self._spread: dict[tuple[int, int], np.ndarray] = {}

    def spread(self, grids: StateGrids, rows: slice) -> Float[np.ndarray, "figures points"]:
        """Weights of some rows on grids; these are the same for all trades."""
        key = int(grids.cells[0]), rows.stop
        if key not in self._spread:
            self._spread[key] = grids.spread(self.block.states[rows], self.weights[:, rows])
        return self._spread[key]

    def finish(self) -> None:
        """Pass the slopes on."""
        self.into.add_states(self.block.places, self.weights * self.slopes)
        if self.bank.any():
            self.into.add_bank(self.block.places, self.weights * self.bank)


@dataclass(frozen=True, eq=False)
class Adjoint:
    """What some figures weigh values in a block by, and where the derivatives go that follow from it.

    Args:
        whole: weights of the netting set's values
        share: of the trade's values in them: a number, or one for each row and path
        first: row of the whole at which this begins
    """

    whole: BlockWeights
    share: float | Float[np.ndarray, "rows paths"]
    first: int = 0

    @functools.cached_property
    def block(self) -> PathBlock:
        """States at the dates."""
        if isinstance(self.share, float):
            return self.whole.block
        rows, block = self._within(slice(0, self.share.shape[0])), self.whole.block
        return block if rows.stop - rows.start == block.places.size else block.part(rows)

    @property
    def into(self) -> Sensitivities:
        """Where derivatives go."""
        return self.whole.into

    @functools.cached_property
    def weights(self) -> Weights:
        """Derivatives of the figures to the values on paths."""
        if isinstance(self.share, float):
            return self.share * self.whole.weights
        return self.share * self.whole.weights[:, self._within(slice(0, self.share.shape[0]))]

    def where(self, chosen: np.ndarray) -> "Adjoint":
        """That of the values of some paths only."""
        return Adjoint(self.whole, self.share * chosen, self.first)

    def row(self, row: int, chosen: np.ndarray) -> "Adjoint":
        """That of the values of some paths in one row."""
        share = self.share if isinstance(self.share, float) else self.share[row : row + 1]
        return Adjoint(self.whole, share * chosen[None, :], self.first + row)

    def spread(self, grids: StateGrids, rows: slice) -> Float[np.ndarray, "figures points"]:
        """Weights of the first rows on grids of their states."""
        if isinstance(self.share, float):
            return self.share * self.whole.spread(grids, rows)
        return grids.spread(self.block.states[rows], self.weights[:, rows])

    def add_slopes(
        self, slopes: Float[np.ndarray, "rows paths"], rows: slice = slice(None)
    ) -> None:
        """Derivatives of the values to the states of these rows."""
        self._add(self.whole.slopes, slopes, rows)

    def add_bank(self, slopes: Float[np.ndarray, "rows paths"], rows: slice) -> None:
        """Derivatives of the values to the logarithm of the bank account in these rows."""
        self._add(self.whole.bank, slopes, rows)

    def _add(self, found: np.ndarray, slopes: np.ndarray, rows: slice) -> None:
        share = self.share if isinstance(self.share, float) else self.share[rows]
        start = self.first + (rows.start or 0)
        found[start : start + slopes.shape[0]] += share * slopes

    def _within(self, rows: slice) -> slice:
        return slice(self.first + rows.start, self.first + rows.stop)
