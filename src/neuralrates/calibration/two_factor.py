"""Two Gaussian factors fitted to a matrix of European swaptions, by itself or beside the coterminals of a trade."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from neuralrates.calibration.matrix_swaps import MatrixSwaptions, matrix_swaptions
from neuralrates.calibration.trade_coterminals import TradeCoterminals
from neuralrates.calibration.two_factor_europeans import (
    Ends,
    Parameters,
    Squares,
    european_values,
)
from neuralrates.core.doors import door
from neuralrates.core.errors import CalibrationError
from neuralrates.core.units import basis_point
from neuralrates.market.curves.curve_system import CurveSystem
from neuralrates.market.two_factor import TwoFactorParameters
from neuralrates.market.volatility.swaption_volatility import SwaptionVolatility
from neuralrates.products.swaption import Swaption

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
_LARGEST_SHARE = 0.5

Search = Float[np.ndarray, "unknowns"]
Residuals = tuple[np.ndarray, np.ndarray]
"""Model minus quoted volatilities in basis points, and their derivatives to the unknowns."""


@dataclass(frozen=True)
class TwoFactorFit:
    """Two Gaussian factors that fit a matrix best, and how well.

    Args:
        parameters: of the model
        volatilities: of the slow factor, by interval, decimals per square root of year
        volatility_times: interior ends of the intervals, years
        misfit: model minus quoted normal volatility, by expiry and tenor; not a number where the fit does not ask for a quote
        at_limit: parameters that ended where the search does: the matrix says little of them
    """

    parameters: TwoFactorParameters
    volatilities: Float[np.ndarray, "intervals"]
    volatility_times: Float[np.ndarray, "ends"]
    misfit: Float[np.ndarray, "expiries tenors"]
    at_limit: tuple[str, ...]

    @property
    def root_mean_square(self) -> float:
        """Of the misfit, normal volatility."""
        return float(np.sqrt(np.nanmean(self.misfit**2)))


@door
def fit_two_factor(
    curves: CurveSystem, volatility: SwaptionVolatility, product: Swaption | None = None
) -> TwoFactorFit:
    """Mean reversions, volatility ratio and correlation of two factors closest to a matrix of volatilities at the money.

    Least squares in the volatilities of exact European prices. By itself a matrix also says the volatility of the slow factor,
    constant between its expiries; beside a trade that volatility meets the trade's coterminals exactly, whatever the four
    parameters are, and those are fitted to the quotes that expire and end within the trade.

    Args:
        curves: curves of the currency
        volatility: volatilities at the money; lognormal ones are converted there
        product: swaption whose coterminals are met exactly; none for the matrix by itself

    Returns:
        The parameters, the volatility and the misfit of every quote.

    Raises:
        CalibrationError: quotes that no two-factor model fits: which, and by how much

    Source: Brigo and Mercurio (2006), section 4.2.4, with a volatility that depends on time.

    Example:
        >>> import datetime, neuralrates as nr
        >>> quote = nr.market.Quote("ois", "USD-SOFR", "30Y", 0.04)
        >>> curves = nr.market.bootstrap(datetime.date(2024, 3, 19), [quote])
        >>> rows = [[0.0110, 0.0105, 0.0095], [0.0100, 0.0096, 0.0088], [0.0090, 0.0087, 0.0081]]
        >>> fit = nr.calibration.fit_two_factor(curves, nr.market.SwaptionVolatility([1, 5, 9], [2, 5, 10], rows))
        >>> bool(fit.root_mean_square < 1e-4)
        True
    """
    matrix = matrix_swaptions(curves, volatility)
    _check_quotes(matrix, volatility)
    asked = np.ones(matrix.quotes.size, dtype=bool)
    trade = None
    if product is not None:
        trade = TradeCoterminals.of(curves, volatility, product)
        asked = trade.within(matrix.options)
    chosen = matrix.take(asked)
    known = np.asarray(volatility.expiries)[:-1]
    search = _Search(chosen, known) if trade is None else _Beside(chosen, trade)
    _check_number(search, "" if trade is None else " that expire and end within the trade")
    found = _closest(search)
    parameters, squares = search.model(found)
    misfit = np.full(matrix.quotes.size, np.nan)
    misfit[asked] = search.residuals(found)[0][: chosen.quotes.size] * basis_point
    _check_misfit(misfit, matrix, volatility)
    if trade is not None:
        trade.check(parameters)
    return TwoFactorFit(
        TwoFactorParameters(
            float(parameters[0]),
            float(parameters[2]),
            float(parameters[3]),
            float(parameters[1]),
        ),
        np.sqrt(squares),
        search.ends,
        misfit.reshape(np.shape(volatility.volatilities)),
        _at_limit(found[:4]),
    )


class _Search:
    """The matrix by itself: unknown are the four parameters, as they are searched for, and the logarithms of volatilities."""

    def __init__(self, matrix: MatrixSwaptions, ends: Ends) -> None:
        self.matrix, self.ends = matrix, ends
        self._last: tuple[bytes, Residuals] = b"", (np.zeros(0), np.zeros(0))

    @property
    def volatilities(self) -> Squares:
        """Where to start, and how many."""
        return np.full(self.ends.size + 1, self.matrix.quotes.mean())

    def model(self, at: Search) -> tuple[Parameters, Squares]:
        """Parameters and squares of the volatility."""
        return _parameters(at), np.exp(2.0 * at[4:])

    def residuals(self, at: Search) -> Residuals:
        """Of this point; remembered, since values and derivatives are asked for one after the other."""
        key = at.tobytes()
        if self._last[0] != key:
            self._last = key, self._residuals(at)
        return self._last[1]

    def _residuals(self, at: Search) -> Residuals:
        parameters, squares = self.model(at)
        found = european_values(self.matrix.options, parameters, self.ends, squares)
        scale = self.matrix.scales[:, None] / basis_point
        slopes = np.concatenate(
            [found.parameters @ _turned(parameters), found.squares * (2.0 * squares)], axis=1
        )
        return self._missed(found.values), scale * slopes

    def _missed(self, values: np.ndarray) -> np.ndarray:
        return (values * self.matrix.scales - self.matrix.quotes) / basis_point


class _Beside(_Search):
    """Beside a trade: unknown are the four parameters; its coterminals say the volatility."""

    def __init__(self, matrix: MatrixSwaptions, trade: TradeCoterminals) -> None:
        _Search.__init__(self, matrix, trade.ends)
        self.trade = trade

    @property
    def volatilities(self) -> Squares:
        return np.ones(0)

    def model(self, at: Search) -> tuple[Parameters, Squares]:
        parameters = _parameters(at)
        return parameters, self.trade.met(parameters)[0]

    def _residuals(self, at: Search) -> Residuals:
        parameters = _parameters(at)
        squares, missed = self.trade.met(parameters)
        found = european_values(self.matrix.options, parameters, self.ends, squares)
        moved = found.parameters + found.squares @ self.trade.slopes(parameters, squares)
        slopes = self.matrix.scales[:, None] / basis_point * (moved @ _turned(parameters))
        residuals = np.append(self._missed(found.values), missed / basis_point)
        return residuals, np.concatenate([slopes, np.zeros((missed.size, 4))])


def _parameters(at: Search) -> Parameters:
    return np.array([at[1] + np.exp(at[0]), at[1], np.exp(at[2]), at[3]])


def _turned(parameters: Parameters) -> np.ndarray:
    """Derivatives of the parameters to the unknowns that are searched for."""
    fast, slow, ratio, _ = parameters
    found = np.diag([fast - slow, 1.0, ratio, 1.0])
    found[0, 1] = 1.0
    return found


def _closest(search: _Search) -> Search:
    """The best of a few rough searches, gone on with to the end."""
    rough = [_minimum(search, _started(search, start), _ROUGH) for start in _STARTS]
    return _minimum(search, min(rough, key=lambda found: found[1])[0], _FINE)[0]


def _started(search: _Search, start: tuple[float, ...]) -> Search:
    fast, slow, ratio, correlation = start
    given = [np.log(fast - slow), slow, np.log(ratio), correlation]
    return np.append(given, np.log(search.volatilities))


def _minimum(search: _Search, start: Search, accuracy: float) -> tuple[Search, float]:
    from scipy.optimize import least_squares

    rest = np.ones(start.size - 4)
    low = np.append(_LOWEST, np.log(_SMALLEST_VOLATILITY) * rest)
    high = np.append(_HIGHEST, np.log(_LARGEST_VOLATILITY) * rest)
    at: Callable[[Search], Residuals] = search.residuals
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


def _at_limit(found: Search) -> tuple[str, ...]:
    near = np.minimum(found - _LOWEST, _HIGHEST - found) < _AT_LIMIT * (_HIGHEST - _LOWEST)
    return tuple(name for name, at in zip(NAMES, near, strict=True) if at)


def _check_number(search: _Search, which: str) -> None:
    """Raise where there are fewer quotes than numbers to find."""
    found, wanted = search.matrix.quotes.size, len(NAMES) + search.volatilities.size
    if found < wanted:
        raise CalibrationError(
            f"expected at least {wanted} swaption volatilities{which} for two factors, found {found}"
        )


def _check_quotes(matrix: MatrixSwaptions, volatility: SwaptionVolatility) -> None:
    """Raise where a quote has no normal volatility above zero."""
    bad = np.flatnonzero(~(matrix.quotes > 0.0))
    if bad.size:
        raise CalibrationError(
            f"the quote {volatility.labels[bad[0]]} cannot be fitted: expected a normal volatility above zero, and a forward "
            "swap rate above minus the shift where it is lognormal"
        )


def _check_misfit(
    misfit: np.ndarray, matrix: MatrixSwaptions, volatility: SwaptionVolatility
) -> None:
    """Raise where the nearest model is far from some quote."""
    missed = np.nan_to_num(np.abs(misfit))
    if np.any(missed > _LARGEST_SHARE * matrix.quotes):
        worst = int(np.argmax(missed))
        raise CalibrationError(
            f"no two-factor model fits the swaption volatilities: the nearest misses {volatility.labels[worst]}, quoted "
            f"{matrix.quotes[worst] / basis_point:.1f} bp, by {misfit[worst] / basis_point:+.1f} bp; the one-factor model "
            "meets the quotes of each trade by itself"
        )
