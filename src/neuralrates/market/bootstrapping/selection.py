"""Which of several overlapping quotes a curve is built from."""

from collections.abc import Sequence

import QuantLib as ql  # noqa: N813

from neuralrates.market.bootstrapping.quotes import QUOTE_KINDS, Quote
from neuralrates.market.bootstrapping.rate_helpers import (
    future_period,
    rate_helper,
    reference_quarter,
)

_ORDER = {
    kind: place for place, kind in enumerate(("deposit", "future", "fra", "ois", "swap", "basis"))
}
assert set(_ORDER) == set(QUOTE_KINDS)


FUTURES_UNTIL = "2Y"
"""How far futures go where nothing else is said: beyond it swaps are the more liquid, and convexity counts."""


def select(
    today: ql.Date, quotes: Sequence[Quote], futures_until: str = FUTURES_UNTIL
) -> tuple[tuple[Quote, ...], tuple[Quote, ...]]:
    """Quotes that build a curve, and those left out.

    Quotes are taken by kind (deposits, FRAs, OIS, swaps, basis swaps) and within a kind from short to long; one is used if it
    ends after all those used before it. Futures form one chain: each begins neither before the valuation date (part of its
    rate is then known) nor before the end of the previous one, ends after the deposits, and ends within `futures_until` of
    the valuation date. A swap is displaced by futures only where it ends inside the quarter of one of them.

    Args:
        today: valuation date, also QuantLib's evaluation date
        quotes: quotes of one index
        futures_until: tenor from the valuation date by which a future must end to be used

    Returns:
        Used quotes in order of their end, and unused quotes.
    """
    ordered = sorted(quotes, key=lambda q: (_ORDER[q.kind], _end(q).serialNumber()))
    chain: list[Quote] = []
    others: list[Quote] = []
    last = free = today
    for quote in ordered:
        end = _end(quote)
        if quote.kind == "future":
            start = future_period(quote)[0]
            if start >= free and last < end <= today + ql.Period(futures_until):
                chain.append(quote)
                free = reference_quarter(quote)[1]  # a term rate may end days after it
        elif end > last and not any(start < end <= stop for start, stop in _periods(chain)):
            others.append(quote)
            last = end
    used = sorted([*chain, *others], key=_end)
    return tuple(used), tuple(quote for quote in ordered if quote not in used)


def _periods(futures: Sequence[Quote]) -> list[tuple[ql.Date, ql.Date]]:
    return [(future_period(quote)[0], _end(quote)) for quote in futures]


def _end(quote: Quote) -> ql.Date:
    return rate_helper(quote).pillarDate()
