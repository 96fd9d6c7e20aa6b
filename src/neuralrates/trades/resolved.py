"""A dated trade seen from one valuation date: times instead of dates."""

import datetime
import functools
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from neuralrates.core.errors import RefusalError
from neuralrates.core.types import Bond
from neuralrates.products.cancellable import CancellableSwap
from neuralrates.products.swap import Side, Swap
from neuralrates.products.swaption import Swaption
from neuralrates.trades.rate_schedule import RateSchedule
from neuralrates.trades.schedule import (
    AbstractSchedule,
    CancellableSchedule,
    SwapSchedule,
    SwaptionSchedule,
)

Kind = Literal[
    "swap", "european", "european, par yield", "bermudan", "cancellable", "cap", "floor", "collar", "fra",
    "basis_swap", "compounding_swap", "bond", "floating_bond", "callable_bond", "puttable_bond",
]  # fmt: skip
PAR_YIELD: Kind = "european, par yield"
Position = Literal["long", "short"]


class Premium(NamedTuple):
    """What the holder has still to pay for a trade.

    Args:
        amount: per unit notional
        time: years from the valuation date
    """

    amount: float
    time: float


NOTHING_DUE = Premium(0.0, 0.0)


class Size(NamedTuple):
    """Lengths of a trade's arrays; trades of one size are priced together."""

    exercises: int
    fixed: int
    floating: int
    flows: int


@dataclass(frozen=True)
class ResolvedTrade:
    """What pricers need of a trade on one valuation date.

    Args:
        trade_id: name of the trade
        kind: as the book calls it; a European settled by par yield says so, and nothing takes it for one on the swap
        currency: ISO code
        index: name of the floating rate
        side: `payer` or `receiver` of the fixed rate (a cancellable's swap)
        strike: fixed rate, decimal
        notional: unit of the schedule's notionals, in currency
        position: `long`, or `short` where the counterparty holds the trade
        premium: what the holder has still to pay for it, if anything
        schedule: times in years from the valuation date
        exercise_dates: dates of the exercises still alive, in step with the schedule's
        valuation_date: date of time zero
        discount_spread: decimal a year, continuous, that the schedule's payments are discounted by over the curve
        second_index: the second floating rate of a basis swap; None for others
        stated: side and position as the book has them, where the schedule is that of the counterparty who holds the right
    """

    trade_id: str
    kind: Kind
    currency: str
    index: str
    side: Side
    strike: float
    notional: float
    position: Position
    premium: Premium | None
    schedule: AbstractSchedule
    exercise_dates: tuple[datetime.date, ...]
    valuation_date: datetime.date
    discount_spread: float = 0.0
    second_index: str | None = None
    stated: tuple[Side, Position] | None = None

    @property
    def stated_side(self) -> Side:
        """Side as the book has it."""
        return self.side if self.stated is None else self.stated[0]

    @property
    def stated_position(self) -> Position:
        """Position as the book has it."""
        return self.position if self.stated is None else self.stated[1]

    @property
    def holds_a_swap(self) -> bool:
        """Whether a swap is held, beside a right on one or without any."""
        return self.kind not in ("european", PAR_YIELD, "bermudan")

    @property
    def settles_by_par_yield(self) -> bool:
        """Whether exercise pays the value at the par yield, which is not that of the swap."""
        return self.kind == PAR_YIELD

    @property
    def signed_notional(self) -> float:
        """Notional, below zero where the position is short: what values and Greeks per unit notional are multiplied by."""
        return signed_notional(self.notional, self.position)

    @property
    def floating_rates(self) -> tuple[str, ...]:
        """Names of the one or two floating rates that it pays."""
        return (self.index,) if self.second_index is None else (self.index, self.second_index)

    def product(
        self, discount: Bond, projection: Bond, second: Bond | None = None
    ) -> Swap | Swaption | CancellableSwap:
        """Product per unit notional on these curves (time to discount factor).

        The second rate of a basis swap is projected by `second`, or by the discount curve where that is not given.
        """
        if self.settles_by_par_yield:
            raise RefusalError(
                "expected a right to a swap, found one settled by par yield: `neuralrates.price` prices it"
            )
        match self.schedule:
            case SwapSchedule():
                return self.schedule.resolve(discount, projection, self.strike, self.side, second)
        return self.schedule.resolve(discount, projection, self.strike, self.side)

    @functools.cached_property
    def rates(self) -> RateSchedule | None:
        """Periods of a cap, floor, collar or forward rate agreement; None for other trades."""
        return self.schedule if isinstance(self.schedule, RateSchedule) else None

    @functools.cached_property
    def swap(self) -> SwapSchedule:
        """Periods of the swap that is held, or that exercise enters."""
        return _parts(self.schedule)[0]

    @functools.cached_property
    def option(self) -> SwaptionSchedule | None:
        """Exercises of its option; None for a swap."""
        return _parts(self.schedule)[1]

    @functools.cached_property
    def size(self) -> Size:
        """Lengths of its arrays."""
        swap, option = self.swap, self.option
        return Size(
            0 if option is None else option.exercise_times.shape[0],
            swap.fixed.accruals.shape[0],
            swap.floating.accruals.shape[0],
            swap.flow_times.shape[0],
        )

    @functools.cached_property
    def last_payment(self) -> float:
        """Time of the last discount factor that a value depends on, years."""
        legs = self.swap.fixed, self.swap.floating
        return max(float(np.max(leg.payment_times)) for leg in legs)

    @functools.cached_property
    def last_open_rates(self) -> tuple[float, ...]:
        """End of the last period that is still open, years, of each rate; an index's own period may outlast its coupon."""
        floating = self.swap.floating
        ends, is_open = np.asarray(floating.end_times), floating.index_weights != 0.0
        return tuple(
            float(ends.max(where=is_open & (floating.on_second == number), initial=0.0))
            for number, _ in enumerate(self.floating_rates)
        )


def signed_notional(notional: float, position: Position) -> float:
    """A notional, below zero where the position is short."""
    return -notional if position == "short" else notional


def _parts(schedule: AbstractSchedule) -> tuple[SwapSchedule, SwaptionSchedule | None]:
    match schedule:
        case CancellableSchedule(swap=swap, right=right):
            return swap, right
        case SwaptionSchedule(swap=swap):
            return swap, schedule
        case SwapSchedule():
            return schedule, None
        case RateSchedule():
            return schedule.swap, None
    raise TypeError(f"Argument `schedule` is of an unknown kind, {type(schedule).__name__}.")
