"""Which of several overlapping quotes a curve is built from."""

from collections.abc import Sequence

import QuantLib as ql  # noqa: N813

from neuralrates.market.quotes import QUOTE_KINDS, Quote
from neuralrates.market.rate_helpers import future_period, rate_helper

_ORDER = {
    kind: place for place, kind in enumerate(("deposit", "future", "fra", "ois", "swap", "basis"))
}
assert set(_ORDER) == set(QUOTE_KINDS)


def select(today: ql.Date, quotes: Sequence[Quote]) -> tuple[tuple[Quote, ...], tuple[Quote, ...]]:
    """Quotes that build a curve, and those left out.

    Quotes are taken by kind (deposits, futures, FRAs, OIS, swaps, basis swaps) and within a kind from short to long. One is
    used if it ends after all those used before it; a future, moreover, only if its reference quarter begins neither before
    the valuation date (part of its rate is then known) nor before the end of the previous future used. So futures replace
    the swaps that end before the last of them, and of serial futures one chain remains.

    Args:
        today: valuation date, also QuantLib's evaluation date
        quotes: quotes of one index

    Returns:
        Used quotes in order of their end, and unused quotes.
    """
    used: list[Quote] = []
    unused: list[Quote] = []
    last = free = today
    for quote in sorted(quotes, key=lambda q: (_ORDER[q.kind], _end(q).serialNumber())):
        ok = _end(quote) > last and (quote.kind != "future" or future_period(quote)[0] >= free)
        (used if ok else unused).append(quote)
        last = _end(quote) if ok else last
        free = last if ok and quote.kind == "future" else free
    return tuple(used), tuple(unused)


def _end(quote: Quote) -> ql.Date:
    return rate_helper(quote).pillarDate()
