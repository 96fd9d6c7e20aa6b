"""Dated trades with a right to exercise: European, Bermudan, cancellable."""

import dataclasses
import datetime
from typing import Literal

from neuralrates.core.errors import InputError, RefusalError
from neuralrates.products.swap import side_sign
from neuralrates.trades.dating import DatedSwap
from neuralrates.trades.exercise import (
    DatedRight,
    right_on_dates,
    right_on_periods,
    right_on_whole,
)
from neuralrates.trades.exercise_fees import DatedFees
from neuralrates.trades.fields import (
    EXPECTED,
    PAR_YIELD,
    Date,
    Dates,
    Days,
    Fees,
    Rate,
    Settlement,
    Tenor,
    tenor_months,
)
from neuralrates.trades.fixings import NOTHING_FIXED, Fixings
from neuralrates.trades.par_yield import check_par_yield
from neuralrates.trades.resolved import PAR_YIELD as PAR_YIELD_KIND
from neuralrates.trades.resolved import ResolvedTrade
from neuralrates.trades.schedule import CancellableSchedule
from neuralrates.trades.trade import AbstractTrade, Seen


class EuropeanSwaptionTrade(AbstractTrade):
    """Right to enter a swap on one date.

    Args:
        exercise_dates: the one date, no later than the start; when not given, notice before the start
        notice_days: business days from exercise to start; the index's spot lag when not given
        settlement: `physical`, or `cash collateralised`: the value of the swap, discounted as the collateral is, so that the
            right is worth the same; or `cash par yield`: at the start of the swap, its value with the annuity at its own rate
            in the place of the curve's; zero coupon settlement is refused
        exercise_fees: currency, that the holder pays on exercise (below zero: receives); one for all, or one per exercise date
        exercise_fee_dates: when, one per exercise date; the start of the swap entered when not given
    """

    kind: Literal["european"] = "european"
    exercise_dates: Dates | None = None
    notice_days: Days | None = None
    settlement: Settlement = "physical"
    exercise_fees: Fees | None = None
    exercise_fee_dates: Dates | None = None

    @property
    def fixings(self) -> Fixings:
        return NOTHING_FIXED

    def check(self) -> None:
        AbstractTrade.check(self)
        _check_fees(self)
        if self.settlement == PAR_YIELD:
            check_par_yield(self, self.swap())

    def resolve(self, valuation_date: datetime.date) -> ResolvedTrade:
        found = AbstractTrade.resolve(self, valuation_date)
        by_yield = self.settlement == PAR_YIELD
        return dataclasses.replace(found, kind=PAR_YIELD_KIND) if by_yield else found

    def right(self, swap: DatedSwap) -> DatedRight:
        """The exercise and the start of the swap it enters."""
        if self.exercise_dates:
            _refuse_beside_dates(notice_days=self.notice_days)
            if len(self.exercise_dates) > 1:
                raise InputError(
                    f"expected one exercise date for a european, found {len(self.exercise_dates)}",
                    column="exercise_dates",
                )
            return right_on_whole(swap, self.exercise_dates[0])
        whole = swap.convention.fixed_months * len(swap.fixed.starts)
        return right_on_periods(swap, self.start_date, whole, _notice(self.notice_days, swap))

    def seen_from(self, valuation_date: datetime.date) -> Seen:
        swap = self.swap()
        right = self.right(swap).after(valuation_date)
        schedule = right.on_open_rates(swap, valuation_date)
        fees = _fees_left(self, swap, right, valuation_date)
        return fees.added(schedule, side_sign(self.side)), tuple(right.exercises.astype(object))


class AbstractMultiCallableTrade(AbstractTrade):
    """Trade with a right that can be exercised on several dates.

    Args:
        exercise_dates: all of them, each into the first fixed period that starts on or after it; or
        first_exercise_date: the first period entered starts on or after it, then regularly
        exercise_frequency: tenor between exercises; the fixed period when not given
        notice_days: business days from exercise to start; the index's spot lag when not given
        settlement: `physical`, or `cash collateralised`: the value of the swap, discounted as the collateral is, so that the
            right is worth the same; other cash settlements (par yield, zero coupon) are refused
        exercise_fees: currency, that the holder pays on exercise (below zero: receives); one for all, or one per exercise date
        exercise_fee_dates: when, one per exercise date; the start of the swap entered when not given
    """

    exercise_dates: Dates | None = None
    first_exercise_date: Date | None = None
    exercise_frequency: Tenor | None = None
    notice_days: Days | None = None
    settlement: Settlement = "physical"
    exercise_fees: Fees | None = None
    exercise_fee_dates: Dates | None = None

    def check(self) -> None:
        if self.settlement == PAR_YIELD:
            raise RefusalError(
                "expected `physical` or `cash collateralised`: several exercises settled by par yield are not priced here, "
                f"found {self.settlement}"
            )
        AbstractTrade.check(self)
        _check_fees(self)

    def right(self, swap: DatedSwap) -> DatedRight:
        """The exercises and the starts of the swaps they enter."""
        if self.exercise_dates:
            _refuse_beside_dates(
                first_exercise_date=self.first_exercise_date,
                exercise_frequency=self.exercise_frequency,
                notice_days=self.notice_days,
            )
            return right_on_dates(swap, self.exercise_dates)
        if self.first_exercise_date is None:
            raise InputError(
                "expected dates like 2025-03-19;2026-03-19, or a first_exercise_date, found neither",
                column="exercise_dates",
            )
        frequency = self.exercise_frequency
        if frequency and self.fixed_dates:
            raise InputError(
                f"expected exercise_dates where fixed_dates are stated, found {frequency}",
                column="exercise_frequency",
            )
        months = tenor_months(frequency) if frequency else swap.convention.fixed_months
        notice = _notice(self.notice_days, swap)
        return right_on_periods(swap, self.first_exercise_date, months, notice)


class BermudanSwaptionTrade(AbstractMultiCallableTrade):
    """Right to enter the rest of a swap on one of several dates."""

    kind: Literal["bermudan"] = "bermudan"

    @property
    def fixings(self) -> Fixings:
        return NOTHING_FIXED

    def seen_from(self, valuation_date: datetime.date) -> Seen:
        swap = self.swap()
        right = self.right(swap).after(valuation_date)
        schedule = right.on_open_rates(swap, valuation_date)
        fees = _fees_left(self, swap, right, valuation_date)
        return fees.added(schedule, side_sign(self.side)), tuple(right.exercises.astype(object))


class CancellableSwapTrade(AbstractMultiCallableTrade):
    """Swap whose holder may cancel the rest of it on one of several dates.

    Args:
        previous_fixing, current_fixing, next_fixing: as for a swap
    """

    kind: Literal["cancellable"] = "cancellable"
    previous_fixing: Rate | None = None
    current_fixing: Rate | None = None
    next_fixing: Rate | None = None

    @property
    def fixings(self) -> Fixings:
        return Fixings(self.previous_fixing, self.current_fixing, self.next_fixing)

    def seen_from(self, valuation_date: datetime.date) -> Seen:
        swap = self.swap()
        right = self.right(swap).after(valuation_date)
        fees = _fees_left(self, swap, right, valuation_date)
        cancelling = right.schedule(swap, valuation_date)
        schedule = CancellableSchedule(
            fees.beside(swap.schedule(valuation_date)),
            fees.added(cancelling, -side_sign(self.side)),
        )
        return schedule, tuple(right.exercises.astype(object))


def _check_fees(trade: EuropeanSwaptionTrade | AbstractMultiCallableTrade) -> None:
    """Raise unless the fees fit the exercises."""
    if trade.exercise_fees is None and trade.exercise_fee_dates is not None:
        raise InputError(
            f"expected {EXPECTED['exercise_fees']} beside exercise_fee_dates, found nothing",
            column="exercise_fees",
        )
    DatedFees.of(trade.right(trade.swap()), trade.exercise_fees or (), trade.exercise_fee_dates)


def _fees_left(
    trade: EuropeanSwaptionTrade | AbstractMultiCallableTrade,
    swap: DatedSwap,
    left: DatedRight,
    valuation_date: datetime.date,
) -> DatedFees:
    """Fees of the exercises still to come."""
    right = trade.right(swap)
    amounts = [one / trade.notional for one in trade.exercise_fees or ()]
    fees = DatedFees.of(right, amounts, trade.exercise_fee_dates)
    return fees.last(left.exercises.size, valuation_date)


def _notice(notice_days: int | None, swap: DatedSwap) -> int:
    return swap.convention.spot_lag if notice_days is None else notice_days


def _refuse_beside_dates(**others: object) -> None:
    for column, found in others.items():
        if found is not None:
            raise InputError(
                f"expected nothing beside exercise_dates, found {found}", column=column
            )
