"""Dated basis swaps: two floating legs of one currency."""

import datetime
from dataclasses import replace
from typing import Literal

import numpy as np

from neuralrates.conventions.quantlib import DayCount
from neuralrates.conventions.swap import SwapConvention, swap_convention
from neuralrates.core.errors import InputError
from neuralrates.trades.bond_trade import refuse
from neuralrates.trades.by_period import ByPeriod, check_notionals
from neuralrates.trades.dating import DatedSwap, dated_swap
from neuralrates.trades.fields import Amounts, Dates, Name, Rate, Rates, Tenor, tenor_months
from neuralrates.trades.fixings import NAMES, Fixings
from neuralrates.trades.own_legs import OwnLegs
from neuralrates.trades.rate_trade import OVERNIGHT_MONTHS
from neuralrates.trades.resolved import ResolvedTrade
from neuralrates.trades.schedule import FloatingPeriods, SwapSchedule
from neuralrates.trades.single_legs import without_leg
from neuralrates.trades.trade import AbstractTrade, Seen

SECOND = "second_"
_ON_A_FIXED_LEG = ("strike", "coupons", "fixed_dates", "fixed_day_count", "notionals")


class BasisSwapTrade(AbstractTrade):
    """Exchange of one floating rate and its spread for another of the same currency.

    Each of the two is any rate that the market has a curve of.

    Args:
        side: `payer` or `receiver` of the leg of `index`
        frequency: length of a period of the leg of `index`; that of the index when not given, and for an overnight rate that
            of the other leg
        previous_fixing, current_fixing, next_fixing: of the leg of `index`, as a swap's; so are `floating_dates`,
            `floating_day_count`, `floating_notionals`, `spread` and `spreads`
        second_index: the other rate
        second_frequency: length of its periods, likewise
        second_dates: starts of its periods and the last end, without rolling; those of its convention where None
        second_day_count: of its accruals
        second_notionals: of its periods in currency, where they change
        second_spread: decimal paid over it
        second_spreads: the same of each period, where it changes
        second_previous_fixing, second_current_fixing, second_next_fixing: its rates already fixed

    Example:
        >>> import datetime
        >>> import neuralrates as nr
        >>> trade = nr.trades.BasisSwapTrade(
        ...     trade_id="B1", currency="EUR", index="EUR-EURIBOR-3M", side="receiver", notional=1e7,
        ...     second_index="EUR-ESTR", start_date="2024-03-21", maturity_date="2029-03-21",
        ... )
        >>> product = trade.resolve(datetime.date(2024, 3, 19)).product
        >>> discount, projection = nr.market.FlatCurve(0.03).discount_factor, nr.market.FlatCurve(0.031).discount_factor
        >>> print(f"{1e4 * product(discount, projection).value(discount):.2f} bp")
        46.77 bp
    """

    kind: Literal["basis_swap"] = "basis_swap"
    strike: Rate = 0.0
    frequency: Tenor | None = None
    previous_fixing: Rate | None = None
    current_fixing: Rate | None = None
    next_fixing: Rate | None = None
    second_index: Name
    second_frequency: Tenor | None = None
    second_dates: Dates | None = None
    second_day_count: DayCount | None = None
    second_notionals: Amounts | None = None
    second_spread: Rate = 0.0
    second_spreads: Rates | None = None
    second_previous_fixing: Rate | None = None
    second_current_fixing: Rate | None = None
    second_next_fixing: Rate | None = None

    @property
    def fixings(self) -> Fixings:
        return Fixings(self.previous_fixing, self.current_fixing, self.next_fixing)

    @property
    def second_convention(self) -> SwapConvention:
        """Conventions of the second index."""
        return swap_convention(self.second_index)

    @property
    def projected_index(self) -> str:
        """The rate that the resolved trade has first: the term rate of the two; of two alike the first."""
        swapped = self.convention.overnight and not self.second_convention.overnight
        return self.second_index if swapped else self.index

    @property
    def floating_swaps(self) -> dict[str, DatedSwap]:
        return {"": self.swap(), SECOND: self.second_swap()}

    def right(self, swap: DatedSwap) -> None:
        return None

    def swap(self) -> DatedSwap:
        """The leg of the index, and a fixed leg that pays nothing."""
        months = _months(self.frequency, self.convention, self.second_convention)
        own = OwnLegs(None, self.floating_dates, None, self.floating_day_count, self.payment_lag)
        notionals = _shares(self.floating_notionals, self.notional)
        by_period = ByPeriod((), notionals, (), self.spreads or (), self.spread)
        return self._floating_alone(self.convention, months, by_period, self.fixings, own)

    def second_swap(self) -> DatedSwap:
        """The leg of the second index, likewise."""
        months = _months(self.second_frequency, self.second_convention, self.convention)
        own = OwnLegs(None, self.second_dates, None, self.second_day_count, self.payment_lag)
        notionals = _shares(self.second_notionals, self.notional)
        by_period = ByPeriod((), notionals, (), self.second_spreads or (), self.second_spread)
        rates = (getattr(self, SECOND + name) for name in NAMES)
        return self._floating_alone(self.second_convention, months, by_period, Fixings(*rates), own)

    def _floating_alone(
        self,
        convention: SwapConvention,
        months: int,
        by_period: ByPeriod,
        fixings: Fixings,
        own: OwnLegs,
    ) -> DatedSwap:
        rule = replace(convention, floating_months=months)
        dates, projection = (self.start_date, self.maturity_date), self.projection
        if convention.overnight:
            projection = "accrual"
        swap = dated_swap(rule, *dates, self.stub, by_period, fixings, projection, own)
        return without_leg(replace(swap, convention=convention), "floating")

    def check(self) -> None:
        refuse(self, _ON_A_FIXED_LEG, "a basis swap has no fixed leg")
        try:
            second = self.second_convention
        except InputError as error:
            raise InputError(error.expected, column="second_index") from None
        if second.currency != self.currency or self.second_index == self.index:
            raise InputError(
                f"expected another index of {self.currency} than {self.index}, found {self.second_index}",
                column="second_index",
            )
        check_notionals(self.notional, second_notionals=self.second_notionals)
        if self.second_spreads is not None and self.second_spread != 0.0:
            raise InputError(
                f"expected nothing beside second_spreads, found {self.second_spread:g}",
                column="second_spread",
            )
        AbstractTrade.check(self)
        try:
            OwnLegs(floating_dates=self.second_dates).check(self.start_date, self.maturity_date)
            self.second_swap()
        except InputError as error:
            raise _of_second(error) from None

    def seen_from(self, valuation_date: datetime.date) -> Seen:
        swaps, today = (self.swap(), self.second_swap()), np.datetime64(valuation_date, "D")
        open_legs = [swap.floating.payments[-1] > today for swap in swaps]
        if not any(open_legs):
            open_legs[0] = True  # which says that everything is paid
        legs = []
        for swap, index, sign, is_open in zip(
            swaps, (self.index, self.second_index), (-1.0, 1.0), open_legs, strict=True
        ):
            if not is_open:
                continue
            try:
                schedule = swap.schedule(valuation_date)
            except InputError as error:
                raise (_of_second(error) if swap is swaps[1] else error) from None
            legs.append(_signed(schedule.floating, sign, index != self.projected_index))
        return SwapSchedule(schedule.fixed, _both(legs)), ()

    def resolve(self, valuation_date: datetime.date) -> ResolvedTrade:
        found, first = AbstractTrade.resolve(self, valuation_date), self.projected_index
        second = self.second_index if first == self.index else self.index
        return replace(found, index=first, second_index=second)


def _months(frequency: str | None, own: SwapConvention, other: SwapConvention) -> int:
    """Length of a period: that stated, that of a term rate, or beside an overnight rate that of the other."""
    if frequency:
        return tenor_months(frequency)
    if own.overnight and other.overnight:
        return OVERNIGHT_MONTHS
    return other.floating_months if own.overnight else own.floating_months


def _shares(amounts: tuple[float, ...] | None, notional: float) -> tuple[float, ...]:
    return tuple(one / notional for one in amounts or ())


def _signed(leg: FloatingPeriods, sign: float, on_second: bool) -> list[np.ndarray]:
    """Columns of a leg, its amounts signed, and which of the two rates it pays."""
    amounts = np.full(leg.accruals.size, sign)
    columns = [*leg.times(), leg.accruals, leg.notionals, amounts * leg.index_weights]
    return [*columns, amounts * leg.margins, np.full(leg.accruals.size, float(on_second))]


def _both(legs: list[list[np.ndarray]]) -> FloatingPeriods:
    """Periods of the legs that still pay, in order of their starts."""
    joined = [np.concatenate(column) for column in zip(*legs, strict=True)]
    order = np.argsort(joined[0], kind="stable")
    return FloatingPeriods(*(one[order] for one in joined))


def _of_second(error: InputError) -> InputError:
    """The error of a field of the second leg."""
    own = error.column
    if own is not None and own.startswith("floating_"):
        own = SECOND + own.removeprefix("floating_")
    elif own in ("spread", "spreads", "frequency", *NAMES):
        own = SECOND + own
    return InputError(error.expected, column=own)
