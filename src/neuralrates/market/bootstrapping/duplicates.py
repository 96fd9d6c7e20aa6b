"""Quotes given more than once with different values: which one to believe."""

import datetime
from collections import Counter
from collections.abc import Sequence

import numpy as np

from neuralrates.market.bootstrapping.bootstrap import bootstrap
from neuralrates.market.bootstrapping.quotes import Quote
from neuralrates.market.bootstrapping.repricing import rate_errors

Quotes = Sequence[Quote]


def settle(
    valuation_date: datetime.date, discount: Quotes, projection: Quotes
) -> tuple[list[Quote], list[Quote], tuple[str, ...]]:
    """Each quote once.

    Of contradictory values the one is kept that is nearest to what the curves imply which the uncontradicted quotes build.

    Args:
        valuation_date: day on which time zero falls
        discount: quotes of the discount curve, some perhaps several times
        projection: quotes of the projection curves, or none

    Returns:
        Quotes of the discount curve and of the others, each once, and a note per contradiction.
    """
    given = list(dict.fromkeys([*discount, *projection]))
    names = Counter(quote.name for quote in given)
    doubtful = [quote for quote in given if names[quote.name] > 1]
    if not doubtful:
        return _of(discount, given), _of(projection, given), ()
    kept = [quote for quote in given if names[quote.name] == 1]
    distances = _distances(valuation_date, _of(discount, kept), _of(projection, kept), doubtful)
    notes = []
    groups: dict[str, list[Quote]] = {}
    for quote in doubtful:
        groups.setdefault(quote.name, []).append(quote)
    for name, rivals in groups.items():
        best = min(rivals, key=distances.__getitem__)
        others = ", ".join(f"{quote.value}" for quote in rivals if quote != best)
        notes.append(f"{name} is quoted more than once: {best.value} is used, not {others}")
        kept.append(best)
    return _of(discount, kept), _of(projection, kept), tuple(notes)


def _of(quotes: Quotes, kept: Quotes) -> list[Quote]:
    """Those kept, in the order given, each once."""
    among = set(kept)
    return [quote for quote in dict.fromkeys(quotes) if quote in among]


def _distances(
    valuation_date: datetime.date, discount: Quotes, projection: Quotes, doubtful: Quotes
) -> dict[Quote, float]:
    """Distance of each doubtful quote from the value that the other quotes imply."""
    system = bootstrap(valuation_date, discount, projection)
    gaps = np.abs(rate_errors(valuation_date, system, doubtful))
    return dict(zip(doubtful, gaps.tolist(), strict=True))
