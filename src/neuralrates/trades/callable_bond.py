"""Dated bonds that the issuer may call, or the holder may put."""

import abc
import datetime
from dataclasses import replace
from typing import Annotated, Literal

import numpy as np
from pydantic import BeforeValidator, Field

from neuralrates.conventions.dates import times_from
from neuralrates.conventions.swap import SwapConvention
from neuralrates.core.errors import InputError
from neuralrates.trades.bond_dating import grown_by_nothing, spread_over, with_notional
from neuralrates.trades.bond_trade import (
    bond_convention,
    check_fixed,
    fixed_legs,
    fixed_swap,
    refuse,
)
from neuralrates.trades.callable_trade import AbstractMultiCallableTrade
from neuralrates.trades.dating import DatedSwap
from neuralrates.trades.exercise import DatedRight
from neuralrates.trades.fields import LONGEST_LIST, Rate, Tenor, as_number, split_list
from neuralrates.trades.fixings import NOTHING_FIXED, Fixings
from neuralrates.trades.own_legs import OwnLegs
from neuralrates.trades.resolved import ResolvedTrade
from neuralrates.trades.schedule import CancellableSchedule, SwaptionSchedule
from neuralrates.trades.trade import Seen

_PRICE = Annotated[float, BeforeValidator(as_number), Field(ge=0.1, le=10.0, allow_inf_nan=False)]
Prices = Annotated[
    tuple[_PRICE, ...], BeforeValidator(split_list), Field(min_length=1, max_length=LONGEST_LIST)
]


class AbstractRedeemableBondTrade(AbstractMultiCallableTrade):
    """Fixed-rate bond that may be redeemed at the start of a coupon period, before what is then left of it.

    Args:
        index: overnight rate whose curve discounts the bond
        strike: coupon, decimal a year
        frequency: length of a coupon period; that of the index's swaps when not given
        exercise_prices: clean price of redemption per unit of notional, paid with the coupon of the period before; one for all,
            or one per exercise
        option_adjusted_spread: decimal a year, continuous, that the bond and its redemption are discounted by over the curve
    """

    side: Literal["receiver"] = "receiver"
    frequency: Tenor | None = None
    exercise_prices: Prices = (1.0,)
    option_adjusted_spread: Rate = 0.0

    @property
    def convention(self) -> SwapConvention:
        return bond_convention(self, AbstractMultiCallableTrade.convention.__get__(self))

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
        refuse(self, ("exercise_fees", "exercise_fee_dates"), "a bond has exercise_prices")
        AbstractMultiCallableTrade.check(self)
        count, found = self.right(self.swap()).exercises.size, len(self.exercise_prices)
        if found not in (1, count):
            raise InputError(
                f"expected one price, or {count}: one per exercise, found {found}",
                column="exercise_prices",
            )

    def swap(self) -> DatedSwap:
        return fixed_swap(self, AbstractMultiCallableTrade.swap(self))

    def seen_from(self, valuation_date: datetime.date) -> Seen:
        swap = grown_by_nothing(self.swap(), valuation_date)
        whole = self.right(swap)
        right = whole.after(valuation_date)
        spread = self.option_adjusted_spread
        held = with_notional(spread_over(swap.schedule(valuation_date), spread))
        entered = right.schedule(swap, valuation_date)
        fees, times = self._redemptions(swap, whole, right.exercises.size, valuation_date)
        redeemed = SwaptionSchedule(
            entered.exercise_times,
            entered.start_times,
            spread_over(entered.swap, spread),
            fees,
            times,
        )
        return CancellableSchedule(held, redeemed), tuple(right.exercises.astype(object))

    def _redemptions(
        self, swap: DatedSwap, right: DatedRight, left: int, valuation_date: datetime.date
    ) -> tuple[np.ndarray, np.ndarray]:
        """What the last so many exercises redeem over the notional, and when."""
        places = np.searchsorted(swap.fixed.starts, right.starts)[-left:]
        prices = np.broadcast_to(np.array(self.exercise_prices), right.exercises.shape)[-left:]
        times = times_from(valuation_date, swap.floating.starts[places])
        factors = np.exp(-self.option_adjusted_spread * times)
        return (prices - 1.0) * swap.fixed.notionals[places] * factors, times

    @abc.abstractmethod
    def resolve(self, valuation_date: datetime.date) -> ResolvedTrade:
        """The bond, held together with the right or less it."""


class CallableBondTrade(AbstractRedeemableBondTrade):
    """Fixed-rate bond that the issuer may call: worth the bond less the right.

    Example:
        >>> import neuralrates as nr
        >>> bond = nr.trades.CallableBondTrade(
        ...     trade_id="B1", currency="USD", index="USD-SOFR", notional=1e6, strike=0.05, frequency="6M",
        ...     start_date="2024-03-21", maturity_date="2034-03-21", first_exercise_date="2027-03-21",
        ...     exercise_frequency="1Y", exercise_prices="1.02;1.01;1;1;1;1;1",
        ... )
        >>> [str(line.enters) for line in nr.trades.timetable(bond).exercises[:2]]
        ['2027-03-21', '2028-03-21']
    """

    kind: Literal["callable_bond"] = "callable_bond"

    def resolve(self, valuation_date: datetime.date) -> ResolvedTrade:
        """The issuer's side, held short: it pays the bond and may cancel that."""
        found = AbstractMultiCallableTrade.resolve(self, valuation_date)
        due = found.premium
        return replace(
            found,
            side="payer",
            position="short" if self.position == "long" else "long",
            premium=None if due is None else due._replace(amount=-due.amount),
            discount_spread=self.option_adjusted_spread,
            stated=(self.side, self.position),
        )


class PuttableBondTrade(AbstractRedeemableBondTrade):
    """Fixed-rate bond that the holder may put: worth the bond and the right."""

    kind: Literal["puttable_bond"] = "puttable_bond"

    def resolve(self, valuation_date: datetime.date) -> ResolvedTrade:
        found = AbstractMultiCallableTrade.resolve(self, valuation_date)
        return replace(found, discount_spread=self.option_adjusted_spread)
