"""Quotes that a curve leaves out: each must have a reason that the second code finds again."""

import QuantLib as ql  # noqa: N813

from neuralrates.core.errors import RefusalError
from neuralrates.market.curve_system import CurveSystem
from neuralrates.market.quotes import Quote
from neuralrates.serving.quantlib_quotes import helper

_FUTURES_TO = ql.Period(27, ql.Months)
"""Two years of futures, the last of them begun before."""

_SHORT = ("deposit", "future", "fra")


def check_left_out(curves: CurveSystem, today: ql.Date) -> None:
    """Raise unless every quote left out is a future, or is overlapped by quotes that come before it.

    A swap may give way to deposits, FRAs and futures; to futures only as far as these stand for forward rates without much
    convexity. Call it within `evaluation_date`.

    Args:
        curves: with the quotes used and left out
        today: valuation date

    Raises:
        RefusalError: naming the quote
    """
    ends = {quote: _end(quote) for quote in (*curves.quotes, *curves.unused)}
    for quote in curves.unused:
        if quote.kind == "future":
            continue
        same = [one for one in curves.quotes if one.index == quote.index]
        before = [one for one in same if one.kind in _SHORT and ends[one] >= ends[quote]]
        before += [one for one in same if ends[one] == ends[quote]]
        if not before:
            raise RefusalError(f"the quote {quote.name} is left out, and nothing overlaps it")
        far = ends[quote] > today + _FUTURES_TO
        if far and all(one.kind == "future" for one in before):
            raise RefusalError(f"the quote {quote.name} is left out for futures beyond two years")


def _end(quote: Quote) -> ql.Date:
    nothing = ql.YieldTermStructureHandle()
    return helper(quote, nothing, nothing).pillarDate()
