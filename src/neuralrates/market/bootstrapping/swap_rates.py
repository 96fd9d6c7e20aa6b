"""Forward swap rates of standard swaps on a currency's curves."""

import datetime
from collections.abc import Sequence

import numpy as np
import QuantLib as ql  # noqa: N813

from neuralrates.conventions import (
    SwapConvention,
    quantlib_calendar,
    quantlib_date,
    quantlib_roll_rule,
    times_from,
    year_fraction,
    year_fractions,
)
from neuralrates.conventions.quantlib import python_date
from neuralrates.core.doors import door
from neuralrates.market.bootstrapping.instruments import FixedFlow, FloatingFlow, Instrument
from neuralrates.market.bootstrapping.par_rates import ParRates
from neuralrates.market.bootstrapping.quotes import Quote
from neuralrates.market.bootstrapping.rate_helpers import convention
from neuralrates.market.curves.curve_system import CurveSystem


def expiry_date(valuation_date: datetime.date, expiry: str, rule: SwapConvention) -> datetime.date:
    """Exercise date of a swaption quoted with this expiry, such as `18M`."""
    calendar, roll = quantlib_calendar(rule.calendar), quantlib_roll_rule(rule.roll_rule)
    return python_date(calendar.advance(quantlib_date(valuation_date), ql.Period(expiry), roll))


def expiry_times(valuation_date: datetime.date, expiries: Sequence[str], index: str) -> np.ndarray:
    """Times in years of swaption expiries.

    Example:
        >>> import datetime
        >>> from neuralrates.market.bootstrapping.swap_rates import expiry_times
        >>> expiry_times(datetime.date(2024, 3, 19), ["6M", "1Y"], "USD-SOFR").round(4).tolist()
        [0.5041, 1.0]
    """
    rule = convention(index)
    dates = [expiry_date(valuation_date, expiry, rule) for expiry in expiries]
    return np.array([year_fraction(valuation_date, date) for date in dates])


@door
def forward_swap_rates(
    valuation_date: datetime.date,
    curves: CurveSystem,
    expiries: Sequence[str],
    tenors: Sequence[str],
) -> np.ndarray:
    """Rates at which swaps that start after each expiry are worth nothing.

    Args:
        valuation_date: day on which time zero falls
        curves: of the currency; swaps are on the rate of the first projection curve
        expiries: such as `1Y`; the swap starts its spot lag later
        tenors: lengths of the swaps

    Returns:
        Rates, decimals, by expiry and tenor.
    """
    rule = convention(curves.projection_index)
    swaps = [_swap(valuation_date, rule, e, t) for e in expiries for t in tenors]
    rates, _ = ParRates(swaps, curves.positions)(curves.curves)
    return rates.reshape(len(expiries), len(tenors))


def _swap(today: datetime.date, rule: SwapConvention, expiry: str, tenor: str) -> Instrument:
    start = rule.spot_date(expiry_date(today, expiry, rule))
    end = python_date(quantlib_date(start) + ql.Period(tenor))
    fixed = rule.period_dates(start, end, rule.fixed_months).tolist()
    floating = rule.period_dates(start, end, rule.floating_months).tolist()
    accruals = year_fractions(fixed[:-1], fixed[1:], rule.fixed_day_count)
    times, payments = _times(today, rule, floating)
    flows = zip(times[:-1], times[1:], payments, strict=True)
    return Instrument(
        Quote("swap", rule.index, tenor, 0.0),
        tuple(FloatingFlow(s, e, p, 1.0, rule.index) for s, e, p in flows),
        tuple(map(FixedFlow, _times(today, rule, fixed)[1], accruals)),
    )


def _times(
    today: datetime.date, rule: SwapConvention, dates: list[datetime.date]
) -> tuple[list[float], list[float]]:
    """Times of the boundaries, and of the payments of the periods between them."""
    payments = [rule.payment_date(date) for date in dates[1:]]
    return times_from(today, dates).tolist(), times_from(today, payments).tolist()
