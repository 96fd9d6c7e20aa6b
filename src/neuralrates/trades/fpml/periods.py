"""Periods and payments of an FpML stream."""

from typing import NamedTuple

import QuantLib as ql  # noqa: N813

from neuralrates.conventions.quantlib import quantlib_date
from neuralrates.trades.fields import shown
from neuralrates.trades.fpml.context import Context
from neuralrates.trades.xml_fields import Fields

ONCE = "once"
_DAYS = {"EOM", "NONE", *map(str, range(1, 31))}
_EDGES = ("firstRegularPeriodStartDate", "lastRegularPeriodEndDate")
_STUBS = {
    "ShortInitial": (0, -1),
    "LongInitial": (0, 1),
    "ShortFinal": (1, -1),
    "LongFinal": (1, 1),
}
"""Which of the first and the last period is an odd one, and whether it is shorter or longer than the others."""
_LONGEST = 40


class Periods(NamedTuple):
    """Calculation periods of a stream.

    Args:
        unadjusted: their boundaries before they roll
        dates: as they roll
        frequency: length of a regular one; none where the whole term is one
        stubs: whether the first and the last are of another length
    """

    unadjusted: tuple[ql.Date, ...]
    dates: tuple[ql.Date, ...]
    frequency: ql.Period | None
    stubs: tuple[bool, bool] = (False, False)


class Payments(NamedTuple):
    """When a stream pays: the day of each calculation period's payment, and how many of them a payment is of.

    Args:
        dates: one a period
        frequency: tenor from one payment to the next, or `once`, where it is of several periods; else empty
    """

    dates: tuple[ql.Date, ...]
    frequency: str


def read_periods(data: Fields, context: Context) -> Periods:
    """Periods of `calculationPeriodDates`."""
    start, first = context.adjustable(data.inner("effectiveDate"))
    end, last = context.adjustable(data.inner("terminationDate"))
    rolled = context.adjustment(data.inner("calculationPeriodDatesAdjustments"))
    data.nothing_of("firstPeriodStartDate", "firstCompoundingPeriodEndDate")
    if start >= end:
        raise data.fault(
            "terminationDate", f"expected a day after {start.ISO()}, found {end.ISO()}"
        )
    frequency, roll = _frequency(data.inner("calculationPeriodFrequency"))
    if frequency is None:
        data.nothing_of(*_EDGES, "stubPeriodType")
        data.done()
        return Periods((start, end), (first, last), None)
    edges = (_edge(data, _EDGES[0], start), _edge(data, _EDGES[1], end))
    has_kind = data.has("stubPeriodType")
    kind = data.choice("stubPeriodType", {name: name for name in _STUBS}) if has_kind else ""
    data.done()
    if not start <= edges[0] < edges[1] <= end:
        raise data.fault(
            _EDGES[0] if edges[0] != start else _EDGES[1],
            f"expected regular periods between {start.ISO()} and {end.ISO()}, found {edges[0].ISO()} to {edges[1].ISO()}",
        )
    own = edges[0].dayOfMonth() if roll == "NONE" else 31 if roll == "EOM" else int(roll)
    regular = _regular(data, edges, _months(frequency), own)
    days = (*((start,) if start < edges[0] else ()), *regular, *((end,) if edges[1] < end else ()))
    odd = _lengths(days, _months(frequency), own) if len(days) > len(regular) else (0, 0)
    if kind and odd[_STUBS[kind][0]] != _STUBS[kind][1]:
        raise data.fault(
            "stubPeriodType",
            f"expected none, or {_EDGES[_STUBS[kind][0]]} that bounds such a period, found {kind}",
        )
    inner = (rolled(day) for day in days[1:-1])
    return Periods(days, (first, *inner, last), frequency, (odd[0] != 0, odd[1] != 0))


def _edge(data: Fields, name: str, otherwise: ql.Date) -> ql.Date:
    text = data.text(name, "")
    return quantlib_date(data.as_date(name, text)) if text else otherwise


def _regular(
    data: Fields, edges: tuple[ql.Date, ql.Date], months: int, own: int
) -> tuple[ql.Date, ...]:
    """Boundaries of the regular periods, all on one day of the month; refused where none lead from one edge to the other."""
    for name, day in zip(_EDGES, edges, strict=True):
        if day != _on(own, _count(day)):
            raise data.fault(
                name,
                f"expected it where the period beside {day.ISO()} is an odd one, and regular ones that end on day {own} of "
                "a month",
            )
    total = _count(edges[1]) - _count(edges[0])
    if total % months:
        raise data.fault(
            _EDGES[0],
            f"expected this or {_EDGES[1]} where a period between {edges[0].ISO()} and {edges[1].ISO()} is an odd one",
        )
    return tuple(_on(own, _count(edges[0]) + n) for n in range(0, total + 1, months))


def _count(day: ql.Date) -> int:
    """Months up to that of a day."""
    return int(day.year()) * 12 + int(day.month()) - 1


def _on(day: int, month: int) -> ql.Date:
    """Day of a month, or its last one."""
    first = ql.Date(1, month % 12 + 1, month // 12)
    return ql.Date(min(day, ql.Date.endOfMonth(first).dayOfMonth()), first.month(), first.year())


def _months(period: ql.Period) -> int:
    return int(period.length()) * (12 if period.units() == ql.Years else 1)


def _lengths(days: tuple[ql.Date, ...], months: int, own: int) -> tuple[int, int]:
    """Below zero where the first and the last period are shorter than a regular one, above where longer, else zero."""
    first = days[0] - _on(own, _count(days[1]) - months)
    last = _on(own, _count(days[-2]) + months) - days[-1]
    return (first < 0) - (first > 0), (last < 0) - (last > 0)


def _frequency(data: Fields) -> tuple[ql.Period | None, str]:
    """A frequency with its roll; none where the term is one period."""
    length, unit = data.whole("periodMultiplier"), data.text("period")
    roll = data.text("rollConvention", "NONE")
    data.done()
    if unit == "T":
        return None, roll
    if unit not in ("M", "Y") or length < 1:
        raise data.fault("period", f"expected months, years or a term, found {length}{shown(unit)}")
    if roll not in _DAYS:
        raise data.fault(
            "rollConvention", f"this is not priced here: expected a day or EOM, found {shown(roll)}"
        )
    found = ql.Period(length, ql.Months if unit == "M" else ql.Years)
    if _months(found) > 12 * _LONGEST:
        raise data.fault("periodMultiplier", f"expected {_LONGEST} years at most, found {found}")
    return found, roll


def read_payments(data: Fields, periods: Periods, context: Context) -> Payments:
    """Payments of `paymentDates`, at the ends of periods."""
    data.ignored("calculationPeriodDatesReference", "resetDatesReference")
    data.nothing_of("firstPaymentDate", "lastRegularPaymentDate")
    data.choice("payRelativeTo", {"CalculationPeriodEndDate": ""})
    frequency, _ = _frequency(data.inner("paymentFrequency"))
    lag = data.optional("paymentDaysOffset")
    rolled = context.adjustment(data.inner("paymentDatesAdjustments"))
    offset = None if lag is None else context.offset(lag, rolled.calendar)
    data.done()

    def paid(end: ql.Date) -> ql.Date:
        if offset is None or offset.period.length() == 0:
            return rolled(end)
        return offset(rolled(end))

    count = len(periods.dates) - 1
    if any(periods.stubs) and frequency is not None and frequency != periods.frequency:
        raise data.fault(
            "paymentFrequency", "expected each period paid by itself where one is an odd one"
        )
    each = _periods_each(data, frequency, periods.frequency, count)
    ends = periods.dates[1:]
    places = [n - n % each + each - 1 for n in range(count)]
    if count % each:
        raise data.fault(
            "paymentFrequency",
            f"expected {each} periods in each payment, found {count} periods in all",
        )
    tenor = "" if each == 1 else ONCE if frequency is None else str(frequency)
    return Payments(tuple(paid(ends[place]) for place in places), tenor)


def _periods_each(
    data: Fields, payment: ql.Period | None, period: ql.Period | None, count: int
) -> int:
    """Calculation periods of a payment."""
    if payment is None or period is None:
        return count
    each, rest = divmod(_months(payment), _months(period))
    if rest:
        raise data.fault("paymentFrequency", f"expected a multiple of {period}, found {payment}")
    return each
