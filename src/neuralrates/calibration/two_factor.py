"""Two Gaussian factors fitted to a matrix of European swaptions, by itself or beside the coterminals of a trade."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from neuralrates.calibration.matrix_swaps import MatrixSwaptions, matrix_swaptions
from neuralrates.calibration.trade_coterminals import TradeCoterminals
from neuralrates.calibration.two_factor_search import (
    NAMES,
    AbstractSearch,
    Alone,
    Beside,
    at_limit,
    closest,
)
from neuralrates.core.doors import door
from neuralrates.core.errors import CalibrationError
from neuralrates.core.units import basis_point
from neuralrates.market.curves.curve_system import CurveSystem
from neuralrates.market.two_factor import TwoFactorParameters
from neuralrates.market.volatility.swaption_volatility import SwaptionVolatility
from neuralrates.products.swaption import Swaption

_LARGEST_SHARE = 0.5
"""Of a quote: what the nearest model may miss of it."""


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
    search = Alone(chosen, known) if trade is None else Beside(chosen, trade)
    _check_number(search, "" if trade is None else " that expire and end within the trade")
    found = closest(search)
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
        at_limit(found),
    )


def _check_number(search: AbstractSearch, which: str) -> None:
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
