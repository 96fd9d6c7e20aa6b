"""Dated swaps: whole, of one leg alone, or with legs that pay once, at maturity."""

import datetime
from dataclasses import replace
from typing import Literal

from neuralrates.core.errors import InputError
from neuralrates.trades.dating import DatedSwap
from neuralrates.trades.fields import Rate
from neuralrates.trades.fixings import Fixings
from neuralrates.trades.own_legs import OwnLegs
from neuralrates.trades.single_legs import (
    ExchangedLeg,
    ZeroCouponLeg,
    check_open,
    compounded_fixed_leg,
    compounded_floating_leg,
    without_leg,
)
from neuralrates.trades.trade import AbstractTrade, Seen

_FLOATING = (
    "previous_fixing", "current_fixing", "next_fixing", "floating_notionals", "floating_day_count",
)  # fmt: skip
_NO_SPREAD = ("spread", "spreads", "projection")


class SwapTrade(AbstractTrade):
    """Fixed-for-floating swap.

    Args:
        previous_fixing: rate of the floating period before the current one, where that is over but not yet paid
        current_fixing: rate of the floating period that has begun, or, fixed in advance, of the first one; for an overnight
            index the rate compounded so far, simple from the start of the period
        next_fixing: rate of the floating period after the current one, where it is fixed already
        leg: the one leg that is exchanged, where the other is not; `side` says who receives or pays it as in the whole swap
        zero_coupon: legs that pay once, at maturity, what their periods compound to

    Example:
        >>> import datetime
        >>> import neuralrates as nr
        >>> trade = nr.trades.SwapTrade(
        ...     trade_id="S1", currency="USD", index="USD-SOFR", side="payer", notional=1e7,
        ...     strike=0.0385, start_date="2024-03-21", maturity_date="2029-03-21",
        ... )
        >>> resolved = trade.resolve(datetime.date(2024, 3, 19))
        >>> curve = nr.market.FlatCurve(0.0375).discount_factor
        >>> print(f"{resolved.product(curve, curve).par_rate(curve):.4%}")
        3.7689%
    """

    kind: Literal["swap"] = "swap"
    previous_fixing: Rate | None = None
    current_fixing: Rate | None = None
    next_fixing: Rate | None = None
    leg: ExchangedLeg = "both"
    zero_coupon: ZeroCouponLeg = "none"

    @property
    def fixings(self) -> Fixings:
        return Fixings(self.previous_fixing, self.current_fixing, self.next_fixing)

    def right(self, swap: DatedSwap) -> None:
        return None

    @property
    def legs(self) -> OwnLegs:
        own = AbstractTrade.legs.__get__(self)
        if self.zero_coupon not in ("floating", "both"):
            return own
        return compounded_floating_leg(self.convention, self.start_date, self.maturity_date, own)

    def swap(self) -> DatedSwap:
        swap = AbstractTrade.swap(self)
        if self.zero_coupon in ("fixed", "both"):
            swap = replace(swap, fixed=compounded_fixed_leg(swap.fixed, self.strike))
        return without_leg(swap, self.leg)

    def check(self) -> None:
        AbstractTrade.check(self)
        nothing: dict[str, tuple[str, ...]] = {}
        if self.leg == "fixed":
            nothing["without a floating leg"] = _FLOATING
        if self.leg == "floating":
            nothing["without a fixed leg"] = ("coupons", "fixed_day_count")
        if self.zero_coupon != "none":
            nothing["for legs that compound to maturity"] = ("notionals", "floating_notionals")
        if self.zero_coupon in ("floating", "both") and not self.convention.overnight:
            nothing["for a term rate that compounds to maturity"] = (*_FLOATING, *_NO_SPREAD)
        elif self.zero_coupon in ("floating", "both"):
            nothing["for a rate that compounds to maturity"] = _NO_SPREAD
        for where, names in nothing.items():
            for name in names:
                if getattr(self, name) != type(self).model_fields[name].default:
                    raise InputError(
                        f"expected nothing {where}, found {getattr(self, name)}", column=name
                    )

    def seen_from(self, valuation_date: datetime.date) -> Seen:
        swap = self.swap()
        if self.zero_coupon in ("floating", "both"):
            check_open(swap, valuation_date)
        return swap.schedule(valuation_date), ()
