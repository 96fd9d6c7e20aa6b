"""A swap that is held, leg by leg: one leg alone, or legs that pay once what QuantLib's coupons compound to."""

import QuantLib as ql  # noqa: N813

from neuralrates.core.errors import RefusalError
from neuralrates.desk.verification.swap import SIGNS, QuantLibSwap
from neuralrates.trades.swap_trade import SwapTrade
from neuralrates.trades.trade import AbstractTrade


def held_value(
    trade: AbstractTrade, swap: QuantLibSwap, curve: ql.YieldTermStructureHandle
) -> float:
    """Value of the swap of a trade to its holder, per unit notional; use it where the index has its fixings."""
    if not isinstance(trade, SwapTrade):
        return SIGNS[trade.side] * swap.value(curve)
    once = trade.zero_coupon
    received = (
        _worth(swap.fixed, curve, once=once in ("fixed", "both"))
        if trade.leg != "floating"
        else 0.0
    )
    compounds = once in ("floating", "both") and not swap.terms.overnight
    paid = _worth(swap.floating, curve, once=compounds) if trade.leg != "fixed" else 0.0
    return SIGNS[trade.side] * (received - paid)


def _worth(leg: list, curve: ql.YieldTermStructureHandle, *, once: bool) -> float:
    if not once:
        return ql.CashFlows.npv(leg, curve, False) if leg else 0.0
    last, growth = leg[-1].date(), 1.0
    for coupon in leg:
        begun = coupon.accrualStartDate() <= curve.referenceDate()
        if begun and ql.as_floating_rate_coupon(coupon) is not None:
            raise RefusalError("a compounding leg has begun")
        growth *= 1.0 + coupon.rate() * coupon.accrualPeriod()
    if last <= curve.referenceDate():
        return 0.0
    return float(leg[0].nominal() * (growth - 1.0) * curve.discount(last))
