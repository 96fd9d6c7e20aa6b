"""Exercises of a dated trade, and from when the swap they enter runs: the second code's own reading of the fields."""

from dataclasses import dataclass

import QuantLib as ql  # noqa: N813

from neuralrates.core.errors import RefusalError
from neuralrates.desk.verification.conventions import Terms, day, period
from neuralrates.desk.verification.swap import QuantLibSwap
from neuralrates.trades.callable_trade import AbstractMultiCallableTrade, EuropeanSwaptionTrade

OptionTrade = EuropeanSwaptionTrade | AbstractMultiCallableTrade


@dataclass(frozen=True)
class Exercise:
    """One exercise still to come.

    Args:
        date: a business day after the valuation date
        swap: what it enters
        fee: paid on it by the receiver of the fixed rate entered, per unit notional; a payer's counts negative
        fee_date: when
    """

    date: ql.Date
    swap: QuantLibSwap
    fee: float = 0.0
    fee_date: ql.Date | None = None

    def fee_value(self, curve: ql.YieldTermStructureHandle) -> float:
        """Value today of the fee."""
        return (
            self.fee * curve.discount(self.fee_date or self.swap.starts()[0]) if self.fee else 0.0
        )


def exercises(trade: OptionTrade, swap: QuantLibSwap, today: ql.Date) -> list[Exercise]:
    """Exercises after the valuation date, each with the swap it enters.

    A stated date stands for the last business day on or before it, as a notice does, and enters the first fixed period
    that starts, rolled, on or after that day. Without dates each period is entered by a notice so many business days before.

    Args:
        trade: with a right to exercise
        swap: its whole swap
        today: valuation date

    Returns:
        Exercises in order.

    Raises:
        RefusalError: an exercise today, one that enters nothing, a European that would enter less than its swap, or none left
    """
    whole = trade.kind == "european"
    starts = swap.starts()
    if trade.exercise_dates:
        pairs = _on_dates([day(date) for date in trade.exercise_dates], starts, swap.terms)
    else:
        first, step = _regular(trade, swap.terms)
        entered = starts[:1] if whole else [start for start in starts if start >= first][::step]
        pairs = [(_notice(start, trade.notice_days, swap.terms), start) for start in entered]
    if whole and len(pairs) > 1:
        raise RefusalError(f"a European has one exercise, found {len(pairs)}")
    if whole and pairs[0][1] != starts[0]:
        raise RefusalError(f"the exercise on {pairs[0][0].ISO()} enters less than the whole swap")
    if any(date == today for date, _ in pairs):
        raise RefusalError(f"an exercise falls on the valuation date {today.ISO()}")
    alive = [number for number, (date, _) in enumerate(pairs) if date > today]
    if not alive:
        raise RefusalError(f"no exercise is left after {today.ISO()}")
    fees = _fees(trade, len(pairs))
    paid = [day(one) for one in trade.exercise_fee_dates or ()] or [start for _, start in pairs]
    return [Exercise(pairs[n][0], swap.entered_from(pairs[n][1]), fees[n], paid[n]) for n in alive]


def _fees(trade: OptionTrade, count: int) -> list[float]:
    """Fee of each exercise, per unit notional, as the receiver of the fixed rate entered pays it."""
    amounts = trade.exercise_fees or (0.0,)
    several = amounts * count if len(amounts) == 1 else amounts
    receives = (trade.side == "receiver") != (trade.kind == "cancellable")
    return [(1.0 if receives else -1.0) * amount / trade.notional for amount in several]


def _on_dates(
    dates: list[ql.Date], starts: list[ql.Date], rule: Terms
) -> list[tuple[ql.Date, ql.Date]]:
    pairs = []
    for stated in dates:
        date = rule.calendar.adjust(stated, ql.Preceding)
        entered = [start for start in starts if start >= date]
        if not entered:
            raise RefusalError(f"the exercise on {stated.ISO()} enters no period")
        if pairs and date <= pairs[-1][0]:
            raise RefusalError(f"two exercises fall on {date.ISO()}")
        pairs.append((date, entered[0]))
    return pairs


def _regular(trade: OptionTrade, rule: Terms) -> tuple[ql.Date, int]:
    """Earliest start entered, and the number of periods from one exercise to the next."""
    if trade.kind == "european":
        return day(trade.start_date), 1
    if trade.first_exercise_date is None:
        raise RefusalError("neither exercise_dates nor a first_exercise_date is stated")
    frequency = trade.exercise_frequency
    months = period(frequency).length() if frequency else rule.fixed_months
    if months % rule.fixed_months:
        raise RefusalError(f"exercises every {months} months do not fit the fixed periods")
    first = day(trade.first_exercise_date)
    return min(first, rule.rolled(first)), months // rule.fixed_months


def _notice(start: ql.Date, notice_days: int | None, rule: Terms) -> ql.Date:
    days = rule.spot_lag if notice_days is None else notice_days
    return rule.calendar.advance(start, -days, ql.Days)
