"""What two factors are searched for by, alone or beside a trade, and the search."""

import abc
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from neuralrates.calibration.matrix_swaps import MatrixSwaptions
from neuralrates.calibration.trade_coterminals import TradeCoterminals
from neuralrates.calibration.two_factor_europeans import (
    Ends,
    Parameters,
    Squares,
    european_values,
)
from neuralrates.core.units import basis_point

NAMES = ("fast_mean_reversion", "mean_reversion", "volatility_ratio", "correlation")
_STARTS = ((0.5, 0.03, 1.2, -0.7), (0.15, 0.02, 0.8, -0.9), (0.35, 0.05, 2.0, 0.3))
_LOWEST = np.array([np.log(0.05), 0.001, np.log(0.1), -0.95])
_HIGHEST = np.array([np.log(2.0), 0.5, np.log(5.0), 0.7])
"""Of what is searched for, `NAMES` with the logarithms of the gap between mean reversions and of the ratio: where a second
factor decorrelates, and the engine has been measured."""
_SMALLEST_VOLATILITY, _LARGEST_VOLATILITY = 1e-7, 1.0
_ROUGH, _FINE = 1e-3, 1e-11
_FLAT = 1e-12
_AT_LIMIT = 1e-3

Point = Float[np.ndarray, "unknowns"]
Residuals = tuple[np.ndarray, np.ndarray]
"""Model minus quoted volatilities in basis points, and their derivatives to the unknowns."""


class AbstractSearch(abc.ABC):
    """Residuals of a matrix as a function of unknowns, of which the first four are the parameters as they are searched for."""

    matrix: MatrixSwaptions

    @property
    @abc.abstractmethod
    def ends(self) -> Ends:
        """Interior ends of the intervals of the volatility, years."""

    @property
    @abc.abstractmethod
    def volatilities(self) -> Squares:
        """Volatilities to start from, where they are unknown."""

    @abc.abstractmethod
    def model(self, at: Point) -> tuple[Parameters, Squares]:
        """Parameters and squares of the volatility."""

    @abc.abstractmethod
    def residuals(self, at: Point) -> Residuals:
        """Residuals of a point."""


@dataclass(frozen=True)
class Alone(AbstractSearch):
    """The matrix by itself: unknown are the parameters and the logarithms of the volatilities.

    Args:
        matrix: quotes to come near to
        known: interior ends of the intervals of the volatility, years
    """

    matrix: MatrixSwaptions
    known: Ends

    @property
    def ends(self) -> Ends:
        return self.known

    @property
    def volatilities(self) -> Squares:
        return np.full(self.known.size + 1, self.matrix.quotes.mean())

    def model(self, at: Point) -> tuple[Parameters, Squares]:
        return _parameters(at), np.exp(2.0 * at[4:])

    def residuals(self, at: Point) -> Residuals:
        parameters, squares = self.model(at)
        found = european_values(self.matrix.options, parameters, self.known, squares)
        by_parameters = found.parameters @ _turned(parameters)
        slopes = np.concatenate([by_parameters, found.squares * (2.0 * squares)], axis=1)
        return _missed(self.matrix, found.values), _scales(self.matrix) * slopes


@dataclass(frozen=True)
class Beside(AbstractSearch):
    """Beside a trade: unknown are the parameters; its coterminals say the volatility.

    Args:
        matrix: quotes to come near to
        trade: whose coterminals are met
    """

    matrix: MatrixSwaptions
    trade: TradeCoterminals

    @property
    def ends(self) -> Ends:
        return self.trade.ends

    @property
    def volatilities(self) -> Squares:
        return np.ones(0)

    def model(self, at: Point) -> tuple[Parameters, Squares]:
        parameters = _parameters(at)
        return parameters, self.trade.met(parameters)[0]

    def residuals(self, at: Point) -> Residuals:
        parameters = _parameters(at)
        squares, missed = self.trade.met(parameters)
        found = european_values(self.matrix.options, parameters, self.ends, squares)
        moved = found.parameters + found.squares @ self.trade.slopes(parameters, squares)
        slopes = _scales(self.matrix) * (moved @ _turned(parameters))
        residuals = np.append(_missed(self.matrix, found.values), missed / basis_point)
        return residuals, np.concatenate([slopes, np.zeros((missed.size, 4))])


def _missed(matrix: MatrixSwaptions, values: np.ndarray) -> np.ndarray:
    """Model minus quoted volatilities, basis points."""
    found: np.ndarray = (values * matrix.scales - matrix.quotes) / basis_point
    return found


def _scales(matrix: MatrixSwaptions) -> np.ndarray:
    found: np.ndarray = matrix.scales[:, None] / basis_point
    return found


def closest(search: AbstractSearch) -> Point:
    """The best of a few rough searches, gone on with to the end."""
    rough = [_minimum(search, started(search, start), _ROUGH) for start in _STARTS]
    return _minimum(search, min(rough, key=lambda found: found[1])[0], _FINE)[0]


def started(search: AbstractSearch, start: tuple[float, ...]) -> Point:
    """The point of these parameters, in the order of `NAMES`."""
    fast, slow, ratio, correlation = start
    given = [np.log(fast - slow), slow, np.log(ratio), correlation]
    return np.append(given, np.log(search.volatilities))


def at_limit(found: Point) -> tuple[str, ...]:
    """Parameters that ended where the search does."""
    near = np.minimum(found[:4] - _LOWEST, _HIGHEST - found[:4]) < _AT_LIMIT * (_HIGHEST - _LOWEST)
    return tuple(name for name, at in zip(NAMES, near, strict=True) if at)


def _parameters(at: Point) -> Parameters:
    return np.array([at[1] + np.exp(at[0]), at[1], np.exp(at[2]), at[3]])


def _turned(parameters: Parameters) -> np.ndarray:
    """Derivatives of the parameters to the unknowns that are searched for."""
    fast, slow, ratio, _ = parameters
    found = np.diag([fast - slow, 1.0, ratio, 1.0])
    found[0, 1] = 1.0
    return found


def _minimum(search: AbstractSearch, start: Point, accuracy: float) -> tuple[Point, float]:
    from scipy.optimize import least_squares

    rest = np.ones(start.size - 4)
    low = np.append(_LOWEST, np.log(_SMALLEST_VOLATILITY) * rest)
    high = np.append(_HIGHEST, np.log(_LARGEST_VOLATILITY) * rest)
    last: dict[bytes, Residuals] = {}

    def at(point: Point) -> Residuals:
        """Remembered: values and derivatives are asked for one after the other."""
        key = point.tobytes()
        if key not in last:
            found = search.residuals(point)
            last.clear()
            last[key] = found
        return last[key]

    with np.errstate(all="ignore"):
        found = least_squares(
            lambda point: at(point)[0],
            np.clip(start, low + 1e-9, high - 1e-9),
            lambda point: at(point)[1],
            bounds=(low, high),
            x_scale="jac",
            xtol=accuracy,
            ftol=accuracy,
            gtol=_FLAT,
        )
    return found.x, float(found.cost)
