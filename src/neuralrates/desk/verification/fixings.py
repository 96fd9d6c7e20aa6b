"""Floating rates known on the valuation date, as the fixings that QuantLib asks its index for."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

import numpy as np
import QuantLib as ql  # noqa: N813

from neuralrates.core.errors import RefusalError

Fixings: TypeAlias = dict[ql.Date, float]
Coupon: TypeAlias = ql.FloatingRateCoupon
_PLACES = {"previous_fixing": -1, "current_fixing": 0, "next_fixing": 1}


def known_fixings(
    trade: Any, coupons: Sequence[Coupon], index: ql.InterestRateIndex, today: ql.Date
) -> Fixings:
    """Fixings of the coupons not yet paid, as the trade states them.

    The current period is the last that has begun, the first before any has; an overnight rate needs a day to compound. A rate
    fixed before the valuation date must be stated, a term rate fixed on it may be.

    Args:
        trade: dated trade, or the fields of one of its legs
        coupons: of its floating leg
        index: QuantLib's
        today: valuation date

    Returns:
        Rates by fixing date.

    Raises:
        RefusalError: where a rate is missing, or stated though no such rate is fixed and unpaid
    """
    begun = sum(_has_begun(coupon, index, today) for coupon in coupons)
    current = max(begun - 1, 0)
    found: Fixings = {}
    for name, place in _PLACES.items():
        inside = 0 <= current + place < len(coupons)
        coupon = coupons[current + place] if inside else None
        rate = getattr(trade, name, None)
        if rate is not None:
            found |= _stated(name, rate, coupon, index, today)
        elif coupon is not None and coupon.date() > today and is_known(coupon, index, today):
            start = coupon.accrualStartDate().ISO()
            raise RefusalError(f"the rate of the floating period from {start} is not stated")
    return found


def is_known(coupon: Coupon, index: ql.InterestRateIndex, today: ql.Date) -> bool:
    """Whether a coupon's rate, or for an overnight rate a part of it, was fixed before today."""
    return _fixed_on(coupon, index) < today


def is_stated(coupon: Coupon, known: Fixings) -> bool:
    """Whether the whole rate of a coupon is among those that a trade states."""
    return coupon.fixingDate() in known


def _fixed_on(coupon: Coupon, index: ql.InterestRateIndex) -> ql.Date:
    start = coupon.accrualStartDate()
    return start if _overnight(index) else index.fixingDate(start)


def _has_begun(coupon: Coupon, index: ql.InterestRateIndex, today: ql.Date) -> bool:
    start = coupon.accrualStartDate()
    return start < today or (start == today and not _overnight(index))


def _stated(
    name: str, rate: float, coupon: Coupon | None, index: ql.InterestRateIndex, today: ql.Date
) -> Fixings:
    if coupon is not None and coupon.date() > today:
        start = coupon.accrualStartDate()
        if _overnight(index) and start < today:
            return _daily(index, start, min(coupon.accrualEndDate(), today), rate)
        if not _overnight(index) and index.fixingDate(start) <= today:
            return {index.fixingDate(start): rate}
    raise RefusalError(f"{name} is stated, but no such rate is fixed and unpaid")


def _overnight(index: ql.InterestRateIndex) -> bool:
    return index.tenor() == ql.Period(1, ql.Days)


def _daily(index: ql.InterestRateIndex, start: ql.Date, end: ql.Date, rate: float) -> Fixings:
    """Overnight fixings, all the same, that compound to a simple rate."""
    days = [start]
    while days[-1] < end:
        days.append(min(index.fixingCalendar().advance(days[-1], 1, ql.Days), end))
    count = index.dayCounter()
    spans = np.array([count.yearFraction(*pair) for pair in zip(days, days[1:], strict=False)])
    daily = _equal_daily_rate(spans, 1.0 + rate * count.yearFraction(start, end))
    return dict.fromkeys(days[:-1], daily)


def _equal_daily_rate(spans: np.ndarray, growth: float) -> float:
    """Overnight rate, the same every day, that compounds to a growth: Newton's method on its logarithm."""
    rate = np.log(growth) / spans.sum()
    for _ in range(8):
        miss = np.log1p(rate * spans).sum() - np.log(growth)
        rate -= miss / (spans / (1.0 + rate * spans)).sum()
    return float(rate)


@contextmanager
def index_with(index: ql.InterestRateIndex, rates: Fixings) -> Iterator[None]:
    """The index with these fixings alone, and then as it was; they are global, so within `evaluation_date`."""
    known = index.timeSeries()
    dates, values = list(known.dates()), list(known.values())
    index.clearFixings()
    for date, value in rates.items():
        index.addFixing(date, value)
    try:
        yield
    finally:
        index.clearFixings()
        index.addFixings(dates, values)
