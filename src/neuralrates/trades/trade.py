"""Dated trades: what a book holds, checked field by field and resolved to times."""

import abc
import datetime
import functools
from collections.abc import Callable
from typing import Any

import jax
from pydantic import (
    BaseModel,
    ConfigDict,
    ValidationError,
    model_validator,
)

from neuralrates.conventions.dates import Stub, year_fraction
from neuralrates.conventions.quantlib import DayCount
from neuralrates.conventions.swap import SwapConvention, swap_convention
from neuralrates.core.errors import InputError
from neuralrates.products.swap import Side
from neuralrates.trades.by_period import ByPeriod, check_notionals, check_rates
from neuralrates.trades.dating import DatedSwap, Projection, dated_swap
from neuralrates.trades.errors import placed
from neuralrates.trades.exercise import DatedRight
from neuralrates.trades.fields import (
    EXPECTED,
    Amount,
    Amounts,
    Date,
    Dates,
    Days,
    Name,
    Rate,
    Rates,
    input_error,
)
from neuralrates.trades.fixings import Fixings
from neuralrates.trades.own_legs import OwnLegs
from neuralrates.trades.resolved import Kind, Position, Premium, ResolvedTrade, signed_notional
from neuralrates.trades.schedule import AbstractSchedule

_REMEMBERED = 4096
Seen = tuple[AbstractSchedule, tuple[datetime.date, ...]]


class AbstractTrade(BaseModel, abc.ABC):
    """A swap, or a right on one, by the conventions of its index.

    Args:
        trade_id: name of the trade
        currency: ISO code, that of the index
        index: floating rate, see `neuralrates.conventions.swap_convention`
        side: `payer` or `receiver` of the fixed rate
        notional: currency
        strike: fixed rate, decimal
        start_date: start of the first period
        maturity_date: end of the last period
        spread: decimal paid over the index
        notionals: notional of each fixed period in currency, where it changes; a floating period has that of the fixed one it
            lies in
        floating_notionals: notional of each floating period in currency, where these are its own
        coupons: rate of each fixed period, where it changes; the strike is the first of them
        spreads: decimal paid over the index in each floating period, where it changes
        stub: where an odd period goes
        position: `long`, or `short`: the counterparty holds the trade, its right included, and we the other side of it
        premium: currency, that the holder pays on the premium date
        premium_date: when, as given; a premium paid by then is no part of the value
        projection: whether a term rate runs over its coupon's `accrual` period, or over the `index`'s own
        fixed_dates: starts of the fixed periods and the last end, without rolling; those of the index's convention where None
        floating_dates: the same of the floating periods
        fixed_day_count, floating_day_count, payment_lag: of the legs; those of the index's convention where None
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    trade_id: Name
    currency: Name
    index: Name
    side: Side
    notional: Amount
    strike: Rate
    start_date: Date
    maturity_date: Date
    spread: Rate = 0.0
    notionals: Amounts | None = None
    floating_notionals: Amounts | None = None
    coupons: Rates | None = None
    spreads: Rates | None = None
    stub: Stub = "short front"
    projection: Projection = "accrual"
    position: Position = "long"
    premium: Amount | None = None
    premium_date: Date | None = None
    fixed_dates: Dates | None = None
    floating_dates: Dates | None = None
    fixed_day_count: DayCount | None = None
    floating_day_count: DayCount | None = None
    payment_lag: Days | None = None

    @model_validator(mode="wrap")
    @classmethod
    def _refuse_in_words(cls, fields: Any, handler: Callable[[Any], Any]) -> "AbstractTrade":
        try:
            trade = handler(fields)
        except ValidationError as error:
            kind = cls.model_fields["kind"].default
            raise input_error(error, tuple(cls.model_fields), kind) from None
        trade.check()
        return trade

    @property
    def convention(self) -> SwapConvention:
        """Conventions of the index."""
        return swap_convention(self.index)

    @property
    def legs(self) -> OwnLegs:
        """What differs from the legs of the index's convention."""
        return OwnLegs(
            self.fixed_dates,
            self.floating_dates,
            self.fixed_day_count,
            self.floating_day_count,
            self.payment_lag,
        )

    @property
    def floats(self) -> bool:
        """Whether it pays a floating rate: a bond is priced as if it did, and does not."""
        return True

    @property
    def stated_side(self) -> Side:
        """Side as the book has it."""
        return self.side

    @property
    def stated_position(self) -> Position:
        """Position as the book has it."""
        return self.position

    @property
    def signed_notional(self) -> float:
        """Notional, below zero where the position is short."""
        return signed_notional(self.notional, self.position)

    def check(self) -> None:
        """Raise unless the fields fit each other, whatever the valuation date."""
        try:
            convention = self.convention
        except InputError as error:
            raise InputError(error.expected, column="index") from None
        if self.currency != convention.currency:
            expected = f"expected {convention.currency}, the currency of {self.index}"
            raise InputError(f"{expected}, found {self.currency}", column="currency")
        if self.maturity_date <= self.start_date:
            raise InputError(
                f"expected a date after the start {self.start_date}, found {self.maturity_date}",
                column="maturity_date",
            )
        check_notionals(
            self.notional, notionals=self.notionals, floating_notionals=self.floating_notionals
        )
        check_rates(self.strike, self.coupons, self.spread, self.spreads)
        self._check_premium()
        self.legs.check(self.start_date, self.maturity_date)
        if self.projection == "index" and convention.overnight:
            raise InputError(
                f"expected `accrual` for {self.index}: an overnight rate has no period of its own",
                column="projection",
            )
        self.right(self.swap())

    def _check_premium(self) -> None:
        """Raise unless a premium has its date, and a date its premium."""
        for column, other in (("premium", "premium_date"), ("premium_date", "premium")):
            if getattr(self, column) is None and getattr(self, other) is not None:
                found = f"expected {EXPECTED[column]} beside {other}, found nothing"
                raise InputError(found, column=column)

    def premium_due(self, valuation_date: datetime.date) -> Premium | None:
        """What the holder has still to pay for the trade, per unit notional; None where there is nothing, or it is paid."""
        if self.premium is None or self.premium_date is None or self.premium_date <= valuation_date:
            return None
        return Premium(
            self.premium / self.notional, year_fraction(valuation_date, self.premium_date)
        )

    @abc.abstractmethod
    def right(self, swap: DatedSwap) -> DatedRight | None:
        """The exercises and the starts of the swaps they enter; none for a swap. Raises unless its dates fit the swap."""

    @abc.abstractmethod
    def seen_from(self, valuation_date: datetime.date) -> Seen:
        """Schedule on a valuation date, and the dates of the exercises still to come."""

    @property
    @abc.abstractmethod
    def fixings(self) -> Fixings:
        """Floating rates that the trade states."""

    def swap(self) -> DatedSwap:
        """Both legs of the swap, or of the swap that the right is on."""
        by_period = ByPeriod(
            tuple(one / self.notional for one in self.notionals or ()),
            tuple(one / self.notional for one in self.floating_notionals or ()),
            tuple(one - self.strike for one in self.coupons or ()),
            self.spreads or (),
            self.spread,
        )
        return dated_swap(
            self.convention,
            self.start_date,
            self.maturity_date,
            self.stub,
            by_period,
            self.fixings,
            self.projection,
            self.legs,
        )

    @property
    def floating_swaps(self) -> dict[str, DatedSwap]:
        """Swaps whose floating legs it has, by what their fixings' names begin with."""
        return {"": self.swap()}

    @property
    def projected_index(self) -> str:
        """Floating rate whose curve it is priced with beside the discount curve."""
        return self.index

    def resolve(self, valuation_date: datetime.date) -> ResolvedTrade:
        """The trade in years from a valuation date.

        Args:
            valuation_date: date of time zero; exercises before it have lapsed

        Returns:
            The resolved trade.

        Raises:
            InputError: where nothing is left, an exercise falls on the valuation date, or a floating rate is fixed already
                but not given, or given but not fixed
        """
        try:
            return _resolved(self, valuation_date)
        except InputError as error:
            raise placed(error, f"trade {self.trade_id}")[0] from None


@functools.lru_cache(_REMEMBERED)
def _resolved(trade: AbstractTrade, valuation_date: datetime.date) -> ResolvedTrade:
    """A trade on a day: a book that is priced again on the same day is not taken apart again."""
    schedule, exercise_dates = trade.seen_from(valuation_date)
    for field in jax.tree.leaves(schedule):
        field.setflags(write=False)  # a schedule that is remembered is shared
    return ResolvedTrade(
        trade.trade_id,
        trade.kind,
        trade.currency,
        trade.index,
        trade.side,
        trade.strike,
        trade.notional,
        trade.position,
        trade.premium_due(valuation_date),
        schedule,
        exercise_dates,
        valuation_date,
    )
