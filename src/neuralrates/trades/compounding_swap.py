"""Dated swaps whose floating coupons are made up of several resets each."""

import datetime
from dataclasses import replace
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from neuralrates.core.errors import InputError
from neuralrates.trades.compounding import (
    Compounding,
    ResetPeriods,
    Resets,
    check_resets,
    compounded_periods,
)
from neuralrates.trades.dating import DatedSwap
from neuralrates.trades.fields import Rates, tenor_months
from neuralrates.trades.fixings import NOTHING_FIXED, Fixings
from neuralrates.trades.schedule import SwapSchedule
from neuralrates.trades.trade import AbstractTrade, Seen

PaymentFrequency = Annotated[str, Field(pattern=r"^([1-9][0-9]?[MY]|once)$")]
ONCE = "once"


class CompoundingSwapTrade(AbstractTrade):
    """Fixed-for-floating swap whose term rate resets more often than its floating leg pays.

    Floating periods are those of the resets: `floating_dates`, `spreads` and `floating_notionals` have one for each.

    Args:
        payment_frequency: from one floating payment to the next, a multiple of the index's period, or `once`, at maturity
        compounding: how the resets of a payment make it up: `flat`, `straight`, `spread exclusive` or `averaged`
        known_resets: rates of the resets already fixed, from the first of the first payment still to come, decimals

    Example:
        >>> import datetime
        >>> import neuralrates as nr
        >>> trade = nr.trades.CompoundingSwapTrade(
        ...     trade_id="C1", currency="EUR", index="EUR-EURIBOR-3M", side="payer", notional=1e7, strike=0.03, spread=0.001,
        ...     start_date="2024-03-21", maturity_date="2029-03-21", payment_frequency="6M", compounding="flat",
        ... )
        >>> resolved = trade.resolve(datetime.date(2024, 3, 19))
        >>> curve = nr.market.FlatCurve(0.03).discount_factor
        >>> print(f"{resolved.product(curve, curve).par_rate(curve):.4%}")
        3.1497%
    """

    kind: Literal["compounding_swap"] = "compounding_swap"
    payment_frequency: PaymentFrequency
    compounding: Compounding
    known_resets: Rates | None = None

    @property
    def fixings(self) -> Fixings:
        return NOTHING_FIXED

    @property
    def resets(self) -> Resets:
        """How resets make up payments."""
        months = self.convention.floating_months
        once = self.payment_frequency == ONCE
        each = 0 if once else tenor_months(self.payment_frequency) // months
        return Resets(self.compounding, each, self.stub == "short front", self.known_resets or ())

    def right(self, swap: DatedSwap) -> None:
        return None

    def swap(self) -> DatedSwap:
        """Both legs; floating periods are resets, each paid with its coupon."""
        swap = AbstractTrade.swap(self)
        last = self.resets.last_of_each(swap.floating.starts.size)
        return replace(swap, floating=replace(swap.floating, payments=swap.floating.payments[last]))

    def check(self) -> None:
        self._check_index()
        AbstractTrade.check(self)
        check_resets(_reset_periods(self.swap(), self.start_date), self.resets)

    def _check_index(self) -> None:
        try:
            convention = self.convention
        except InputError as error:
            raise InputError(error.expected, column="index") from None
        if convention.overnight:
            raise InputError(
                f"expected a rate that is fixed in advance, found {self.index}: a plain swap compounds overnight rates",
                column="index",
            )
        if self.projection != "accrual":
            raise InputError(
                "expected `accrual` where resets make up a payment", column="projection"
            )
        if self.payment_frequency == ONCE:
            return
        months = tenor_months(self.payment_frequency)
        if months % convention.floating_months:
            raise InputError(
                f"expected a multiple of the index's {convention.floating_months}M, or `once`, found "
                f"{self.payment_frequency}",
                column="payment_frequency",
            )

    def seen_from(self, valuation_date: datetime.date) -> Seen:
        swap, today = self.swap(), np.datetime64(valuation_date, "D")
        if swap.floating.payments[-1] <= today:
            raise InputError(
                f"expected a last payment after the valuation date {valuation_date}, found {swap.floating.payments[-1]}",
                column="maturity_date",
            )
        leg = _reset_periods(swap, valuation_date)
        floating = compounded_periods(leg, self.resets, self.convention, valuation_date)
        return SwapSchedule(swap.fixed_periods(valuation_date, swap.fixed.starts[0]), floating), ()


def _reset_periods(swap: DatedSwap, valuation_date: datetime.date) -> ResetPeriods:
    """Floating periods as resets of their index."""
    leg = swap.floating
    span = swap.spans(leg)
    starts, ends, payments = span.times(valuation_date)
    shares = leg.accruals / swap.index_accruals(span)
    times = (starts, ends, payments)
    return ResetPeriods(
        leg.starts, leg.payments, leg.accruals, leg.notionals, leg.margins, shares, times
    )
