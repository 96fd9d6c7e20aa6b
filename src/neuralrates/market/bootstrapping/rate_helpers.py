"""QuantLib's rate helper of each quote: its dates, its conventions, its implied value on a curve."""

import dataclasses
from collections.abc import Callable, Sequence
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
from neuralrates.market.bootstrapping.quotes import FIXED, Quote

Handle: TypeAlias = ql.RelinkableYieldTermStructureHandle


def _term(family: Callable[..., ql.IborIndex], months: int) -> Callable[..., ql.IborIndex]:
    return lambda *curve: family(ql.Period(months, ql.Months), *curve)


_INDICES: dict[str, Callable[..., ql.InterestRateIndex]] = {
    "USD-SOFR": ql.Sofr,
    "USD-FEDFUNDS": ql.FedFunds,
    "EUR-ESTR": ql.Estr,
    "EUR-EONIA": ql.Eonia,
    "GBP-SONIA": ql.Sonia,
    **{f"EUR-EURIBOR-{months}M": _term(ql.Euribor, months) for months in (1, 3, 6, 12)},
    **{f"USD-LIBOR-{months}M": _term(ql.USDLibor, months) for months in (1, 3, 6, 12)},
    **{f"GBP-LIBOR-{months}M": _term(ql.GBPLibor, months) for months in (3, 6)},
}


_FUTURES_MONTHS = 3
"""Period of the term rates that futures are on."""


def convention(index: str) -> SwapConvention:
    """Convention of the standard swap on an index that curves can be built from."""
    if index not in _INDICES:
        raise InputError(f"expected an index among {', '.join(_INDICES)}, found {index!r}")
    return swap_convention(index)


def quantlib_index(index: str) -> ql.InterestRateIndex:
    """QuantLib's index of this name, without a forecasting curve."""
    return _INDICES[index]()


def standard_swap(quote: Quote) -> ql.Swap:
    """The standard swap on the index of a quote, of its tenor; the evaluation date must have been set."""
    swap = dataclasses.replace(quote, kind="swap", against="", spread_on="")
    return rate_helper(swap).swap()


def known_curve_indices() -> tuple[str, ...]:
    """Names of the indices that curves can be built from."""
    return tuple(_INDICES)


def rate_helper(
    quote: Quote, discount: Handle | None = None, against: Handle | None = None
) -> ql.RateHelper:
    """QuantLib's helper of a quote; the evaluation date must have been set.

    Args:
        quote: the quote
        discount: curve to discount with, where it is not the curve that is being built
        against: curve of the other rate of a basis swap

    Returns:
        The helper.

    Raises:
        CalibrationError: for a quote that its index does not have
    """
    handles = {"discount": discount or Handle(), "against": against or Handle()}
    rule = convention(quote.index)
    _check_exists(quote, rule)
    try:
        return _HELPERS[quote.kind](quote, rule, **handles)
    except RuntimeError as problem:
        raise CalibrationError(f"quote {quote.name} has no schedule: {problem}") from None


def _check_exists(quote: Quote, rule: SwapConvention) -> None:
    kinds = ["deposit", "ois", "future", "basis"]
    if not rule.overnight:
        futures = ["future"] * (rule.floating_months == _FUTURES_MONTHS)
        kinds = ["deposit", *futures, "fra", "swap", "basis"]
    own = {} if rule.overnight else dict.fromkeys(("deposit", "fra"), f"{rule.floating_months}M")
    tenors = own | {"future": "3M"}
    if quote.kind not in kinds:
        raise CalibrationError(f"quote {quote.name}: expected one of {', '.join(kinds)}")
    if quote.tenor != tenors.get(quote.kind, quote.tenor):
        raise CalibrationError(f"quote {quote.name}: expected the tenor {tenors[quote.kind]}")
    if quote.kind == "basis":
        basis_rates(quote)


def other_rate(quote: Quote) -> str:
    """The rate that a basis swap is quoted against.

    Raises:
        CalibrationError: where it is not stated and the index has no usual one, or is none that we know
    """
    found = quote.against or TERM_INDEX.get(quote.index)
    if found is None:
        raise CalibrationError(
            f"quote {quote.name}: expected `against`, the other floating rate, found none"
        )
    if found not in _INDICES:
        known = ", ".join(_INDICES)
        raise CalibrationError(f"quote {quote.name}: expected `against` one of {known}")
    return found


def basis_rates(quote: Quote) -> tuple[str, str]:
    """Of a basis swap the rate that its spread is paid over, and the other: unless stated that of the shorter period.

    Two swaps count as paying the spread over the rate of the shorter period.

    Raises:
        CalibrationError: for two rates that no basis swap is quoted between here
    """
    rates = quote.index, other_rate(quote)
    rules = [convention(rate) for rate in rates]
    overnight = [rule.overnight for rule in rules]
    if all(overnight) or rules[0].currency != rules[1].currency:
        raise CalibrationError(
            f"quote {quote.name}: expected a term rate against another rate of its currency, found {rates[1]}"
        )
    lengths = [0 if rule.overnight else rule.floating_months for rule in rules]
    shorter = rates[lengths.index(min(lengths))]
    spread_on = quote.spread_on or shorter
    if spread_on == FIXED and not any(overnight):
        _check_fixed_legs_alike(quote, rules)
        spread_on = shorter
    if spread_on not in rates or (any(overnight) and spread_on != shorter):
        known = shorter if any(overnight) else " or ".join((*rates, FIXED))
        raise CalibrationError(
            f"quote {quote.name}: expected `spread_on` {known}, found {spread_on}"
        )
    return (rates[0], rates[1]) if spread_on == rates[0] else (rates[1], rates[0])


def _check_fixed_legs_alike(quote: Quote, rules: Sequence[SwapConvention]) -> None:
    legs = {(rule.fixed_months, rule.fixed_day_count, rule.calendar) for rule in rules}
    if len(legs) > 1:
        raise CalibrationError(
            f"quote {quote.name}: expected two swaps with the same fixed leg where `spread_on` is {FIXED}"
        )


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
    price, start, end, convexity = quote.value, *future_period(quote), quote.convexity
    index = quantlib_index(quote.index)
    given = [ql.QuoteHandle(ql.SimpleQuote(number)) for number in (price, convexity)]
    if rule.overnight:
        return ql.OvernightIndexFutureRateHelper(given[0], start, end, index, given[1])
    return ql.FuturesRateHelper(given[0], start, index, given[1])


def future_period(quote: Quote) -> tuple[ql.Date, ql.Date]:
    """Period of the rate of a three-month future: its reference quarter; of a term rate that of the index from its start on."""
    start, end = reference_quarter(quote)
    if convention(quote.index).overnight:
        return start, end
    return start, quantlib_index(quote.index).maturityDate(start)


def reference_quarter(quote: Quote) -> tuple[ql.Date, ql.Date]:
    """Reference quarter of a three-month future: from third Wednesday to third Wednesday.

    Source: CME Rulebook, chapter 460 (Three-Month SOFR futures); ICE Futures Europe, Three Month Euribor Index Futures.
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


def _basis(quote: Quote, rule: SwapConvention, discount: Handle, against: Handle) -> ql.RateHelper:
    """One rate plus spread against another, each at the periods of its index; an overnight one compounded over the other's."""
    paid, received = basis_rates(quote)
    indices = [
        _INDICES[rate]() if rate == quote.index else _INDICES[rate](against)
        for rate in (paid, received)
    ]
    term = convention(received)
    shared = (
        ql.QuoteHandle(ql.SimpleQuote(quote.value)),
        ql.Period(quote.tenor),
        rule.spot_lag,
        quantlib_calendar(term.calendar),
        quantlib_roll_rule(rule.roll_rule),
        False,
        *indices,
        discount,
    )
    own = paid == quote.index
    if not convention(paid).overnight:
        return ql.IborIborBasisSwapRateHelper(*shared, own, useIndexedCoupons=False)
    return ql.OvernightIborBasisSwapRateHelper(
        *shared, bootstrapBaseCurve=own, telescopicValueDates=True, useIndexedCoupons=False
    )


TERM_INDEX: dict[str, str] = {"USD-FEDFUNDS": "USD-LIBOR-3M", "EUR-ESTR": "EUR-EURIBOR-6M"}
"""Term rate that the basis swaps of an overnight rate are quoted against where they say nothing else."""

_HELPERS: dict[str, Callable[..., ql.RateHelper]] = {
    "deposit": _deposit,
    "ois": _ois,
    "future": _future,
    "fra": _fra,
    "swap": _swap,
    "basis": _basis,
}
