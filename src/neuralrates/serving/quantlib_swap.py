"""The swap of a dated trade in QuantLib's words: its legs, its coupons, its curves. A second code, from the dates on."""

import datetime
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import equinox as eqx
import jax
import numpy as np
import QuantLib as ql  # noqa: N813
from jaxtyping import Array, Float

from neuralrates.conventions.evaluation_date import evaluation_date
from neuralrates.conventions.quantlib import (
    quantlib_calendar,
    quantlib_date,
    quantlib_day_count,
    quantlib_roll_rule,
)
from neuralrates.core.checks import as_array
from neuralrates.market.curve_system import CurveSystem
from neuralrates.market.curves import AbstractDiscountCurve
from neuralrates.products.trade import AbstractTrade

_DAYS_PER_YEAR = 365
_BLOCK = 3650
_INDICES: dict[str, Callable[..., ql.InterestRateIndex]] = {
    "USD-SOFR": ql.Sofr,
    "EUR-ESTR": ql.Estr,
    "EUR-EONIA": ql.Eonia,
    "EUR-EURIBOR-6M": ql.Euribor6M,
    "USD-LIBOR-3M": lambda curve: ql.USDLibor(ql.Period(3, ql.Months), curve),
}


@dataclass(frozen=True)
class QuantLibCurves:
    """Discount and projection curve, through our discount factor of every day.

    Args:
        discount: handle on the curve to discount with
        projection: handle on the curve of the floating rate
    """

    discount: ql.YieldTermStructureHandle
    projection: ql.YieldTermStructureHandle

    @classmethod
    def of(cls, curves: CurveSystem, today: datetime.date, last: datetime.date) -> "QuantLibCurves":
        """Curves of one currency, up to the last date that will be asked for."""
        discount = _handle(curves.discount, today, last)
        single = curves.single_curve
        return cls(discount, discount if single else _handle(curves.projection, today, last))


@dataclass(frozen=True)
class QuantLibSwap:
    """Legs of a swap per unit notional, coupon by coupon.

    Args:
        fixed: coupons of the fixed leg
        floating: coupons of the floating leg
    """

    fixed: list[ql.FixedRateCoupon]
    floating: list[ql.FloatingRateCoupon]

    def entered_from(self, start: ql.Date) -> "QuantLibSwap":
        """The swap without the periods that start before a date."""
        return QuantLibSwap(
            [coupon for coupon in self.fixed if coupon.accrualStartDate() >= start],
            [coupon for coupon in self.floating if coupon.accrualStartDate() >= start],
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

    def forward(self, curve: ql.YieldTermStructureHandle) -> float:
        """Fixed rate at which the swap is worth nothing."""
        return _worth(self.floating, curve) / self.annuity(curve)


@contextmanager
def quantlib_swap(
    trade: AbstractTrade, curves: QuantLibCurves, today: datetime.date
) -> Iterator[QuantLibSwap]:
    """Swap of a trade, or the swap that its right is on, from its dates and conventions alone.

    Within the context QuantLib's evaluation date is the valuation date, and its index knows the fixing that the trade
    states; both are put back on leaving.

    Args:
        trade: dated trade
        curves: QuantLib's curves of its currency
        today: valuation date

    Yields:
        The swap, per unit notional.
    """
    index = _INDICES[trade.index](curves.projection)
    with evaluation_date(today), _fixings(trade, index, today):
        yield QuantLibSwap(_fixed_leg(trade), _floating_leg(trade, index))


def _fixed_leg(trade: AbstractTrade) -> list[ql.FixedRateCoupon]:
    convention, schedule = trade.convention, _schedule(trade, trade.convention.fixed_months)
    leg = ql.FixedRateLeg(
        schedule,
        quantlib_day_count(convention.fixed_day_count),
        _notionals(trade, schedule),
        [trade.strike],
        paymentCalendar=quantlib_calendar(convention.calendar),
        paymentLag=convention.payment_lag,
    )
    return [ql.as_fixed_rate_coupon(flow) for flow in leg]


def _floating_leg(trade: AbstractTrade, index: ql.InterestRateIndex) -> list:
    convention, schedule = trade.convention, _schedule(trade, trade.convention.floating_months)
    make = ql.OvernightLeg if convention.overnight else ql.IborLeg
    leg = make(
        _notionals(trade, schedule),
        schedule,
        index,
        quantlib_day_count(convention.floating_day_count),
        spreads=[trade.spread],
        paymentCalendar=quantlib_calendar(convention.calendar),
        paymentLag=convention.payment_lag,
        **({"telescopicValueDates": True} if convention.overnight else {}),
    )
    return [ql.as_floating_rate_coupon(flow) for flow in leg]


def _schedule(trade: AbstractTrade, months: int) -> ql.Schedule:
    convention = trade.convention
    dates = convention.period_dates(trade.start_date, trade.maturity_date, months, trade.stub)
    return ql.Schedule(
        [quantlib_date(date) for date in dates.astype(object)],
        quantlib_calendar(convention.calendar),
        quantlib_roll_rule(convention.roll_rule),
    )


def _notionals(trade: AbstractTrade, schedule: ql.Schedule) -> list[float]:
    """Notional of each period relative to the trade's: that of the fixed period it lies in."""
    if trade.notionals is None:
        return [1.0]
    fixed = np.array([d.serialNumber() for d in _schedule(trade, trade.convention.fixed_months)])
    starts = np.array([date.serialNumber() for date in schedule])[:-1]
    inside = np.searchsorted(fixed, starts, side="right") - 1
    return [trade.notionals[period] / trade.notional for period in inside]


@contextmanager
def _fixings(
    trade: AbstractTrade, index: ql.InterestRateIndex, today: datetime.date
) -> Iterator[None]:
    """The index with the fixing of the period that has begun, where the trade states one, and then as it was."""
    rate = getattr(trade, "current_fixing", None)
    if rate is None or trade.start_date >= today:
        yield
        return
    known = index.timeSeries()
    dates, values = list(known.dates()), list(known.values())
    index.clearFixings()
    for date, value in _past_fixings(trade, index, quantlib_date(today), rate):
        index.addFixing(date, value)
    try:
        yield
    finally:
        index.clearFixings()
        index.addFixings(dates, values)


def _past_fixings(
    trade: AbstractTrade, index: ql.InterestRateIndex, today: ql.Date, rate: float
) -> list[tuple[ql.Date, float]]:
    schedule = _schedule(trade, trade.convention.floating_months)
    begun = max(date for date in schedule if date < today)
    if not trade.convention.overnight:
        return [(index.fixingDate(begun), rate)]
    calendar = index.fixingCalendar()
    days = [begun]
    while days[-1] < today:
        days.append(min(calendar.advance(days[-1], 1, ql.Days), today))
    spans = np.diff([day.serialNumber() for day in days]) / 360.0
    daily = _equal_daily_rate(spans, 1.0 + rate * spans.sum())
    return [(day, daily) for day in days[:-1]]


def _equal_daily_rate(spans: np.ndarray, growth: float) -> float:
    """Overnight rate, the same every day, that compounds to a growth: Newton's method on its logarithm."""
    rate = np.log(growth) / spans.sum()
    for _ in range(8):
        miss = np.log1p(rate * spans).sum() - np.log(growth)
        rate -= miss / (spans / (1.0 + rate * spans)).sum()
    return float(rate)


def _worth(leg: list, curve: ql.YieldTermStructureHandle) -> float:
    return ql.CashFlows.npv(leg, curve, False) if leg else 0.0


def _handle(
    curve: AbstractDiscountCurve, today: datetime.date, last: datetime.date
) -> ql.YieldTermStructureHandle:
    """Log-linear between days, so exact on every date."""
    count = ((last - today).days // _BLOCK + 1) * _BLOCK + 1
    factors = _discount_factors(curve, as_array(np.arange(count) / _DAYS_PER_YEAR))
    start = quantlib_date(today)
    dates = [start + day for day in range(count)]
    theirs = ql.DiscountCurve(dates, np.asarray(factors).tolist(), ql.Actual365Fixed())
    return ql.YieldTermStructureHandle(theirs)


@eqx.filter_jit
def _discount_factors(
    curve: AbstractDiscountCurve, times: Float[Array, "times"]
) -> Float[Array, "times"]:
    return jax.vmap(curve.discount_factor)(times)
