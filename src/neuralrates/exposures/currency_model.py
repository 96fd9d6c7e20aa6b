"""One Gaussian model per currency, the same for all of its trades, as moments in NumPy."""

import functools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from neuralrates.calibration.volatility import calibrate
from neuralrates.core.errors import CalibrationError, NeuralratesError, RefusalError
from neuralrates.engines.closed_forms.volatilities import Volatilities, swaption_volatilities
from neuralrates.engines.market_inputs import MarketShape
from neuralrates.market.curves.curve_reader import CurveReader
from neuralrates.market.curves.zero_curve import ZeroCurve
from neuralrates.market.market import CurrencyMarket
from neuralrates.models.hull_white import HullWhite
from neuralrates.products.swaption import Swaption

Times = Float[np.ndarray, "*times"]
_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(12)
_LONGEST_PIECE = 1.0
LOWEST_MEAN_REVERSION = -0.1
"""Per year; below, states of thirty years lie too far apart for any number of nodes between them."""


@dataclass(frozen=True, eq=False)
class CurrencyModel:
    """The LGM model of one currency: state x without drift, numeraire $e^{H x + H^2 \\zeta / 2} / D$.

    $H(t) = (e^{-\\kappa h} - e^{-\\kappa t}) / \\kappa$ is zero at the horizon h, so that the numeraire is near the bond that
    pays there: with H zero today its inverse would have a deviation of many units after decades, which no number of paths
    averages.

    Args:
        currency: ISO code
        model: curve, mean reversion and piecewise-constant volatility
        horizon: h, years; the last payment that is valued
        calibrated_to: years to the last payment of the currency's trades

    Source: Hagan (2002), equations 2.1 to 2.6.
    """

    currency: str
    model: HullWhite
    horizon: float = 0.0
    calibrated_to: float = 0.0

    @functools.cached_property
    def mean_reversion(self) -> float:
        """Per year."""
        return float(self.model.mean_reversion)

    @functools.cached_property
    def curve(self) -> CurveReader:
        """Its discount curve."""
        assert isinstance(self.model.curve, ZeroCurve)
        return CurveReader(self.model.curve)

    def discount_factors(self, times: Times) -> Times:
        """D at times in years."""
        return self.curve.discount_factors(times)

    def loadings(self, times: Times) -> Times:
        """H at times in years."""
        after = np.asarray(times, dtype=np.float64) - self.horizon
        if self.mean_reversion == 0.0:
            return after
        size = np.exp(-self.mean_reversion * self.horizon) / self.mean_reversion
        return np.asarray(-size * np.expm1(-self.mean_reversion * after))

    def moments(self, times: Times, only: int | None = None) -> tuple[Times, Times, Times]:
        """$\\zeta$, $\\int H d\\zeta$ and $\\int H^2 d\\zeta$ from today to each time; of one piece of the volatility only."""
        times = np.asarray(times, dtype=np.float64)
        ends = np.asarray(self.model.volatility_times)
        last = max(float(times.max(initial=0.0)), 1e-9)
        yearly = np.arange(0.0, last, _LONGEST_PIECE)
        knots = np.unique(np.concatenate([[0.0], yearly, ends[ends < last], times.ravel()]))
        half = 0.5 * np.diff(knots)[:, None]
        places = knots[:-1, None] + half * (_POINTS + 1.0)
        piece = np.searchsorted(ends, places[:, 0])
        volatility = np.asarray(self.model.volatility)[piece]
        if only is not None:
            volatility = np.where(piece == only, volatility, 0.0)
        growth = volatility[:, None] ** 2 * np.exp(2.0 * self.mean_reversion * places)
        growth *= half * _WEIGHTS
        loading = self.loadings(places)
        at = np.searchsorted(knots, times)
        found = [
            np.concatenate([[0.0], np.cumsum(np.sum(growth * loading**power, axis=1))])[at]
            for power in (0, 1, 2)
        ]
        return found[0], found[1], found[2]


class CoterminalQuotes(NamedTuple):
    """European swaptions that all end with the last payment of a currency's trades, one a year, and their volatilities."""

    product: Swaption
    read: Volatilities


def coterminal_quotes(
    market: CurrencyMarket, mean_reversion: float, horizon: float
) -> CoterminalQuotes:
    """What a model is calibrated to; arguments as of `calibrated_model`."""
    matrix = market.swaption_volatility
    if matrix is None:
        raise RefusalError(
            f"expected swaption volatilities, or a volatility under `models`, for {market.currency}, found neither"
        )
    years = np.arange(1.0, max(2, int(np.ceil(horizon))) + 1.0)
    factors = CurveReader(market.curves.discount).discount_factors(years)
    forwards = (factors[:-1] - factors[-1]) / (np.cumsum(factors[:0:-1])[::-1])
    strike = float(forwards[0])
    product = Swaption(years[:-1], years[1:], np.ones(years.size - 1), strike, "payer")
    shape = MarketShape.of(market.curves.for_index(market.curves.discount_index), matrix)
    read = swaption_volatilities(
        shape,
        shape.inputs(mean_reversion),
        years[:-1],
        years[-1] - years[:-1],
        forwards,
        np.full(forwards.shape, strike),
    )
    return CoterminalQuotes(product, read)


def calibrated_model(
    market: CurrencyMarket,
    mean_reversion: float,
    horizon: float,
    volatility: float | None = None,
    more_volatility: float = 0.0,
) -> CurrencyModel:
    """The model of a currency, calibrated once: to swaptions that all end with the last payment of its trades.

    Their strike is the forward rate of the first of them; one expires each year.

    Args:
        market: curves and swaption volatilities
        mean_reversion: per year
        horizon: years to the last payment of the currency's trades
        volatility: of the short rate, decimal per square root of year, where it is given and nothing is calibrated
        more_volatility: added to every normal volatility that is calibrated to, for derivatives

    Raises:
        RefusalError: without swaption volatilities and without a volatility, or where states would explode
        CalibrationError: where the volatilities allow no model
    """
    if mean_reversion < LOWEST_MEAN_REVERSION:
        raise RefusalError(
            f"expected a mean reversion of {LOWEST_MEAN_REVERSION:g} a year or more for {market.currency} where values at "
            f"future dates are asked for, found {mean_reversion:g}"
        )
    curve = market.curves.discount
    if volatility is not None:
        return CurrencyModel(
            market.currency, HullWhite(curve, mean_reversion, volatility), horizon, horizon
        )
    product, read = coterminal_quotes(market, mean_reversion, horizon)
    try:
        fitted = calibrate(curve, mean_reversion, product, read.value + more_volatility)
    except NeuralratesError as error:
        raise CalibrationError(f"{market.currency}: {error}") from None
    return CurrencyModel(market.currency, fitted, horizon, horizon)
