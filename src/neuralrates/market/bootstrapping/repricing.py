"""What a currency's curves say of its quotes, those left out as well."""

import datetime
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from neuralrates.conventions import evaluation_date, quantlib_date
from neuralrates.market.bootstrapping.instruments import Instrument, resolve
from neuralrates.market.bootstrapping.par_rates import ParRates
from neuralrates.market.bootstrapping.quotes import Quote
from neuralrates.market.bootstrapping.rate_helpers import rate_helper
from neuralrates.market.curves.curve_system import CurveSystem


def implied_values(
    valuation_date: datetime.date, curves: CurveSystem, quotes: Sequence[Quote]
) -> NDArray[np.float64]:
    """Values that the curves imply for quotes, whether the curves were built from them or not.

    Args:
        valuation_date: day on which time zero falls
        curves: of their currency
        quotes: quotes of their indices

    Returns:
        One value per quote, in its own unit.

    Example:
        >>> import datetime, neuralrates as nr
        >>> from neuralrates.market.bootstrapping.repricing import implied_values
        >>> today = datetime.date(2024, 3, 19)
        >>> quotes = [nr.market.Quote("ois", "USD-SOFR", t, r) for t, r in (("1Y", 0.05), ("5Y", 0.04))]
        >>> curves = nr.market.bootstrap(today, quotes)
        >>> print(implied_values(today, curves, [nr.market.Quote("ois", "USD-SOFR", "2Y", 0.045)]).round(4))
        [0.0438]
    """
    if not quotes:
        return np.zeros(0)
    items = instruments(valuation_date, quotes)
    return ParRates(items, curves.positions)(curves.curves)[0]


def rate_errors(
    valuation_date: datetime.date, curves: CurveSystem, quotes: Sequence[Quote]
) -> NDArray[np.float64]:
    """Implied minus quoted, as a rate (decimal per year): a future's price counts a hundredth, with its sign turned."""
    scale = np.array([-100.0 if quote.kind == "future" else 1.0 for quote in quotes])
    values = np.array([quote.value for quote in quotes])
    return (implied_values(valuation_date, curves, quotes) - values) / scale


def instruments(valuation_date: datetime.date, quotes: Sequence[Quote]) -> list[Instrument]:
    """The quotes as flows in years."""
    today = quantlib_date(valuation_date)
    with evaluation_date(valuation_date):
        return [resolve(quote, rate_helper(quote), today) for quote in quotes]
