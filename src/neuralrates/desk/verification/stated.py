"""What a reader makes of a file's numbers, made again: zero rates by compounding, convexity, a smile's spreads.

It is made from what the file states, and only where the market still holds what its reader made of that.
"""

import dataclasses
import datetime

import numpy as np
import QuantLib as ql  # noqa: N813

from neuralrates.core.checks import as_array
from neuralrates.desk.verification.conventions import day, terms, years
from neuralrates.desk.verification.quotes import future_dates
from neuralrates.market.bootstrapping.quotes import Quote
from neuralrates.market.curves.curve_system import CurveSystem
from neuralrates.market.curves.zero_curve import ZeroCurve
from neuralrates.market.files.schema import (
    CurrencyEntry,
    CurveEntry,
    SmileEntry,
    SwaptionVolatilityEntry,
)
from neuralrates.market.market import CurrencyMarket

_YEAR = ql.Actual365Fixed()
_COMPOUNDING = {
    None: (ql.Continuous, ql.Annual),
    "continuous": (ql.Continuous, ql.Annual),
    "simple": (ql.Simple, ql.Annual),
    "annual": (ql.Compounded, ql.Annual),
    "semiannual": (ql.Compounded, ql.Semiannual),
}
_POINTS = 4
"""Of Gauss and Legendre's rule: exact for the polynomials of the convexity."""


def restated_curves(market: CurrencyMarket, today: datetime.date) -> CurveSystem:
    """The curve system with continuous zero rates and convexities made again.

    Args:
        market: of one currency
        today: valuation date

    Returns:
        The system; as it is where nothing is stated, or it was replaced since.

    Source: Hull (2018), section 4.2, by `ql.InterestRate`; Ho and Lee (1986), the moments integrated numerically.
    """
    stated, curves = market.stated, market.curves
    if stated is None or stated.curves is not curves:
        return curves
    entry = stated.entry
    if not curves.quotes:
        return curves.with_curves([_curve(one, entry) for one in entry.curves])
    found = {
        one.quote(curve.index).name: one.convexity for curve in entry.curves for one in curve.quotes
    }

    def restated(quote: Quote) -> Quote:
        if quote.kind != "future":
            return quote
        given = found[quote.name]
        implied = _convexity(quote, entry.swaption_volatility, day(today))
        return dataclasses.replace(quote, convexity=implied if given is None else given)

    return dataclasses.replace(
        curves,
        quotes=tuple(map(restated, curves.quotes)),
        unused=tuple(map(restated, curves.unused)),
    )


def _curve(entry: CurveEntry, currency: CurrencyEntry) -> ZeroCurve:
    kind = _COMPOUNDING[entry.compounding]
    rates = [
        -np.log(ql.InterestRate(rate, _YEAR, *kind).discountFactor(time)) / time
        for time, rate in zip(entry.times, entry.zero_rates, strict=True)
    ]
    return ZeroCurve(as_array(entry.times), as_array(rates), currency.interpolation)


def _convexity(quote: Quote, entry: SwaptionVolatilityEntry | None, today: ql.Date) -> float:
    """Rate of a future minus the forward rate: drift of the short rate and half the variance of its integral, a year."""
    start, end = (_YEAR.yearFraction(today, date) for date in future_dates(quote))
    if entry is None or start < 0.0:
        return 0.0
    column = [row[0] for row in entry.volatilities]
    volatility = float(np.interp(start, [years(label) for label in entry.expiries], column))
    if entry.type != "normal":
        volatility *= max(1.0 - quote.value / 100.0 + float(np.ravel(entry.shift)[0]), 0.0)
    points, weights = np.polynomial.legendre.leggauss(_POINTS)
    length = end - start
    times, spans = start + 0.5 * length * (1.0 + points), 0.5 * length * weights
    if not terms(
        quote.index
    ).overnight:  # known at the start: its forward rates have drifted until then
        return float(volatility**2 * (spans @ (start * (times - 0.5 * start))) / length)
    drift = spans @ (0.5 * times**2)
    variance = start * length**2 + spans @ (end - times) ** 2
    return float(volatility**2 * (drift + 0.5 * variance) / length)


def restated_spreads(entry: SwaptionVolatilityEntry, smile: SmileEntry) -> np.ndarray:
    """Spreads of a smile by offset, zero among them, expiry and tenor.

    They are over its own volatilities at an offset of zero, or over the matrix at the money where it quotes none.

    Args:
        entry: the matrix as stated
        smile: its smile as stated
    """
    rows = [entry.expiries.index(label) for label in smile.expiries]
    columns = [entry.tenors.index(label) for label in smile.tenors]
    tables = dict(zip(smile.offsets, np.array(smile.volatilities), strict=True))
    middle = tables.setdefault(0.0, np.array(entry.volatilities)[np.ix_(rows, columns)])
    return np.array([tables[offset] - middle for offset in sorted(tables)])
