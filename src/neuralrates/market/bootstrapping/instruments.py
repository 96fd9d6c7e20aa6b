"""Quotes resolved to flows in years: what a quote says about discount factors, without dates."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import QuantLib as ql  # noqa: N813

from neuralrates.conventions import quantlib_day_count
from neuralrates.market.bootstrapping.quotes import FIXED, Quote
from neuralrates.market.bootstrapping.rate_helpers import (
    basis_rates,
    convention,
    future_period,
    quantlib_index,
    standard_swap,
)

_DAY_COUNT = ql.Actual365Fixed()


@dataclass(frozen=True)
class FloatingFlow:
    """Weight times $P(s)/P(e) - 1$ on the curve of `index`, paid at `payment`; all times in years."""

    start: float
    end: float
    payment: float
    weight: float
    index: str


@dataclass(frozen=True)
class FixedFlow:
    """Weight (a year fraction) times the rate, paid at `payment`."""

    payment: float
    weight: float


@dataclass(frozen=True)
class Instrument:
    """A quote as flows: its rate is the worth of the floating flows over that of the fixed ones.

    Args:
        quote: the quote
        floating: floating flows, a negative weight where paid
        fixed: fixed flows
        scale: quoted value per unit of rate
        shift: quoted value at a rate of zero
    """

    quote: Quote
    floating: tuple[FloatingFlow, ...]
    fixed: tuple[FixedFlow, ...]
    scale: float = 1.0
    shift: float = 0.0


def resolve(quote: Quote, helper: ql.RateHelper, today: ql.Date) -> Instrument:
    """Flows of a quote, from the schedule of its QuantLib helper.

    Args:
        quote: the quote
        helper: its helper
        today: valuation date

    Returns:
        The instrument; times are Act/365F from the valuation date.
    """

    def time(date: ql.Date) -> float:
        return _DAY_COUNT.yearFraction(today, date)

    return _RESOLVERS[quote.kind](quote, helper, time)


_Time = Callable[[ql.Date], float]


def _single(
    quote: Quote, dates: tuple[ql.Date, ql.Date], time: _Time, **terms: float
) -> Instrument:
    """One forward rate, paid at the end of its period: the discount factor cancels."""
    rule = convention(quote.index)
    accrual = quantlib_day_count(rule.floating_day_count).yearFraction(*dates)
    start, end = map(time, dates)
    flow = FloatingFlow(start, end, end, 1.0, quote.index)
    return Instrument(quote, (flow,), (FixedFlow(end, accrual),), **terms)


def _deposit(quote: Quote, helper: ql.RateHelper, time: _Time) -> Instrument:
    return _single(quote, (helper.earliestDate(), helper.pillarDate()), time)


def _fra(quote: Quote, helper: ql.RateHelper, time: _Time) -> Instrument:
    """The index's own fixing: its value date may fall after the FRA's start."""
    index = quantlib_index(quote.index)
    start = index.valueDate(index.fixingDate(helper.earliestDate()))
    return _single(quote, (start, index.maturityDate(start)), time)


def _future(quote: Quote, helper: ql.RateHelper, time: _Time) -> Instrument:
    shift = 100.0 * (1.0 - quote.convexity)
    return _single(quote, future_period(quote), time, scale=-100.0, shift=shift)


def _floating(
    leg: Sequence[ql.CashFlow], time: _Time, sign: float, index: str
) -> tuple[FloatingFlow, ...]:
    coupons = map(ql.as_coupon, leg)
    return tuple(
        FloatingFlow(
            time(coupon.accrualStartDate()),
            time(coupon.accrualEndDate()),
            time(coupon.date()),
            sign,
            index,
        )
        for coupon in coupons
    )


def _fixed(leg: Sequence[ql.CashFlow], time: _Time) -> tuple[FixedFlow, ...]:
    coupons = map(ql.as_coupon, leg)
    return tuple(FixedFlow(time(coupon.date()), coupon.accrualPeriod()) for coupon in coupons)


def _swap(quote: Quote, helper: ql.RateHelper, time: _Time) -> Instrument:
    swap = helper.swap()
    return Instrument(
        quote, _floating(swap.leg(1), time, 1.0, quote.index), _fixed(swap.leg(0), time)
    )


def _basis(quote: Quote, helper: ql.RateHelper, time: _Time) -> Instrument:
    swap = helper.swap()
    with_spread, other = basis_rates(quote)
    paid = _floating(swap.leg(0), time, -1.0, with_spread)
    received = _floating(swap.leg(1), time, 1.0, other)
    if quote.spread_on == FIXED:
        return Instrument(quote, received + paid, _fixed(standard_swap(quote).leg(0), time))
    return Instrument(quote, received + paid, _fixed(swap.leg(0), time))


_RESOLVERS: dict[str, Callable[[Quote, ql.RateHelper, _Time], Instrument]] = {
    "deposit": _deposit,
    "fra": _fra,
    "future": _future,
    "ois": _swap,
    "swap": _swap,
    "basis": _basis,
}
