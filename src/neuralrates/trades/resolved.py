"""A dated trade seen from one valuation date: times instead of dates."""

import datetime
import functools
from dataclasses import dataclass
from typing import Literal

from neuralrates.core.types import Bond
from neuralrates.products.cancellable import CancellableSwap
from neuralrates.products.swap import Side, Swap
from neuralrates.products.swaption import Swaption
from neuralrates.trades.schedule import (
    AbstractSchedule,
    CancellableSchedule,
    SwapSchedule,
    SwaptionSchedule,
)

Kind = Literal["swap", "european", "bermudan", "cancellable"]


@dataclass(frozen=True)
class ResolvedTrade:
    """What pricers need of a trade on one valuation date.

    Args:
        trade_id: name of the trade
        kind: `swap`, `european`, `bermudan` or `cancellable`
        currency: ISO code
        index: name of the floating rate
        side: `payer` or `receiver` of the fixed rate (a cancellable's swap)
        strike: fixed rate, decimal
        notional: unit of the schedule's notionals, in currency
        schedule: times in years from the valuation date
        exercise_dates: dates of the exercises still alive, in step with the schedule's
        valuation_date: date of time zero
    """

    trade_id: str
    kind: Kind
    currency: str
    index: str
    side: Side
    strike: float
    notional: float
    schedule: AbstractSchedule
    exercise_dates: tuple[datetime.date, ...]
    valuation_date: datetime.date

    def product(self, discount: Bond, projection: Bond) -> Swap | Swaption | CancellableSwap:
        """Product per unit notional on these curves (time to discount factor)."""
        return self.schedule.resolve(discount, projection, self.strike, self.side)

    @functools.cached_property
    def swap(self) -> SwapSchedule:
        """Periods of the swap that is held, or that exercise enters."""
        return _parts(self.schedule)[0]

    @functools.cached_property
    def option(self) -> SwaptionSchedule | None:
        """Exercises of its option; None for a swap."""
        return _parts(self.schedule)[1]


def _parts(schedule: AbstractSchedule) -> tuple[SwapSchedule, SwaptionSchedule | None]:
    match schedule:
        case CancellableSchedule(swap=swap, right=right):
            return swap, right
        case SwaptionSchedule(swap=swap):
            return swap, schedule
        case SwapSchedule():
            return schedule, None
    raise TypeError(f"Argument `schedule` is of an unknown kind, {type(schedule).__name__}.")
