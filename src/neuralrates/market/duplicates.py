"""Quotes given more than once with different values: which one to believe."""

import datetime
from collections.abc import Sequence

import numpy as np

from neuralrates.conventions import evaluation_date, quantlib_date
from neuralrates.market.bootstrapping import bootstrap
from neuralrates.market.instruments import resolve
from neuralrates.market.par_rates import ParRates, quoted_values
from neuralrates.market.quotes import Quote
from neuralrates.market.rate_helpers import rate_helper

Quotes = Sequence[Quote]


def settle(
    valuation_date: datetime.date, discount: Quotes, projection: Quotes
) -> tuple[list[Quote], list[Quote], tuple[str, ...]]:
    """Each quote once.

    Of contradictory values the one is kept that is nearest to what the curves imply which the uncontradicted quotes build.

    Args:
        valuation_date: day on which time zero falls
        discount: quotes of the discount curve, some perhaps several times
        projection: quotes of the projection curve, or none

    Returns:
        Quotes of both curves, each once, and a note per contradiction.
    """
    given = list(dict.fromkeys([*discount, *projection]))
    names = [quote.name for quote in given]
    doubtful = [quote for quote in given if names.count(quote.name) > 1]
    if not doubtful:
        return _of(discount, given), _of(projection, given), ()
    kept = [quote for quote in given if quote not in doubtful]
    distances = _distances(valuation_date, _of(discount, kept), _of(projection, kept), doubtful)
    notes = []
    for name in dict.fromkeys(quote.name for quote in doubtful):
        rivals = [quote for quote in doubtful if quote.name == name]
        best = min(rivals, key=distances.__getitem__)
        others = ", ".join(f"{quote.value}" for quote in rivals if quote != best)
        notes.append(f"{name} is quoted more than once: {best.value} is used, not {others}")
        kept.append(best)
    return _of(discount, kept), _of(projection, kept), tuple(notes)


def _of(quotes: Quotes, kept: Quotes) -> list[Quote]:
    """Those kept, in the order given, each once."""
    return [quote for quote in dict.fromkeys(quotes) if quote in kept]


def _distances(
    valuation_date: datetime.date, discount: Quotes, projection: Quotes, doubtful: Quotes
) -> dict[Quote, float]:
    """Distance of each doubtful quote from the value that the other quotes imply."""
    system = bootstrap(valuation_date, discount, projection)
    today = quantlib_date(valuation_date)
    with evaluation_date(valuation_date):
        instruments = [resolve(quote, rate_helper(quote), today) for quote in doubtful]
    implied = np.asarray(quoted_values(ParRates(instruments), system.discount, system.projection))
    gaps = np.abs(implied - np.array([quote.value for quote in doubtful]))
    return dict(zip(doubtful, gaps.tolist(), strict=True))
