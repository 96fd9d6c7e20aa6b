"""QuantLib's rate helper of each quote: its dates, its conventions, its implied value on a curve."""

from collections.abc import Callable
from typing import TypeAlias

import QuantLib as ql  # noqa: N813

from neuralrates.conventions import (
    SwapConvention,
    quantlib_calendar,
    quantlib_day_count,
    quantlib_roll_rule,
    swap_convention,
)
from neuralrates.core.errors import CalibrationError, InputError
from neuralrates.market.bootstrapping.quotes import Quote

Handle: TypeAlias = ql.RelinkableYieldTermStructureHandle

_INDICES: dict[str, Callable[..., ql.InterestRateIndex]] = {
    "USD-SOFR": ql.Sofr,
    "USD-FEDFUNDS": ql.FedFunds,
    "EUR-ESTR": ql.Estr,
    "EUR-EONIA": ql.Eonia,
    "GBP-SONIA": ql.Sonia,
    "EUR-EURIBOR-6M": ql.Euribor6M,
    "USD-LIBOR-3M": lambda *curve: ql.USDLibor(ql.Period(3, ql.Months), *curve),
}


def convention(index: str) -> SwapConvention:
    """Convention of the standard swap on an index that curves can be built from."""
    if index not in _INDICES:
        raise InputError(f"expected an index among {', '.join(_INDICES)}, found {index!r}")
    return swap_convention(index)


def quantlib_index(index: str) -> ql.InterestRateIndex:
    """QuantLib's index of this name, without a forecasting curve."""
    return _INDICES[index]()


def known_curve_indices() -> tuple[str, ...]:
    """Names of the indices that curves can be built from."""
    return tuple(_INDICES)


def rate_helper(
    quote: Quote, discount: Handle | None = None, projection: Handle | None = None
) -> ql.RateHelper:
    """QuantLib's helper of a quote; the evaluation date must have been set.

    Args:
        quote: the quote
        discount: curve to discount with, where it is not the curve that is being built
        projection: curve of the term rate, where an overnight curve is built from basis swaps

    Returns:
        The helper.

    Raises:
        CalibrationError: for a quote that its index does not have
    """
    handles = {"discount": discount or Handle(), "projection": projection or Handle()}
    rule = convention(quote.index)
    _check_exists(quote, rule)
    try:
        return _HELPERS[quote.kind](quote, rule, **handles)
    except RuntimeError as problem:
        raise CalibrationError(f"quote {quote.name} has no schedule: {problem}") from None


def _check_exists(quote: Quote, rule: SwapConvention) -> None:
    kinds = ("deposit", "ois", "future", "basis") if rule.overnight else ("deposit", "fra", "swap")
    own = {} if rule.overnight else dict.fromkeys(("deposit", "fra"), f"{rule.floating_months}M")
    tenors = own | {"future": "3M"}
    if quote.kind not in kinds or (quote.kind == "basis" and quote.index not in TERM_INDEX):
        raise CalibrationError(f"quote {quote.name}: expected one of {', '.join(kinds)}")
    if quote.tenor != tenors.get(quote.kind, quote.tenor):
        raise CalibrationError(f"quote {quote.name}: expected the tenor {tenors[quote.kind]}")


def _deposit(quote: Quote, rule: SwapConvention, **_: Handle) -> ql.RateHelper:
    index = quantlib_index(quote.index)
    if not rule.overnight:
        return ql.DepositRateHelper(ql.QuoteHandle(ql.SimpleQuote(quote.value)), index)
    calendar, tenor = index.fixingCalendar(), ql.Period(quote.tenor)
    day_count = quantlib_day_count(rule.floating_day_count)
    return ql.DepositRateHelper(quote.value, tenor, 0, calendar, ql.Following, False, day_count)


def _ois(quote: Quote, rule: SwapConvention, discount: Handle, **_: Handle) -> ql.RateHelper:
    return ql.OISRateHelper(
        rule.spot_lag,
        ql.Period(quote.tenor),
        quote.value,
        quantlib_index(quote.index),
        discount,
        telescopicValueDates=True,
        paymentLag=rule.payment_lag,
        convention=quantlib_roll_rule(rule.roll_rule),
        endOfMonth=False,
    )


def _future(quote: Quote, rule: SwapConvention, **_: Handle) -> ql.RateHelper:
    start, end = future_period(quote)
    return ql.OvernightIndexFutureRateHelper(
        ql.QuoteHandle(ql.SimpleQuote(quote.value)),
        start,
        end,
        quantlib_index(quote.index),
        ql.QuoteHandle(ql.SimpleQuote(quote.convexity)),
    )


def future_period(quote: Quote) -> tuple[ql.Date, ql.Date]:
    """Reference quarter of a three-month future: from third Wednesday to third Wednesday.

    Source: CME Rulebook, chapter 460 (Three-Month SOFR futures).
    """
    first = ql.Date(1, int(quote.start[5:]), int(quote.start[:4]))
    months = (first, first + ql.Period(quote.tenor))
    return tuple(ql.Date.nthWeekday(3, ql.Wednesday, day.month(), day.year()) for day in months)


def _fra(quote: Quote, rule: SwapConvention, **_: Handle) -> ql.RateHelper:
    return ql.FraRateHelper(quote.value, ql.Period(quote.start), quantlib_index(quote.index))


def _swap(quote: Quote, rule: SwapConvention, discount: Handle, **_: Handle) -> ql.RateHelper:
    return ql.SwapRateHelper(
        ql.QuoteHandle(ql.SimpleQuote(quote.value)),
        ql.Period(quote.tenor),
        quantlib_calendar(rule.calendar),
        ql.Period(rule.fixed_months, ql.Months).frequency(),
        quantlib_roll_rule(rule.roll_rule),
        quantlib_day_count(rule.fixed_day_count),
        quantlib_index(quote.index),
        ql.QuoteHandle(),
        ql.Period(0, ql.Days),
        discount,
        rule.spot_lag,
        ql.Pillar.LastRelevantDate,
        ql.Date(),
        False,
        False,
    )


def _basis(quote: Quote, rule: SwapConvention, projection: Handle, **_: Handle) -> ql.RateHelper:
    """Overnight rate plus spread against LIBOR, both quarterly, the overnight leg compounded."""
    term = TERM_INDEX[quote.index]
    return ql.OvernightIborBasisSwapRateHelper(
        ql.QuoteHandle(ql.SimpleQuote(quote.value)),
        ql.Period(quote.tenor),
        rule.spot_lag,
        quantlib_calendar(convention(term).calendar),
        quantlib_roll_rule(rule.roll_rule),
        False,
        quantlib_index(quote.index),
        _INDICES[term](projection),
        bootstrapBaseCurve=True,
        telescopicValueDates=True,
        useIndexedCoupons=False,
    )


TERM_INDEX = {"USD-FEDFUNDS": "USD-LIBOR-3M", "EUR-ESTR": "EUR-EURIBOR-6M"}
"""Term rate that the basis swaps of an overnight rate are quoted against."""

_HELPERS: dict[str, Callable[..., ql.RateHelper]] = {
    "deposit": _deposit,
    "ois": _ois,
    "future": _future,
    "fra": _fra,
    "swap": _swap,
    "basis": _basis,
}
