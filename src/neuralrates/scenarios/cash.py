"""What trades pay between two dates."""

import datetime
from collections.abc import Iterator

import numpy as np

from neuralrates.core.errors import InputError
from neuralrates.market.curves.curve_reader import CurveReader
from neuralrates.market.fixings import IndexFixings
from neuralrates.market.market import Market
from neuralrates.products.swap import side_sign
from neuralrates.trades.book import Book
from neuralrates.trades.periods import FloatingPeriods
from neuralrates.trades.rate_schedule import RateSchedule
from neuralrates.trades.resolved import ResolvedTrade
from neuralrates.trades.trade import AbstractTrade

_BONDS = ("bond", "callable_bond", "puttable_bond")
_DAY = datetime.timedelta(days=1)
_HALF_A_DAY = 0.5 / 365.0


def paid_between(
    trade: AbstractTrade, market: Market, until: datetime.date, fixings: IndexFixings | None
) -> float:
    """What the holder of a trade is paid, less what he pays, after the market's date and until another.

    Each payment is seen from the day before it. What of its rate is not fixed by then is projected.

    Args:
        trade: dated, as it stands on the market's date
        market: that projects what is not fixed
        until: last day
        fixings: published rates, for those that the trade does not state

    Returns:
        Currency.

    Raises:
        InputError: where the trade cannot be seen on the market's date
    """
    today = market.valuation_date
    first = _on(trade, today, fixings)
    total = 0.0
    for day in _payment_days(first, today, until):
        seen = day - _DAY
        try:
            then = first if seen == today else _on(trade, seen, fixings)
        except InputError:  # a rate that nobody states is projected from the market's date
            seen, then = today, first
        total += _paid_on(then, day, seen, market)
    return total


def last_payment(trade: ResolvedTrade) -> float:
    """Years to the last payment of a trade that is no option; infinite for one that may still be exercised."""
    if not trade.holds_a_swap:
        return np.inf
    return float(np.max(_times(trade), initial=0.0))


def _times(trade: ResolvedTrade) -> np.ndarray:
    """When a trade that holds more than an option pays, years."""
    if trade.rates is not None:
        return _settled(trade.rates)
    swap = trade.swap
    return np.concatenate([swap.fixed.payment_times, swap.floating.payment_times])


def _settled(schedule: RateSchedule) -> np.ndarray:
    """When payments on single rates are made: at the end of a period, or discounted at its start."""
    periods, at_start = schedule.floating, schedule.paid_at_start > 0.0
    return np.asarray(np.where(at_start, periods.start_times, periods.payment_times))


def _on(trade: AbstractTrade, day: datetime.date, fixings: IndexFixings | None) -> ResolvedTrade:
    book = Book((trade,))
    book = book if fixings is None else book.with_fixings(fixings, day)
    return book.resolve(day).trades[0]


def _payment_days(
    trade: ResolvedTrade, today: datetime.date, until: datetime.date
) -> Iterator[datetime.date]:
    times = [np.array([0.0 if trade.premium is None else trade.premium.time])]
    if trade.holds_a_swap:
        times.append(_times(trade))
    days = np.unique(np.round(365.0 * np.concatenate([np.asarray(one) for one in times])))
    last = (until - today).days
    yield from (today + int(day) * _DAY for day in days[(days > 0) & (days <= last)])


def _paid_on(
    trade: ResolvedTrade, day: datetime.date, seen: datetime.date, market: Market
) -> float:
    """Payments of one day, in currency."""
    time = (day - seen).days / 365.0
    curves = market[trade.currency].curves
    readers = [CurveReader(curves.curve(index)) for index in trade.floating_rates]
    passed = (seen - market.valuation_date).days / 365.0

    def interest(periods: FloatingPeriods) -> np.ndarray:
        """Growth of the index over each period, less one."""
        start, end = (
            np.where(
                periods.on_second > 0.0,
                *(read(passed + times[None, :]).value[0] for read in (readers[-1], readers[0])),
            )
            for times in (periods.start_times, periods.end_times)
        )
        return np.asarray(periods.index_weights * np.expm1(end - start))

    amount = 0.0
    if trade.premium is not None and abs(trade.premium.time - time) < _HALF_A_DAY:
        amount -= float(trade.premium.amount)
    if trade.rates is not None:
        amount += _of_rates(trade, trade.rates, time, interest(trade.rates.floating))
    elif trade.holds_a_swap:
        amount += _of_swap(trade, time, interest(trade.swap.floating))
    return amount * trade.signed_notional


def _of_swap(trade: ResolvedTrade, time: float, interest: np.ndarray) -> float:
    fixed, floating = trade.swap.fixed, trade.swap.floating
    coupons = fixed.notionals * fixed.accruals * (trade.strike + fixed.margins)
    received = np.sum(coupons[_now(fixed.payment_times, time)])
    if trade.kind in _BONDS:
        note = np.asarray(floating.index_weights) > 0.0
        owed = np.append(np.asarray(floating.notionals)[note], 0.0)
        repaid = -np.diff(owed)[_now(np.asarray(floating.payment_times)[note], time)]
        received = received * np.exp(trade.discount_spread * time) + np.sum(repaid)
    else:
        rates = floating.notionals * (interest + floating.margins * floating.accruals)
        received -= np.sum(rates[_now(floating.payment_times, time)])
    return float(side_sign(trade.side) * received)


def _of_rates(
    trade: ResolvedTrade, schedule: RateSchedule, time: float, interest: np.ndarray
) -> float:
    """Caplets, floorlets and forward rates, once their rate is known."""
    periods = schedule.floating
    rates = interest / periods.accruals + periods.margins
    payoffs = (
        schedule.cap * np.maximum(rates - trade.strike, 0.0)
        + schedule.floor * np.maximum(schedule.floor_strike - rates, 0.0)
        + schedule.forward * (rates - trade.strike)
    )
    simple = np.where(schedule.paid_at_start > 0.0, 1.0 + rates * periods.accruals, 1.0)
    amounts = periods.notionals * periods.accruals * payoffs / simple
    return float(np.sum(amounts[_now(_settled(schedule), time)]))


def _now(times: np.ndarray, time: float) -> np.ndarray:
    return np.asarray(np.abs(np.asarray(times) - time) < _HALF_A_DAY)
