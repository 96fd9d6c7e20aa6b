"""The timetable of a dated trade: its periods, fixings and payments, its exercises and what each of them enters."""

import datetime
from dataclasses import dataclass
from typing import Literal

import numpy as np

from neuralrates.trades.dating import DatedLeg, DatedSwap
from neuralrates.trades.exercise import DatedRight
from neuralrates.trades.fixings import fields_by_period, fixing_dates, is_fixed
from neuralrates.trades.trade import AbstractTrade

LegName = Literal["fixed", "floating", "second"]
_FLOATING: tuple[LegName, ...] = ("floating", "second")


@dataclass(frozen=True)
class PeriodLine:
    """One period of one leg.

    Args:
        leg: `fixed` or `floating`; `second` of the other floating leg of a basis swap
        number: counted from one
        start: first day of accrual
        end: last day of accrual
        accrual: year fraction by the leg's day count
        fixing: when a term rate is fixed; the first day that an overnight rate counts; none on the fixed leg
        payment: when it pays
        notional: currency
        rate: the coupon, or the floating rate that the trade states, without its spread; none where it is projected
        state: `paid`, `fixed` (part of an overnight rate too), `open`; nothing without a date to see it from
    """

    leg: LegName
    number: int
    start: datetime.date
    end: datetime.date
    accrual: float
    fixing: datetime.date | None
    payment: datetime.date
    notional: float
    rate: float | None
    state: str


@dataclass(frozen=True)
class ExerciseLine:
    """One exercise, and the periods that it enters.

    Args:
        given: as the trade states it
        exercise: the business day it rolls to
        enters: start of the swap entered; of both legs every period that starts on or after it
        fixed_periods: how many fixed periods that are
        floating_periods: how many floating periods that are
        state: `lapsed`, `today`, `open`; nothing without a date to see it from
    """

    given: datetime.date
    exercise: datetime.date
    enters: datetime.date
    fixed_periods: int
    floating_periods: int
    state: str


@dataclass(frozen=True)
class Timetable:
    """Everything that happens in the life of a trade.

    Args:
        exercises: none for a swap
        periods: those of the fixed leg, then those of the floating leg
    """

    exercises: tuple[ExerciseLine, ...]
    periods: tuple[PeriodLine, ...]


def timetable(trade: AbstractTrade, valuation_date: datetime.date | None = None) -> Timetable:
    """Timetable of a trade, whether or not it can be priced.

    Args:
        trade: dated trade
        valuation_date: date to see it from, which says what is paid, fixed or lapsed; none for the dates alone

    Returns:
        The timetable.

    Example:
        >>> import neuralrates as nr
        >>> trade = nr.trades.EuropeanSwaptionTrade(
        ...     trade_id="E1", currency="USD", index="USD-SOFR", side="payer", notional=1e6, strike=0.035,
        ...     start_date="2025-08-31", maturity_date="2033-08-31", exercise_dates="2025-08-31",
        ... )
        >>> line = nr.trades.timetable(trade).exercises[0]
        >>> str(line.given), str(line.exercise), str(line.enters), line.fixed_periods
        ('2025-08-31', '2025-08-29', '2025-08-29', 8)
    """
    swap = trade.swap()
    right = trade.right(swap)
    floating = [
        line
        for name, one in zip(_FLOATING, trade.floating_swaps.values(), strict=False)
        if trade.floats and one.floating.notionals.any()
        for line in _floating_lines(name, one, trade.notional, valuation_date)
    ]
    rates = trade.strike + swap.fixed.margins
    fixed = [
        _line("fixed", swap.fixed, number, trade.notional, None, float(rates[number]), state)
        for number, state in enumerate(_paid(swap.fixed, valuation_date))
        if swap.fixed.notionals[number] > 0.0
    ]
    exercises = () if right is None else _exercise_lines(right, swap, valuation_date)
    return Timetable(exercises, (*fixed, *floating))


def _exercise_lines(
    right: DatedRight, swap: DatedSwap, valuation_date: datetime.date | None
) -> tuple[ExerciseLine, ...]:
    return tuple(
        ExerciseLine(
            given.astype(object),
            exercise.astype(object),
            start.astype(object),
            int((swap.fixed.starts >= start).sum()),
            int((swap.floating.starts >= start).sum()),
            _lapsed(exercise.astype(object), valuation_date),
        )
        for given, exercise, start in zip(right.given, right.exercises, right.starts, strict=True)
    )


def _lapsed(exercise: datetime.date, valuation_date: datetime.date | None) -> str:
    if valuation_date is None:
        return ""
    if exercise == valuation_date:
        return "today"
    return "lapsed" if exercise < valuation_date else "open"


def _paid(leg: DatedLeg, valuation_date: datetime.date | None) -> list[str]:
    if valuation_date is None:
        return [""] * leg.starts.size
    paid = leg.payments <= np.datetime64(valuation_date, "D")
    return ["paid" if one else "open" for one in paid]


def _floating_lines(
    name: LegName, swap: DatedSwap, notional: float, valuation_date: datetime.date | None
) -> list[PeriodLine]:
    leg, convention = swap.floating, swap.convention
    states, rates = _paid(leg, valuation_date), dict[int, float | None]()
    if valuation_date is not None:
        fixed = is_fixed(convention, leg.starts, valuation_date)
        fields = fields_by_period(convention, leg.starts, valuation_date)
        rates = {place: swap.fixings[name] for name, place in fields.items()}
        known = [bool(fixed[n]) or rates.get(n) is not None for n in range(len(states))]
        states = [
            "fixed" if k and state == "open" else state
            for k, state in zip(known, states, strict=True)
        ]
    days = fixing_dates(convention, leg.starts).astype(object)
    return [
        _line(name, leg, number, notional, days[number], rates.get(number), state)
        for number, state in enumerate(states)
    ]


def _line(
    name: LegName,
    leg: DatedLeg,
    number: int,
    notional: float,
    fixing: datetime.date | None,
    rate: float | None,
    state: str,
) -> PeriodLine:
    return PeriodLine(
        name,
        number + 1,
        leg.starts[number].astype(object),
        leg.ends[number].astype(object),
        float(leg.accruals[number]),
        fixing,
        leg.payments[number].astype(object),
        float(leg.notionals[number]) * notional,
        rate,
        state,
    )
