"""The swap of a dated trade in QuantLib's words: schedules and coupons. A second code, from the fields on."""

import datetime
from dataclasses import dataclass
from typing import Any

import QuantLib as ql  # noqa: N813

from neuralrates.core.errors import RefusalError
from neuralrates.desk.verification.conventions import Terms, day, day_count, terms
from neuralrates.desk.verification.fixings import Fixings, is_stated
from neuralrates.products.swap import Side
from neuralrates.trades.trade import AbstractTrade

SIGNS = {"receiver": 1.0, "payer": -1.0}
"""Of the value to the receiver of the fixed rate, by the side that holds the swap."""

_ROLLED = 7
"""Days by which the legs of a swap may roll apart."""

OTHER_SIDE: dict[Side, Side] = {"receiver": "payer", "payer": "receiver"}

_GENERATION = {
    "short front": ql.DateGeneration.Backward,
    "short back": ql.DateGeneration.Forward,
}


@dataclass(frozen=True)
class QuantLibSwap:
    """Legs of a swap per unit notional, coupon by coupon.

    Args:
        fixed: coupons of the fixed leg
        floating: coupons of the floating leg
        terms: of its index
        indexed: whether a term rate is projected over the index's own period, not the coupon's
    """

    fixed: list[ql.FixedRateCoupon]
    floating: list[ql.FloatingRateCoupon]
    terms: Terms
    indexed: bool = False

    def starts(self) -> list[ql.Date]:
        """From when each fixed period and the floating ones beside it run: the legs may roll apart by some days."""
        floating = [coupon.accrualStartDate() for coupon in self.floating]
        return _together([coupon.accrualStartDate() for coupon in self.fixed], floating)

    def entered_from(self, start: ql.Date) -> "QuantLibSwap":
        """The swap without the periods that start before a date."""
        return QuantLibSwap(
            [coupon for coupon in self.fixed if coupon.accrualStartDate() >= start],
            [coupon for coupon in self.floating if coupon.accrualStartDate() >= start],
            self.terms,
            self.indexed,
        )

    def value(self, curve: ql.YieldTermStructureHandle) -> float:
        """Value to the receiver of the fixed rate, by QuantLib's discounting."""
        return _worth(self.fixed, curve) - _worth(self.floating, curve)

    def annuity(self, curve: ql.YieldTermStructureHandle) -> float:
        """Value of one unit of fixed rate, in years."""
        return sum(
            coupon.nominal() * coupon.accrualPeriod() * curve.discount(coupon.date())
            for coupon in self.fixed
            if coupon.date() > curve.referenceDate()
        )

    def steps(self, curve: ql.YieldTermStructureHandle, strike: float) -> float:
        """Value of the coupons over a strike."""
        return sum(
            coupon.nominal()
            * (coupon.rate() - strike)
            * coupon.accrualPeriod()
            * curve.discount(coupon.date())
            for coupon in self.fixed
            if coupon.date() > curve.referenceDate()
        )

    def margin(self, curve: ql.YieldTermStructureHandle, known: Fixings) -> float:
        """Value of the spread over the index, where that is open."""
        return sum(
            coupon.nominal()
            * coupon.spread()
            * coupon.accrualPeriod()
            * curve.discount(coupon.date())
            for coupon in self.floating
            if coupon.date() > curve.referenceDate() and not is_stated(coupon, known)
        )

    def floating_value(self, curve: ql.YieldTermStructureHandle) -> float:
        """Value of the floating leg."""
        return _worth(self.floating, curve)


def quantlib_swap(trade: AbstractTrade, index: ql.InterestRateIndex) -> QuantLibSwap:
    """Swap of a trade, or the swap that its right is on, from its fields alone, per unit notional.

    Args:
        trade: dated trade
        index: QuantLib's, on the projection curve

    Raises:
        RefusalError: where the notionals are not one per fixed period
    """
    rule = terms(trade.index)
    indexed = trade.projection == "index"
    floating = _floating_leg(trade, rule, index, indexed)
    return QuantLibSwap(_fixed_leg(trade, rule), floating, rule, indexed)


def _fixed_leg(trade: AbstractTrade, rule: Terms) -> list[ql.FixedRateCoupon]:
    schedule = _fixed_schedule(trade, rule)
    leg = ql.FixedRateLeg(
        schedule,
        day_count(trade.fixed_day_count) or rule.fixed_day_count,
        _notionals(trade, rule, schedule),
        list(trade.coupons or [trade.strike]),
        **_payments(trade, rule, trade.fixed_dates is not None),
    )
    return [ql.as_fixed_rate_coupon(flow) for flow in leg]


def _floating_leg(
    trade: AbstractTrade, rule: Terms, index: ql.InterestRateIndex, indexed: bool
) -> list:
    schedule = stated_schedule(trade.floating_dates) or regular_schedule(
        trade, rule, rule.floating_months
    )
    if rule.overnight and getattr(trade, "zero_coupon", "none") in ("floating", "both"):
        ends = list(schedule)
        schedule = ql.Schedule([ends[0], ends[-1]])
    weights = [one / trade.notional for one in trade.floating_notionals or ()]
    weights = weights or _notionals(trade, rule, schedule)
    return floating_coupons(trade, rule, index, schedule, weights, indexed)


def floating_coupons(
    trade: Any,
    rule: Terms,
    index: ql.InterestRateIndex,
    schedule: ql.Schedule,
    notionals: list[float],
    indexed: bool,
) -> list:
    """Coupons of a floating leg, per unit notional, by the fields of a trade or of one of its legs."""
    make = ql.OvernightLeg if rule.overnight else ql.IborLeg
    leg = make(
        notionals,
        schedule,
        index,
        day_count(trade.floating_day_count) or rule.floating_day_count,
        spreads=list(trade.spreads or [trade.spread]),
        **_payments(trade, rule, trade.floating_dates is not None),
        **({"telescopicValueDates": True} if rule.overnight else {"withIndexedCoupons": indexed}),
    )
    return [ql.as_floating_rate_coupon(flow) for flow in leg]


def rate_coupons(
    trade: AbstractTrade, rule: Terms, index: ql.InterestRateIndex, months: int
) -> list:
    """Coupons of a trade on single rates, per unit notional; one whole period where it has no months."""
    schedule = stated_schedule(trade.floating_dates)
    if schedule is None:
        ends = (trade.start_date, trade.maturity_date)
        whole = ql.Schedule([rule.rolled(day(date)) for date in ends])
        schedule = regular_schedule(trade, rule, months) if months else whole
    count = len(list(schedule)) - 1
    notionals = trade.notionals or (trade.notional,) * count
    if len(notionals) != count:
        raise RefusalError(f"expected one notional per period, {count} in all")
    weights = [one / trade.notional for one in notionals]
    return floating_coupons(trade, rule, index, schedule, weights, trade.projection == "index")


def _payments(trade: Any, rule: Terms, as_stated: bool) -> dict[str, Any]:
    """When a leg pays: some business days after its periods end, or on the very days where these are stated."""
    lag = rule.payment_lag if trade.payment_lag is None else trade.payment_lag
    if as_stated and lag == 0:
        return {"paymentCalendar": ql.NullCalendar()}
    return {"paymentCalendar": rule.calendar, "paymentLag": lag}


def stated_schedule(dates: tuple[datetime.date, ...] | None) -> ql.Schedule | None:
    """Schedule of dates taken as they are; None for none."""
    return None if dates is None else ql.Schedule([day(date) for date in dates])


def _fixed_schedule(trade: AbstractTrade, rule: Terms) -> ql.Schedule:
    return stated_schedule(trade.fixed_dates) or regular_schedule(trade, rule, rule.fixed_months)


def regular_schedule(trade: Any, rule: Terms, months: int) -> ql.Schedule:
    """Schedule by the convention of an index, rolled, equal dates once."""
    start, end = day(trade.start_date), day(trade.maturity_date)
    whole = start + ql.Period(
        12 * (end.year() - start.year()) + end.month() - start.month(), ql.Months
    )
    end = whole if rule.rolled(whole) == rule.rolled(end) else end
    dates = ql.Schedule(
        start,
        end,
        ql.Period(months, ql.Months),
        rule.calendar,
        ql.ModifiedFollowing,
        ql.ModifiedFollowing,
        _GENERATION[trade.stub],
        False,
    )
    apart = sorted({date.serialNumber() for date in dates})
    return ql.Schedule([ql.Date(one) for one in apart], rule.calendar, ql.ModifiedFollowing)


def _notionals(trade: AbstractTrade, rule: Terms, schedule: ql.Schedule) -> list[float]:
    """Notional of each period relative to the trade's: that of the fixed period it lies in."""
    if trade.notionals is None:
        return [1.0]
    fixed = list(_fixed_schedule(trade, rule))[:-1]
    if len(fixed) != len(trade.notionals):
        raise RefusalError(f"expected one notional per fixed period, {len(fixed)} in all")
    dates = list(schedule)[:-1]
    starts = _together(fixed, dates)
    inside = [max(sum(start <= date for start in starts) - 1, 0) for date in dates]
    return [trade.notionals[period] / trade.notional for period in inside]


def _together(fixed: list[ql.Date], floating: list[ql.Date]) -> list[ql.Date]:
    return [max((f for f in floating if 0 <= k - f <= _ROLLED), default=k) for k in fixed]


def _worth(leg: list, curve: ql.YieldTermStructureHandle) -> float:
    return ql.CashFlows.npv(leg, curve, False) if leg else 0.0
