"""Quotes that a curve leaves out: each must have a reason that the second code finds again."""

from collections.abc import Sequence
from dataclasses import dataclass

import QuantLib as ql  # noqa: N813

from neuralrates.core.errors import RefusalError
from neuralrates.desk.verification.conventions import period
from neuralrates.desk.verification.quotes import future_dates, helper
from neuralrates.market.bootstrapping.quotes import Quote
from neuralrates.market.curves.curve_system import CurveSystem

_FUTURES_UNTIL = "2Y"
_FIRST_TO_LAST = ("deposit", "fra", "ois", "swap", "basis")


def check_left_out(curves: CurveSystem, today: ql.Date) -> None:
    """Raise unless futures end as early as the market says, and every quote left out is overlapped by one that is used.

    A quote may give way to one that ends on the same day, to one that ends later of a kind before it among deposits, FRAs,
    OIS, swaps and basis swaps, and to a future in whose quarter it ends; a future to another one that it overlaps, to a deposit
    or FRA that ends no earlier, or because it has begun or ends too late. Call it within `evaluation_date`.

    Args:
        curves: with the quotes used and left out, and until when futures are used
        today: valuation date

    Raises:
        RefusalError: naming the quote
    """
    limit = today + period(curves.futures_until or _FUTURES_UNTIL)
    used = [_Spanned.of(quote, today) for quote in curves.quotes]
    for one in used:
        if one.quote.kind == "future" and one.end > limit:
            raise RefusalError(f"the future {one.quote.name} is used, and ends after {limit.ISO()}")
    for quote in curves.unused:
        one = _Spanned.of(quote, today)
        same = [other for other in used if other.quote.index == quote.index]
        known = quote.kind == "future" and (one.start < today or one.end > limit)
        if not known and not one.overlapped(same):
            raise RefusalError(f"the quote {quote.name} is left out, and nothing overlaps it")


@dataclass(frozen=True)
class _Spanned:
    """A quote with its first and last date."""

    quote: Quote
    start: ql.Date
    end: ql.Date

    @classmethod
    def of(cls, quote: Quote, today: ql.Date) -> "_Spanned":
        if quote.kind == "future":
            return cls(quote, *future_dates(quote))
        nothing = ql.YieldTermStructureHandle()
        return cls(quote, today, helper(quote, nothing, nothing).pillarDate())

    def overlapped(self, used: Sequence["_Spanned"]) -> bool:
        futures = [one for one in used if one.quote.kind == "future"]
        if self.quote.kind == "future":
            beside = any(one.start < self.end and self.start < one.end for one in futures)
            return beside or any(
                one.end >= self.end for one in used if one.quote.kind in ("deposit", "fra")
            )
        before = _FIRST_TO_LAST[: _FIRST_TO_LAST.index(self.quote.kind)]
        return any(
            (one.start < self.end <= one.end)
            if one.quote.kind == "future"
            else one.end == self.end or (one.quote.kind in before and one.end > self.end)
            for one in used
        )
