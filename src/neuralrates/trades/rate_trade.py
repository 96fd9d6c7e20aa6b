"""Dated trades on single rates: caps, floors, collars and forward rate agreements."""

import abc
import datetime
from typing import Literal

import numpy as np

from neuralrates.conventions.dates import times_from
from neuralrates.core.errors import InputError
from neuralrates.products.swap import Side, side_sign
from neuralrates.trades.dating import DatedSwap
from neuralrates.trades.fields import Rate, Tenor, tenor_months
from neuralrates.trades.fixings import Fixings, fixing_dates
from neuralrates.trades.own_legs import OwnLegs
from neuralrates.trades.rate_schedule import RateSchedule
from neuralrates.trades.trade import AbstractTrade, Seen

OVERNIGHT_MONTHS = 3
"""Length of a cap's periods on an overnight rate where it states none, as caps on compounded rates are quoted."""


class AbstractRateTrade(AbstractTrade):
    """Trade each of whose payments depends on the rate of one period.

    Args:
        previous_fixing, current_fixing, next_fixing: as for a swap
    """

    previous_fixing: Rate | None = None
    current_fixing: Rate | None = None
    next_fixing: Rate | None = None

    @property
    def fixings(self) -> Fixings:
        return Fixings(self.previous_fixing, self.current_fixing, self.next_fixing)

    @property
    @abc.abstractmethod
    def dates(self) -> tuple[datetime.date, ...]:
        """Starts of the periods and the last end."""

    @property
    def legs(self) -> OwnLegs:
        dates, day_count = self.dates, self.floating_day_count or self.convention.floating_day_count
        return OwnLegs(dates, dates, day_count, day_count, self._lag())

    def _lag(self) -> int:
        return self.convention.payment_lag if self.payment_lag is None else self.payment_lag

    def check(self) -> None:
        for name in ("fixed_dates", "fixed_day_count"):
            if getattr(self, name) is not None:
                raise InputError(
                    f"expected nothing: a {self.kind} has no fixed leg, found some", column=name
                )
        for name in ("coupons", "spreads", "floating_notionals"):
            if getattr(self, name) is not None:
                raise InputError(
                    f"expected nothing for a {self.kind}: it has one strike and one spread, and `notionals` of its periods, "
                    "found some",
                    column=name,
                )
        AbstractTrade.check(self)

    def right(self, swap: DatedSwap) -> None:
        return None

    def seen_from(self, valuation_date: datetime.date) -> Seen:
        swap = self.swap()
        floating = swap.schedule(valuation_date).floating
        left = swap.floating.payments > np.datetime64(valuation_date, "D")
        first, last = self._uncertain(swap, left, valuation_date)
        known = np.asarray(floating.index_weights) == 0.0
        term = times_from(valuation_date, swap.floating.ends[-1:])[0]
        return RateSchedule(
            floating,
            np.where(known, 0.0, first),
            np.where(known, 0.0, last),
            self.spread,
            term,
            **self.multiples(),
        ), ()

    def _uncertain(
        self, swap: DatedSwap, left: np.ndarray, valuation_date: datetime.date
    ) -> tuple[np.ndarray, np.ndarray]:
        """From when each rate stops moving as a whole, and when it is known, years."""
        starts = times_from(
            valuation_date, fixing_dates(self.convention, swap.floating.starts[left])
        )
        if self.convention.overnight:
            return starts, times_from(valuation_date, swap.floating.ends[left])
        return np.maximum(starts, 0.0), np.maximum(starts, 0.0)

    @abc.abstractmethod
    def multiples(self) -> dict[str, float]:
        """Caplets, floorlets and forwards held, the strike of the floorlets, and whether it pays at the start."""


class AbstractCapTrade(AbstractRateTrade):
    """Options on the rates of a run of periods.

    Args:
        frequency: length of a period; that of the index, and three months for an overnight rate, when not given
    """

    frequency: Tenor | None = None

    @property
    def dates(self) -> tuple[datetime.date, ...]:
        if self.floating_dates is not None:
            return self.floating_dates
        convention = self.convention
        months = OVERNIGHT_MONTHS if convention.overnight else convention.floating_months
        months = tenor_months(self.frequency) if self.frequency else months
        return tuple(
            convention.period_dates(self.start_date, self.maturity_date, months, self.stub).astype(
                object
            )
        )


class CapTrade(AbstractCapTrade):
    """Right to the excess of each period's rate over the strike.

    A term rate is fixed before its period, an overnight rate compounds to its end.

    Example:
        >>> import datetime
        >>> import neuralrates as nr
        >>> cap = nr.trades.CapTrade(
        ...     trade_id="C1", currency="USD", index="USD-SOFR", notional=1e6, strike=0.04,
        ...     start_date="2024-03-21", maturity_date="2026-03-21",
        ... )
        >>> cap.resolve(datetime.date(2024, 3, 19)).rates.floating.accruals.shape
        (8,)
    """

    kind: Literal["cap"] = "cap"
    side: Literal["payer"] = "payer"

    def multiples(self) -> dict[str, float]:
        return _held(cap=1.0)


class FloorTrade(AbstractCapTrade):
    """Right to what the strike exceeds each period's rate by."""

    kind: Literal["floor"] = "floor"
    side: Literal["receiver"] = "receiver"

    def multiples(self) -> dict[str, float]:
        return _held(floor=1.0, floor_strike=self.strike)


class CollarTrade(AbstractCapTrade):
    """A cap held and a floor sold.

    Args:
        strike: of the cap
        floor_strike: of the floor, below it
    """

    kind: Literal["collar"] = "collar"
    side: Literal["payer"] = "payer"
    floor_strike: Rate

    def check(self) -> None:
        AbstractCapTrade.check(self)
        if self.floor_strike > self.strike:
            raise InputError(
                f"expected a floor below the cap's {self.strike:g}, found {self.floor_strike:g}",
                column="floor_strike",
            )

    def multiples(self) -> dict[str, float]:
        return _held(cap=1.0, floor=-1.0, floor_strike=self.floor_strike)


class ForwardRateAgreementTrade(AbstractRateTrade):
    """Exchange of a rate for the strike over one period, settled at its start.

    It pays $\\tau (L - K) / (1 + \\tau L)$ at the start of the period.

    Args:
        side: `payer` of the strike, who has bought it, or `receiver`

    Source: ISDA (2021), Interest Rate Derivatives Definitions, section 7.1 (FRA discounting).
    """

    kind: Literal["fra"] = "fra"
    side: Side

    @property
    def dates(self) -> tuple[datetime.date, ...]:
        convention = self.convention
        rolled = (convention.rolled(self.start_date), convention.rolled(self.maturity_date))
        return rolled if self.floating_dates is None else self.floating_dates

    def check(self) -> None:
        if self.convention.overnight:
            raise InputError(
                f"expected a rate that is fixed in advance, found {self.index}", column="index"
            )
        AbstractRateTrade.check(self)
        if len(self.dates) != 2:
            raise InputError(
                f"expected a start and an end, found {len(self.dates)} dates",
                column="floating_dates",
            )

    def seen_from(self, valuation_date: datetime.date) -> Seen:
        start = self.dates[0]
        if start <= valuation_date:
            raise InputError(
                f"expected a start after the valuation date {valuation_date}, when it settles, found {start}",
                column="start_date",
            )
        return AbstractRateTrade.seen_from(self, valuation_date)

    def multiples(self) -> dict[str, float]:
        return _held(forward=-side_sign(self.side), paid_at_start=1.0)


def _held(**held: float) -> dict[str, float]:
    nothing = dict.fromkeys(("cap", "floor", "forward", "floor_strike", "paid_at_start"), 0.0)
    return nothing | held
