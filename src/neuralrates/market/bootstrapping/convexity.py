"""Convexity of overnight futures: how far their rate lies above the forward rate."""

import dataclasses
import datetime
from collections.abc import Sequence

import numpy as np

from neuralrates.conventions import year_fraction
from neuralrates.conventions.quantlib import python_date
from neuralrates.core.units import basis_point
from neuralrates.market.bootstrapping.quotes import Quote, tenor_years
from neuralrates.market.bootstrapping.rate_helpers import convention, future_period
from neuralrates.market.files.schema import CurveEntry, SwaptionVolatilityEntry


def future_convexity(normal_volatility: float, start: float, end: float) -> float:
    """Futures rate minus forward rate of a rate compounded from start to end, to first order.

    Under Ho and Lee, with the future margined daily, $\\sigma^2 (s^2 / 2 + s d + d^2 / 3)$ for a period of length d from s.

    Args:
        normal_volatility: of the short rate, decimal per square root of year
        start: beginning of the reference quarter, years
        end: its end, years

    Returns:
        Decimal per year.

    Source: Ho and Lee (1986); Henrard (2018) for overnight futures, here at zero mean reversion; Hull (2018), equation 6.3, is
    that of a rate fixed at the start.

    Example:
        >>> from neuralrates.market.bootstrapping.convexity import future_convexity
        >>> print(f"{future_convexity(0.01, 1.0, 1.25):.7f}")
        0.0000771
    """
    length = end - start
    return normal_volatility**2 * (start**2 / 2.0 + start * length + length**2 / 3.0)


def term_future_convexity(normal_volatility: float, start: float, end: float) -> float:
    """The same of a term rate, which is fixed at the start of its period: $\\sigma^2 s e / 2$.

    Args:
        normal_volatility: of the short rate, decimal per square root of year
        start: beginning of the period, years
        end: its end, years

    Returns:
        Decimal per year.

    Source: Ho and Lee (1986); Hull (2018), equation 6.3.

    Example:
        >>> from neuralrates.market.bootstrapping.convexity import term_future_convexity
        >>> print(f"{term_future_convexity(0.01, 1.0, 1.25):.7f}")
        0.0000625
    """
    return 0.5 * normal_volatility**2 * start * end


def with_convexity(
    valuation_date: datetime.date, curve: CurveEntry, volatility: SwaptionVolatilityEntry | None
) -> tuple[list[Quote], tuple[str, ...]]:
    """Quotes of a curve, the convexity of futures filled in where it was not given.

    The volatility is that at the money of the shortest tenor, at the expiry nearest in time to the quarter's beginning or
    linear between two; a lognormal one is taken times the future's own rate. Without volatilities convexity is zero.

    Args:
        valuation_date: day on which time zero falls
        curve: the curve's entry
        volatility: swaption volatilities of its currency, where quoted

    Returns:
        The quotes, and a note on what was filled in.
    """
    quotes = [entry.quote(curve.index) for entry in curve.quotes]
    places = [
        place
        for place, entry in enumerate(curve.quotes)
        if entry.kind == "future" and entry.convexity is None
    ]
    if not places:
        return quotes, ()
    if volatility is None:
        note = f"convexity of {len(places)} futures is taken as zero: it is not given, nor are swaption volatilities"
        return quotes, (note,)
    for place in places:
        value = _convexity(valuation_date, quotes[place], volatility)
        quotes[place] = dataclasses.replace(quotes[place], convexity=value)
    return quotes, (_note([quotes[place] for place in places]),)


def _convexity(today: datetime.date, quote: Quote, volatility: SwaptionVolatilityEntry) -> float:
    start, end = (year_fraction(today, python_date(day)) for day in future_period(quote))
    if start < 0.0:
        return 0.0
    expiries = [tenor_years(label) for label in volatility.expiries]
    quoted = float(np.interp(start, expiries, [row[0] for row in volatility.volatilities]))
    law = future_convexity if convention(quote.index).overnight else term_future_convexity
    return law(quoted * _level(quote, volatility), start, end)


def _level(quote: Quote, volatility: SwaptionVolatilityEntry) -> float:
    """What turns a quoted volatility into a normal one: the rate it is a share of."""
    if volatility.type == "normal":
        return 1.0
    shift = float(np.ravel(volatility.shift)[0])
    return max(1.0 - quote.value / 100.0 + shift, 0.0)


def _note(futures: Sequence[Quote]) -> str:
    largest = max(quote.convexity for quote in futures) / basis_point
    return f"convexity of {len(futures)} futures comes from the swaption volatilities (Ho and Lee), up to {largest:.2f} bp"
