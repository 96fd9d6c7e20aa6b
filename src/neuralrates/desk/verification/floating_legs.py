"""Basis swaps and floating coupons of several resets by QuantLib's coupons, from the fields on."""

from types import SimpleNamespace
from typing import Any

import QuantLib as ql  # noqa: N813

from neuralrates.core.errors import RefusalError
from neuralrates.desk.verification.conventions import Terms, terms
from neuralrates.desk.verification.curves import QuantLibCurves
from neuralrates.desk.verification.fixings import index_with, known_fixings
from neuralrates.desk.verification.swap import (
    SIGNS,
    QuantLibSwap,
    floating_coupons,
    regular_schedule,
    stated_schedule,
)
from neuralrates.trades.basis_swap import BasisSwapTrade
from neuralrates.trades.compounding_swap import CompoundingSwapTrade

_NAMES = ("previous_fixing", "current_fixing", "next_fixing")
_UNSTATED_MONTHS = 3


def basis_value(trade: BasisSwapTrade, curves: QuantLibCurves, today: ql.Date) -> float:
    """Value to the holder per unit notional; use it within `evaluation_date`."""
    rates = (trade.index, trade.second_index)
    legs = []
    for number, rate in enumerate(rates):
        rule, other = terms(rate), terms(rates[1 - number])
        if rate not in curves.by_index:
            raise RefusalError(f"the market has no curve of {rate}")
        handle = curves.by_index[rate]
        legs.append(_leg(_fields(trade, number), rule, other, rule.index(handle), curves, today))
    paid = 1.0 if trade.side == "receiver" else -1.0
    return paid * (legs[0] - legs[1])


def _fields(trade: BasisSwapTrade, number: int) -> SimpleNamespace:
    """Fields of one leg by the names that a swap's floating leg has."""
    before = "second_" if number else ""
    own: dict[str, Any] = {name: getattr(trade, before + name) for name in _NAMES}
    for name in ("dates", "day_count", "notionals"):
        own[f"floating_{name}"] = getattr(trade, f"{before or 'floating_'}{name}")
    for name in ("frequency", "spread", "spreads"):
        own[name] = getattr(trade, before + name)
    shared = ("notional", "start_date", "maturity_date", "stub", "payment_lag", "projection")
    return SimpleNamespace(**own, **{name: getattr(trade, name) for name in shared})


def _leg(
    fields: SimpleNamespace,
    rule: Terms,
    other: Terms,
    index: ql.InterestRateIndex,
    curves: QuantLibCurves,
    today: ql.Date,
) -> float:
    schedule = stated_schedule(fields.floating_dates)
    if schedule is None:
        schedule = regular_schedule(fields, rule, _months(fields.frequency, rule, other))
    weights = [one / fields.notional for one in fields.floating_notionals or (fields.notional,)]
    indexed = fields.projection == "index" and not rule.overnight
    coupons = floating_coupons(fields, rule, index, schedule, weights, indexed)
    if coupons[-1].date() <= today:
        raise RefusalError(f"everything is paid by {today.ISO()}")
    with index_with(index, known_fixings(fields, coupons, index, today)):
        return ql.CashFlows.npv(coupons, curves.discount, False)


def _months(frequency: str | None, rule: Terms, other: Terms) -> int:
    """Months of a period: as stated, or the index's; beside an overnight rate those of the other leg."""
    if frequency:
        return _length(frequency)
    if not rule.overnight:
        return rule.floating_months
    return _UNSTATED_MONTHS if other.overnight else other.floating_months


def compounding_value(
    trade: CompoundingSwapTrade, swap: QuantLibSwap, curves: QuantLibCurves, today: ql.Date
) -> float:
    """Value to the holder per unit notional; use it within `evaluation_date`.

    Each reset's rate is that of a coupon of QuantLib's, and the coupon is compounded from them by the words of the method.
    """
    resets = swap.floating
    months = terms(trade.index).floating_months
    each = (
        len(resets)
        if trade.payment_frequency == "once"
        else _length(trade.payment_frequency) // months
    )
    first = len(resets) % each if trade.stub == "short front" else 0
    edges = sorted({0, len(resets), *range(first, len(resets), each)})
    known, paid = list(trade.known_resets or ()), 0.0
    for begin, end in zip(edges, edges[1:], strict=False):
        coupon = resets[begin:end]
        if coupon[-1].date() <= today:
            continue
        stated, known = known[: len(coupon)], known[len(coupon) :]
        index = coupon[0].index()
        days = [one.fixingDate() for one in coupon]
        _check_stated(days, stated, today)
        with index_with(index, dict(zip(days, stated, strict=False))):
            amount = _amount(trade.compounding, coupon)
        paid += coupon[0].nominal() * amount * curves.discount.discount(coupon[-1].date())
    if known:
        raise RefusalError("more resets are stated than are fixed")
    return SIGNS[trade.side] * (ql.CashFlows.npv(swap.fixed, curves.discount, False) - paid)


def _length(tenor: str) -> int:
    period = ql.Period(tenor)
    return period.length() * (12 if period.units() == ql.Years else 1)


def _check_stated(days: list[ql.Date], stated: list[float], today: ql.Date) -> None:
    if any(one < today for one in days[len(stated) :]):
        raise RefusalError("the rate of a reset is fixed and not stated")
    if any(one > today for one in days[: len(stated)]):
        raise RefusalError("the rate of a reset is stated and not fixed")


def _amount(method: str, coupon: list) -> float:
    """Interest of a coupon on a unit, by the words of the method: a balance and what each reset adds to it."""
    balance, simple = 0.0, 0.0
    for reset in coupon:
        spread, accrual = reset.spread(), reset.accrualPeriod()
        rate = reset.rate() - spread
        match method:
            case "averaged":
                simple += (rate + spread) * accrual
            case "spread exclusive":
                balance += (1.0 + balance) * rate * accrual
                simple += spread * accrual
            case "straight":
                balance += (1.0 + balance) * (rate + spread) * accrual
            case "flat":
                balance += (rate + spread) * accrual + balance * rate * accrual
    return balance + simple
