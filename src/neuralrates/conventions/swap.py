"""Market conventions of the standard fixed-for-floating swap on each index."""

import datetime
from dataclasses import dataclass

from neuralrates.conventions.dates import (
    Dates,
    Stub,
    add_business_days,
    add_months,
    adjust,
    schedule_dates,
)
from neuralrates.conventions.quantlib import Calendar, DayCount, RollRule
from neuralrates.core.errors import InputError


@dataclass(frozen=True)
class SwapConvention:
    """How the standard swap on one index counts its days.

    Args:
        index: name of the floating rate
        currency: ISO code
        calendar: business days of periods, payments and notices
        spot_lag: business days from trade to start
        fixed_months: length of a fixed period
        fixed_day_count: accrual of the fixed leg
        floating_months: length of a floating period
        floating_day_count: accrual of the floating leg and of its index
        payment_lag: business days from the end of a period to its payment
        overnight: whether the floating rate is compounded daily over its period
        roll_rule: how dates roll to business days
        fixing_calendar: business days on which a term rate is fixed; the calendar of periods when not given

    Source: Henrard (2012), Interest Rate Instruments and Market Conventions Guide, sections 6 and
    8; ARRC (2021), SOFR swap conventions; the ORE project's published conventions.
    """

    index: str
    currency: str
    calendar: Calendar
    spot_lag: int
    fixed_months: int
    fixed_day_count: DayCount
    floating_months: int
    floating_day_count: DayCount
    payment_lag: int
    overnight: bool
    roll_rule: RollRule = "modified following"
    fixing_calendar: Calendar | None = None

    def spot_date(self, trade_date: datetime.date) -> datetime.date:
        """Start of a swap dealt on this day."""
        return add_business_days(trade_date, self.spot_lag, self.calendar)

    def expiry_date(self, valuation_date: datetime.date, months: int) -> datetime.date:
        """Exercise date of a swaption quoted with this expiry."""
        return add_months(valuation_date, months, self.calendar, self.roll_rule)

    def rolled(self, date: datetime.date) -> datetime.date:
        """Business day to which a start or an end on this date rolls."""
        return adjust(date, self.calendar, self.roll_rule)

    def notice_date(self, date: datetime.date) -> datetime.date:
        """Last business day on or before this date: when a notice due on it is given."""
        return adjust(date, self.calendar, "preceding")

    def following_date(self, date: datetime.date) -> datetime.date:
        """First business day on or after this date."""
        return adjust(date, self.calendar, "following")

    def fixing_date(self, period_start: datetime.date) -> datetime.date:
        """When the term rate of a period that starts on this business day is fixed."""
        return add_business_days(
            period_start, -self.spot_lag, self.fixing_calendar or self.calendar
        )

    def index_maturity(self, period_start: datetime.date) -> datetime.date:
        """End of the term rate itself that a period starting on this business day pays."""
        return add_months(
            period_start, self.floating_months, self.calendar, self.roll_rule, end_of_month=True
        )

    def payment_date(self, period_end: datetime.date) -> datetime.date:
        """When a period that ends on this business day pays."""
        return add_business_days(period_end, self.payment_lag, self.calendar)

    def period_dates(
        self, start: datetime.date, end: datetime.date, months: int, stub: Stub = "short front"
    ) -> Dates:
        """Boundaries of the periods of one leg."""
        return schedule_dates(start, end, months, self.calendar, self.roll_rule, stub)


def _euribor(months: int) -> SwapConvention:
    name = f"EUR-EURIBOR-{months}M"
    return SwapConvention(name, "EUR", "TARGET", 2, 12, "30/360", months, "Act/360", 0, False)


def _dollar_libor(months: int) -> SwapConvention:
    name = f"USD-LIBOR-{months}M"
    fixed = max(months, 6)
    return SwapConvention(
        name, "USD", "London+New York", 2, fixed, "30/360", months, "Act/360", 0, False,
        fixing_calendar="London",
    )  # fmt: skip


def _sterling_libor(months: int) -> SwapConvention:
    name = f"GBP-LIBOR-{months}M"
    return SwapConvention(name, "GBP", "London", 0, 6, "Act/365F", months, "Act/365F", 0, False)


_CONVENTIONS = {
    convention.index: convention
    for convention in (
        SwapConvention("USD-SOFR", "USD", "SOFR", 2, 12, "Act/360", 12, "Act/360", 2, True),
        SwapConvention("EUR-ESTR", "EUR", "TARGET", 2, 12, "Act/360", 12, "Act/360", 1, True),
        SwapConvention("EUR-EONIA", "EUR", "TARGET", 2, 12, "Act/360", 12, "Act/360", 1, True),
        SwapConvention("GBP-SONIA", "GBP", "London", 0, 12, "Act/365F", 12, "Act/365F", 0, True),
        SwapConvention("USD-FEDFUNDS", "USD", "New York", 2, 12, "Act/360", 12, "Act/360", 2, True),
        *map(_euribor, (1, 3, 6, 12)),
        *map(_dollar_libor, (1, 3, 6, 12)),
        *map(_sterling_libor, (3, 6)),
    )
}

_OTHER_NAMES = {"EUR-ESTER": "EUR-ESTR", "EUR-STR": "EUR-ESTR", "JPY-TONAR": "JPY-TONA"}


def swap_convention(index: str) -> SwapConvention:
    """Convention of the standard swap on an index.

    Args:
        index: `USD-SOFR`, `USD-FEDFUNDS`, `EUR-ESTR`, `EUR-EONIA`, `GBP-SONIA`; `EUR-EURIBOR-` and `USD-LIBOR-` of 1M, 3M, 6M
            or 12M, `GBP-LIBOR-` of 3M or 6M

    Returns:
        The convention.

    Raises:
        InputError: for any other index, listing those that exist

    Example:
        >>> import datetime
        >>> from neuralrates.conventions import swap_convention
        >>> str(swap_convention("USD-SOFR").spot_date(datetime.date(2024, 3, 19)))
        '2024-03-21'
    """
    if index not in _CONVENTIONS:
        known = ", ".join(_CONVENTIONS)
        raise InputError(f"expected an index among {known}, found {index!r}")
    return _CONVENTIONS[index]


def index_name(text: str) -> str:
    """Name here of an index by a name that others give it; its own in capitals where nothing else is known."""
    name = text.upper()
    return _OTHER_NAMES.get(name, name)


def known_indices() -> tuple[str, ...]:
    """Names of the indices that have a convention."""
    return tuple(_CONVENTIONS)
