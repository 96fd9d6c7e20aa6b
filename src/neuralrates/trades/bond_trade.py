"""Dated bonds: fixed-rate and floating-rate, held to maturity."""

import datetime
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from neuralrates.conventions.dates import schedule_dates
from neuralrates.conventions.swap import SwapConvention
from neuralrates.core.errors import InputError
from neuralrates.trades.bond_dating import (
    bond_legs,
    grown_by_nothing,
    note_spread_over,
    paid_on_business_days,
    spread_over,
    with_notional,
    with_redemptions,
)
from neuralrates.trades.dating import DatedSwap
from neuralrates.trades.fields import Rate, Tenor, tenor_months
from neuralrates.trades.fixings import NOTHING_FIXED, Fixings
from neuralrates.trades.own_legs import OwnLegs
from neuralrates.trades.rate_trade import OVERNIGHT_MONTHS
from neuralrates.trades.resolved import ResolvedTrade
from neuralrates.trades.single_legs import without_leg
from neuralrates.trades.trade import AbstractTrade, Seen

_ON_A_FLOATING_LEG = (
    "spread", "spreads", "floating_notionals", "floating_dates", "floating_day_count", "projection",
)  # fmt: skip
_ON_A_FIXED_LEG = ("strike", "coupons", "fixed_dates", "fixed_day_count", "floating_notionals")


class FixedRateBondTrade(AbstractTrade):
    """Fixed coupons and the notional, repaid at maturity or as the notionals say.

    Coupons accrue between dates that do not roll, and are paid on the next business days.

    Args:
        index: overnight rate whose curve discounts the bond
        strike: coupon, decimal a year
        frequency: length of a coupon period; that of the index's swaps when not given
        option_adjusted_spread: decimal a year, continuous, that the bond is discounted by over the curve

    Example:
        >>> import datetime
        >>> import neuralrates as nr
        >>> bond = nr.trades.FixedRateBondTrade(
        ...     trade_id="B1", currency="USD", index="USD-SOFR", notional=1e6, strike=0.04, frequency="6M",
        ...     start_date="2024-03-21", maturity_date="2034-03-21",
        ... )
        >>> curve = nr.market.FlatCurve(0.04).discount_factor
        >>> value = bond.resolve(datetime.date(2024, 3, 21)).product(curve, curve).value(curve)
        >>> print(f"{value:.4f}")
        1.0012
    """

    kind: Literal["bond"] = "bond"
    side: Literal["receiver"] = "receiver"
    frequency: Tenor | None = None
    option_adjusted_spread: Rate = 0.0

    @property
    def convention(self) -> SwapConvention:
        return bond_convention(self, AbstractTrade.convention.__get__(self))

    @property
    def legs(self) -> OwnLegs:
        return fixed_legs(self)

    @property
    def floats(self) -> bool:
        return False

    @property
    def fixings(self) -> Fixings:
        return NOTHING_FIXED

    def check(self) -> None:
        check_fixed(self)
        AbstractTrade.check(self)

    def right(self, swap: DatedSwap) -> None:
        return None

    def swap(self) -> DatedSwap:
        return fixed_swap(self, AbstractTrade.swap(self))

    def seen_from(self, valuation_date: datetime.date) -> Seen:
        swap = grown_by_nothing(self.swap(), valuation_date)
        schedule = spread_over(swap.schedule(valuation_date), self.option_adjusted_spread)
        return with_notional(schedule), ()

    def resolve(self, valuation_date: datetime.date) -> ResolvedTrade:
        found = AbstractTrade.resolve(self, valuation_date)
        return replace(found, discount_spread=self.option_adjusted_spread)


class FloatingRateBondTrade(AbstractTrade):
    """Floating coupons and the notional, repaid at maturity or as the notionals say.

    Args:
        spread: decimal paid over the index
        notionals: of its periods
        frequency: length of a period; that of the index, and three months for an overnight rate, when not given
        previous_fixing, current_fixing, next_fixing: as for a swap
        option_adjusted_spread: decimal a year, continuous, that the bond is discounted by over the curve
    """

    kind: Literal["floating_bond"] = "floating_bond"
    side: Literal["payer"] = "payer"
    strike: Rate = 0.0
    frequency: Tenor | None = None
    option_adjusted_spread: Rate = 0.0
    previous_fixing: Rate | None = None
    current_fixing: Rate | None = None
    next_fixing: Rate | None = None

    @property
    def fixings(self) -> Fixings:
        return Fixings(self.previous_fixing, self.current_fixing, self.next_fixing)

    @property
    def dates(self) -> tuple[datetime.date, ...]:
        """Starts of the periods and the last end."""
        if self.floating_dates is not None:
            return self.floating_dates
        rule = self.convention
        months = OVERNIGHT_MONTHS if rule.overnight else rule.floating_months
        months = tenor_months(self.frequency) if self.frequency else months
        found = rule.period_dates(self.start_date, self.maturity_date, months, self.stub)
        return tuple(found.astype(object))

    @property
    def legs(self) -> OwnLegs:
        dates, count = self.dates, self.floating_day_count or self.convention.floating_day_count
        return OwnLegs(dates, dates, count, count, self.payment_lag or 0)

    def check(self) -> None:
        refuse(self, _ON_A_FIXED_LEG, "a floating-rate bond has no fixed leg")
        AbstractTrade.check(self)

    def right(self, swap: DatedSwap) -> None:
        return None

    def swap(self) -> DatedSwap:
        return without_leg(AbstractTrade.swap(self), "floating")

    def seen_from(self, valuation_date: datetime.date) -> Seen:
        schedule = with_redemptions(self.swap().schedule(valuation_date))
        return note_spread_over(schedule, self.option_adjusted_spread), ()

    def resolve(self, valuation_date: datetime.date) -> ResolvedTrade:
        found = AbstractTrade.resolve(self, valuation_date)
        return replace(found, discount_spread=self.option_adjusted_spread)


def bond_convention(trade: Any, index: SwapConvention) -> SwapConvention:
    """Convention of the index with the bond's own coupon periods, that pay when they end."""
    months = tenor_months(trade.frequency) if trade.frequency else index.fixed_months
    return replace(index, fixed_months=months, payment_lag=0)


def fixed_legs(trade: Any) -> OwnLegs:
    """Legs of a fixed-rate bond."""
    rule: SwapConvention = trade.convention
    boundaries = (
        schedule_dates(
            trade.start_date,
            trade.maturity_date,
            rule.fixed_months,
            rule.calendar,
            "unadjusted",
            trade.stub,
        )
        if trade.fixed_dates is None
        else np.array(trade.fixed_dates, dtype="datetime64[D]")
    )
    legs = bond_legs(rule, boundaries, trade.payment_lag or 0)
    return legs._replace(fixed_day_count=trade.fixed_day_count)


def fixed_swap(trade: Any, swap: DatedSwap) -> DatedSwap:
    """Swap of a fixed-rate bond whose coupons pay on business days."""
    return paid_on_business_days(swap, swap.convention.calendar, trade.payment_lag or 0)


def check_fixed(trade: Any) -> None:
    """Raise unless the fields are those of a fixed-rate bond."""
    refuse(trade, _ON_A_FLOATING_LEG, "a fixed-rate bond has no floating leg")
    try:
        overnight = trade.convention.overnight
    except InputError as error:
        raise InputError(error.expected, column="index") from None
    if not overnight:
        raise InputError(
            f"expected an overnight rate, whose curve discounts the bond, found {trade.index}",
            column="index",
        )


def refuse(trade: Any, names: tuple[str, ...], reason: str) -> None:
    """Raise where a field says something."""
    for name in names:
        if getattr(trade, name) != type(trade).model_fields[name].default:
            raise InputError(f"expected nothing: {reason}, found some", column=name)
