"""Periods and payments of an FpML stream."""

from typing import NamedTuple

import QuantLib as ql  # noqa: N813

from neuralrates.conventions.quantlib import quantlib_date
from neuralrates.trades.fields import shown
from neuralrates.trades.fpml.context import Context
from neuralrates.trades.xml_fields import Fields

ONCE = "once"
_DAYS = {"EOM", "NONE", *map(str, range(1, 31))}


class Periods(NamedTuple):
    """Calculation periods of a stream.

    Args:
        unadjusted: their boundaries before they roll
        dates: as they roll
        frequency: length of a regular one; none where the whole term is one
    """

    unadjusted: tuple[ql.Date, ...]
    dates: tuple[ql.Date, ...]
    frequency: ql.Period | None


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
    data.ignored("stubPeriodType")
    edges = {
        keyword: quantlib_date(data.as_date(name, text))
        for name, keyword in (
            ("firstRegularPeriodStartDate", "firstDate"),
            ("lastRegularPeriodEndDate", "nextToLastDate"),
        )
        if (text := data.text(name, ""))
    }
    edges = {name: day for name, day in edges.items() if day not in (start, end)}
    frequency, roll = _frequency(data.inner("calculationPeriodFrequency"))
    data.done()
    if frequency is None:
        return Periods((start, end), (first, last), None)
    if start >= end:
        raise data.fault(
            "terminationDate", f"expected a day after {start.ISO()}, found {end.ISO()}"
        )
    try:
        made = ql.Schedule(
            start, end, frequency, ql.NullCalendar(), ql.Unadjusted, ql.Unadjusted,
            ql.DateGeneration.Backward, roll == "EOM", **edges,
        )  # fmt: skip
    except RuntimeError as error:
        raise data.fault("", f"QuantLib: {' '.join(str(error).split())}") from None
    days = tuple(made)
    _check_regular(data, days, frequency, roll, edges)
    inner = (rolled(day) for day in days[1:-1])
    return Periods(days, (first, *inner, last), frequency)


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
    return ql.Period(length, ql.Months if unit == "M" else ql.Years), roll


def _check_regular(
    data: Fields,
    days: tuple[ql.Date, ...],
    frequency: ql.Period,
    roll: str,
    edges: dict[str, ql.Date],
) -> None:
    """Refuse periods that begin or end on other days than the stream says: an odd one is stated, or there is none."""
    if (
        "firstDate" not in edges
        and "nextToLastDate" not in edges
        and days[1] != _next(days[0], frequency, roll)
    ):
        raise data.fault(
            "firstRegularPeriodStartDate",
            f"expected it where the first period, from {days[0].ISO()} to {days[1].ISO()}, is an odd one",
        )
    if roll.isdigit():
        regular = days[1:-1]
        odd = [
            day
            for day in regular
            if day.dayOfMonth() != min(int(roll), ql.Date.endOfMonth(day).dayOfMonth())
        ]
        if odd:
            raise data.fault(
                "rollConvention", f"expected periods that end on day {roll}, found {odd[0].ISO()}"
            )


def _next(day: ql.Date, frequency: ql.Period, roll: str) -> ql.Date:
    later = day + frequency
    if roll == "EOM" and ql.Date.isEndOfMonth(day):
        return ql.Date.endOfMonth(later)
    if roll.isdigit():
        return ql.Date(
            min(int(roll), ql.Date.endOfMonth(later).dayOfMonth()), later.month(), later.year()
        )
    return later


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
    months = [one.length() * (12 if one.units() == ql.Years else 1) for one in (payment, period)]
    if months[0] % months[1]:
        raise data.fault("paymentFrequency", f"expected a multiple of {period}, found {payment}")
    return months[0] // months[1]
