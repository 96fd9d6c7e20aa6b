"""Floating rates that a trade does not state, taken from what was published."""

import datetime
from typing import Any, TypeVar

import numpy as np

from neuralrates.conventions.dates import add_business_days, adjust, year_fraction
from neuralrates.conventions.swap import SwapConvention
from neuralrates.core.errors import InputError
from neuralrates.market.fixings import IndexFixings
from neuralrates.trades.compounding_swap import CompoundingSwapTrade
from neuralrates.trades.dating import DatedSwap
from neuralrates.trades.fixings import NAMES, fields_by_period, fixing_dates
from neuralrates.trades.trade import AbstractTrade

Trade = TypeVar("Trade", bound=AbstractTrade)


def filled(trade: Trade, published: IndexFixings, valuation_date: datetime.date) -> Trade:
    """A trade that states every rate it needs: its own where it has them, the published ones else.

    Args:
        trade: dated trade
        published: rates by index and date
        valuation_date: date that the trade is seen from

    Returns:
        The trade.

    Raises:
        InputError: naming field, index and date of a rate that was fixed before the valuation date and is not published
    """
    found: dict[str, Any] = {}
    if isinstance(trade, CompoundingSwapTrade):
        found = _resets(trade, published, valuation_date)
    for prefix, swap in trade.floating_swaps.items():
        fields = [name for name in NAMES if prefix + name in type(trade).model_fields]
        if fields:
            found |= _fixings(trade, prefix, swap, published, valuation_date, fields)
    return trade.model_copy(update=found) if found else trade


def _fixings(
    trade: AbstractTrade,
    prefix: str,
    swap: DatedSwap,
    published: IndexFixings,
    valuation_date: datetime.date,
    fields: list[str],
) -> dict[str, float]:
    """Rates of one floating leg that the trade does not state."""
    leg, today = swap.floating, np.datetime64(valuation_date, "D")
    places = fields_by_period(swap.convention, leg.starts, valuation_date)
    found: dict[str, float] = {}
    for name in fields:
        place, own = places.get(name), prefix + name
        if place is None or getattr(trade, own) is not None or leg.payments[place] <= today:
            continue
        start, end = (days[place].astype(object) for days in (leg.starts, leg.ends))
        rate = _rate(swap.convention, published, start, end, valuation_date, own)
        if rate is not None:
            found[own] = rate
    return found


def _resets(
    trade: CompoundingSwapTrade, published: IndexFixings, valuation_date: datetime.date
) -> dict[str, tuple[float, ...]]:
    """Resets already fixed of the payments still to come, where the trade does not state them."""
    if trade.known_resets is not None:
        return {}
    leg, found = trade.swap().floating, list[float]()
    for start, end in zip(*(days.astype(object) for days in (leg.starts, leg.ends)), strict=True):
        if leg.payments[leg.starts == start][0] <= np.datetime64(valuation_date, "D"):
            continue
        rate = _rate(trade.convention, published, start, end, valuation_date, "known_resets")
        if rate is None:
            break
        found.append(rate)
    return {"known_resets": tuple(found)} if found else {}


def _rate(
    convention: SwapConvention,
    published: IndexFixings,
    start: datetime.date,
    end: datetime.date,
    today: datetime.date,
    name: str,
) -> float | None:
    """Rate of a period as far as it is fixed; None where it is open, or fixed today and not published yet."""
    if convention.overnight:
        return _compounded(convention, published, start, min(end, today), name)
    date = fixing_dates(convention, np.array([start], dtype="datetime64[D]"))[0].astype(object)
    rate = published.rate(convention.index, date)
    if rate is None and date < today:
        raise _missing(published, convention.index, date, start, name)
    return rate if date <= today else None


def _compounded(
    convention: SwapConvention,
    published: IndexFixings,
    start: datetime.date,
    end: datetime.date,
    name: str,
) -> float | None:
    """Overnight rate compounded from the start of a period to a date, simple; None where no day has passed.

    Source: ISDA (2021), Interest Rate Derivatives Definitions, compounding with overnight rates.
    """
    if start >= end:
        return None
    day_count, growth, day = convention.floating_day_count, 1.0, start
    while day < end:
        until = min(add_business_days(day, 1, convention.calendar), end)
        date = adjust(day, convention.calendar, "preceding")
        rate = published.rate(convention.index, date)
        if rate is None:
            raise _missing(published, convention.index, date, start, name)
        growth *= 1.0 + rate * year_fraction(day, until, day_count)
        day = until
    return (growth - 1.0) / year_fraction(start, end, day_count)


def _missing(
    published: IndexFixings, index: str, date: datetime.date, start: datetime.date, name: str
) -> InputError:
    return InputError(
        f"expected a fixing of {index} on {date}, for the floating period from {start}, found none in {published.source}",
        column=name,
    )
