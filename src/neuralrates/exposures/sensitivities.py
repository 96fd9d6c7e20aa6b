"""Derivatives of figures to what values on paths are made of, gathered while the adjoint runs over trades and dates."""

import threading
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

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
        moments: to $\\zeta$, $\\int H d\\zeta$ and $\\int H^2 d\\zeta$
        nodes: to values at the nodes of rights, by right and exercise counted from the last
    """

    def __init__(self, paths: CurrencyPaths, figures: int) -> None:
        self.paths, self.figures = paths, figures
        self.states = np.zeros((figures, *paths.states.shape))
        self.bank = np.zeros_like(self.states)
        self.discount = AtTimes(figures)
        self.projection: dict[int, tuple[CurveReader, AtTimes]] = {}
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
        nothing = np.zeros_like(amounts)
        self.add_moments(times, amounts, nothing, nothing)

    def add_moments(
        self, times: np.ndarray, zeta: Amounts, first: Amounts, second: Amounts
    ) -> None:
        """To the three moments."""
        with self._lock:
            self.moments.add(times, np.stack([zeta, first, second], axis=1))

    def add_nodes(
        self, right: object, back: int, amounts: Float[np.ndarray, "figures nodes"]
    ) -> None:
        """To the values at the nodes of one exercise of a right."""
        with self._lock:
            levels = self.nodes.setdefault(id(right), {})
            levels[back] = levels[back] + amounts if back in levels else amounts


@dataclass(frozen=True, eq=False)
class Adjoint:
    """What some figures weigh values in a block by, and where the derivatives go that follow from it.

    Args:
        block: states at some dates
        weights: derivatives of the figures to the values on paths
        into: of the currency
    """

    block: PathBlock
    weights: Weights
    into: Sensitivities

    def where(self, chosen: np.ndarray) -> "Adjoint":
        """That of the values of some paths only."""
        return Adjoint(self.block, self.weights * chosen, self.into)

    def add_slopes(
        self, slopes: Float[np.ndarray, "rows paths"], rows: slice = slice(None)
    ) -> None:
        """Derivatives to the states of these rows, from those of the values."""
        self.into.add_states(self.block.places[rows], self.weights[:, rows] * slopes)
