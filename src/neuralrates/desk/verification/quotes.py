"""QuantLib's helper of each quote, by the second code's own terms."""

from collections.abc import Callable
from typing import TypeAlias

import QuantLib as ql  # noqa: N813

from neuralrates.core.errors import RefusalError
from neuralrates.desk.verification.conventions import Terms, period, terms
from neuralrates.market.bootstrapping.quotes import Quote

Handle: TypeAlias = ql.YieldTermStructureHandle
_TWO_SWAPS = "fixed"
_TERM_OF = {"USD-FEDFUNDS": "USD-LIBOR-3M", "EUR-ESTR": "EUR-EURIBOR-6M"}


def against(quote: Quote) -> str | None:
    """The other floating rate of a basis swap, stated or usual; None for other quotes."""
    return (quote.against or _TERM_OF.get(quote.index)) if quote.kind == "basis" else None


def helper(quote: Quote, other: Handle, discount: Handle) -> ql.RateHelper:
    """Helper of a quote; make and use it within `evaluation_date`.

    Args:
        quote: as the market states it
        other: curve of the other rate of a basis swap
        discount: curve to discount swaps with; empty where it is the curve that is built

    Raises:
        RefusalError: for a kind of quote that is not written here
    """
    if quote.kind not in _HELPERS:
        raise RefusalError(f"QuantLib has nothing here for a quote of kind {quote.kind}")
    return _HELPERS[quote.kind](quote, terms(quote.index), discount, other)


def _rate(quote: Quote) -> ql.QuoteHandle:
    return ql.QuoteHandle(ql.SimpleQuote(quote.value))


def _deposit(quote: Quote, rule: Terms, _: Handle, __: Handle) -> ql.RateHelper:
    if not rule.overnight:
        return ql.DepositRateHelper(_rate(quote), rule.index())
    calendar, length = rule.index().fixingCalendar(), period(quote.tenor)
    return ql.DepositRateHelper(
        quote.value, length, 0, calendar, ql.Following, False, rule.floating_day_count
    )


def _future(quote: Quote, rule: Terms, _: Handle, __: Handle) -> ql.RateHelper:
    convexity = ql.QuoteHandle(ql.SimpleQuote(quote.convexity))
    if not rule.overnight:
        return ql.FuturesRateHelper(_rate(quote), future_dates(quote)[0], rule.index(), convexity)
    return ql.OvernightIndexFutureRateHelper(
        _rate(quote), *future_dates(quote), rule.index(), convexity
    )


def future_dates(quote: Quote) -> tuple[ql.Date, ql.Date]:
    """Reference quarter of a future: third Wednesday to third Wednesday; of a term rate the period that starts there.

    Source: CME Rulebook, chapter 460; ICE Futures Europe, Three Month Euribor Index Futures.
    """
    year, month = (int(part) for part in quote.start.split("-"))
    start = ql.Date.nthWeekday(3, ql.Wednesday, month, year)
    if not terms(quote.index).overnight:
        return start, terms(quote.index).calendar.advance(
            start, period(quote.tenor), ql.ModifiedFollowing, True
        )
    after = ql.Date(1, month, year) + period(quote.tenor)
    return start, ql.Date.nthWeekday(3, ql.Wednesday, after.month(), after.year())


def _fra(quote: Quote, rule: Terms, _: Handle, __: Handle) -> ql.RateHelper:
    return ql.FraRateHelper(_rate(quote), period(quote.start), rule.index())


def _ois(quote: Quote, rule: Terms, discount: Handle, _: Handle) -> ql.RateHelper:
    return ql.OISRateHelper(
        rule.spot_lag,
        period(quote.tenor),
        _rate(quote),
        rule.index(),
        discount,
        telescopicValueDates=True,
        paymentLag=rule.payment_lag,
        convention=ql.ModifiedFollowing,
        endOfMonth=False,
    )


def _swap(quote: Quote, rule: Terms, discount: Handle, _: Handle) -> ql.RateHelper:
    return _swap_helper(quote, quote.value, rule, discount)


def _swap_helper(quote: Quote, rate: float, rule: Terms, discount: Handle) -> ql.RateHelper:
    """The standard swap on an index, as long as a quote says."""
    return ql.SwapRateHelper(
        ql.QuoteHandle(ql.SimpleQuote(rate)),
        period(quote.tenor),
        rule.calendar,
        ql.Annual if rule.fixed_months == 12 else ql.Semiannual,
        ql.ModifiedFollowing,
        rule.fixed_day_count,
        rule.index(),
        ql.QuoteHandle(),
        ql.Period(0, ql.Days),
        discount,
        rule.spot_lag,
        ql.Pillar.LastRelevantDate,
        ql.Date(),
        False,
        False,
    )


def _basis(quote: Quote, rule: Terms, discount: Handle, other: Handle) -> ql.RateHelper:
    """Both rates at their own periods, an overnight one at those of the term rate.

    The spread is over the rate that the quote says, or over the one that is fixed more often.
    """
    name = against(quote)
    if name is None:
        raise RefusalError(f"the quote {quote.name} does not say against which rate")
    second = terms(name)
    if quote.spread_on == _TWO_SWAPS:
        return _of_two_swaps(quote, rule, second, discount, other)
    spread_is_own = quote.spread_on == quote.index
    if not quote.spread_on:
        spread_is_own = _fixed_after(rule) < _fixed_after(second)
    paid, received = (rule, second) if spread_is_own else (second, rule)
    curves = ((), (other,)) if spread_is_own else ((other,), ())
    given = (
        _rate(quote),
        period(quote.tenor),
        rule.spot_lag,
        received.calendar,
        ql.ModifiedFollowing,
        False,
        paid.index(*curves[0]),
        received.index(*curves[1]),
        discount,
    )
    if received.overnight:
        raise RefusalError(f"QuantLib has nothing here for the quote {quote.name}")
    if not paid.overnight:
        return ql.IborIborBasisSwapRateHelper(*given, spread_is_own, useIndexedCoupons=False)
    return ql.OvernightIborBasisSwapRateHelper(
        *given,
        bootstrapBaseCurve=spread_is_own,
        telescopicValueDates=True,
        useIndexedCoupons=False,
    )


def _of_two_swaps(
    quote: Quote, rule: Terms, second: Terms, discount: Handle, other: Handle
) -> ql.RateHelper:
    """The swap on the quote's own rate, at the rate of that on the other and the difference."""
    if not other:  # asked for its dates alone
        return _swap_helper(quote, quote.value, rule, discount)
    known = ql.MakeVanillaSwap(
        period(quote.tenor),
        second.index(other),
        0.0,
        ql.Period(0, ql.Days),
        settlementDays=second.spot_lag,
        fixedLegTenor=ql.Period(second.fixed_months, ql.Months),
        fixedLegDayCount=second.fixed_day_count,
        fixedLegCalendar=second.calendar,
        floatingLegCalendar=second.calendar,
        discountingTermStructure=discount,
    )
    longer = _fixed_after(rule) > _fixed_after(second)
    rate = known.fairRate() + (quote.value if longer else -quote.value)
    return _swap_helper(quote, rate, rule, discount)


def _fixed_after(rule: Terms) -> int:
    """Months after which a rate is fixed anew."""
    return 0 if rule.overnight else rule.floating_months


_HELPERS: dict[str, Callable[[Quote, Terms, Handle, Handle], ql.RateHelper]] = {
    "deposit": _deposit,
    "future": _future,
    "fra": _fra,
    "ois": _ois,
    "swap": _swap,
    "basis": _basis,
}
