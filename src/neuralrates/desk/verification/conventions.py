"""What a swap on each index looks like to the second code: written again, and shared with nothing."""

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass

import QuantLib as ql  # noqa: N813

from neuralrates.core.errors import RefusalError

_YEARS = re.compile(r"([0-9]+[.][0-9]+)Y")
_LABELS = (
    (re.compile(r"(?:([0-9]+)Y)?(?:([0-9]+)M)?"), (12, 1), ql.Months),
    (re.compile(r"([0-9]+)W"), (1,), ql.Weeks),
    (re.compile(r"([0-9]+)D"), (1,), ql.Days),
)
_WHOLE = 1e-3
"""Of a month: labels of times are rounded to six digits."""

_DAY_COUNTS = {
    "Act/365F": ql.Actual365Fixed(),
    "Act/360": ql.Actual360(),
    "30/360": ql.Thirty360(ql.Thirty360.BondBasis),
    "30E/360": ql.Thirty360(ql.Thirty360.EurobondBasis),
    "Act/Act": ql.ActualActual(ql.ActualActual.ISDA),
}
_MONEY_YEAR, _BOND_YEAR = ql.Actual360(), ql.Thirty360(ql.Thirty360.BondBasis)


@dataclass(frozen=True)
class Terms:
    """The standard swap on one index.

    Args:
        index: QuantLib's index on a curve
        calendar: of periods, payments and notices
        fixed_months: length of a fixed period
        fixed_day_count: accrual of the fixed leg
        floating_months: length of a floating period
        floating_day_count: accrual of the floating leg
        payment_lag: business days from the end of a period to its payment
        overnight: whether the index is compounded daily
        spot_lag: business days from trade to start
    """

    index: Callable[..., ql.InterestRateIndex]
    calendar: ql.Calendar
    fixed_months: int
    fixed_day_count: ql.DayCounter
    floating_months: int
    floating_day_count: ql.DayCounter
    payment_lag: int
    overnight: bool
    spot_lag: int = 2

    def rolled(self, date: ql.Date) -> ql.Date:
        """The date by the modified following rule, that of all periods."""
        return self.calendar.adjust(date, ql.ModifiedFollowing)


def terms(index: str) -> Terms:
    """Terms of the standard swap on an index.

    Raises:
        RefusalError: for an index that is not written here
    """
    if index not in _TERMS:
        raise RefusalError(f"QuantLib has nothing here for the index {index}")
    return _TERMS[index]


def day(date: datetime.date) -> ql.Date:
    """QuantLib's date."""
    return ql.Date(date.day, date.month, date.year)


def day_count(name: str | None) -> ql.DayCounter | None:
    """QuantLib's day counter of this name; None for no name."""
    return None if name is None else _DAY_COUNTS[name]


def period(label: str) -> ql.Period:
    """Period that a label such as `18M`, `1Y6M`, `2W` or `0.5Y` speaks of; fractional years are months.

    Raises:
        RefusalError: for anything else: QuantLib's own reader takes 0.5Y for 0Y
    """
    if found := _YEARS.fullmatch(label):
        months = round(12.0 * float(found[1]))
        if months and abs(12.0 * float(found[1]) - months) < _WHOLE:
            return ql.Period(months, ql.Months)
    for pattern, sizes, unit in _LABELS:
        if label and (found := pattern.fullmatch(label)):
            count = sum(
                size * int(part or 0) for size, part in zip(sizes, found.groups(), strict=True)
            )
            return ql.Period(count, unit)
    raise RefusalError(f"the label {label!r} is no number of months, weeks or days")


def years(label: str) -> float:
    """Nominal length of a label: months are twelfths of a year, weeks and days are counted in 365 days."""
    found = period(label)
    if found.units() == ql.Months:
        return found.length() / 12.0
    return found.length() * (7.0 if found.units() == ql.Weeks else 1.0) / 365.0


def _term(make: Callable[..., ql.IborIndex], months: int) -> Callable[..., ql.IborIndex]:
    return lambda *curve: make(ql.Period(months, ql.Months), *curve)


def _overnight(
    index: Callable[..., ql.InterestRateIndex], calendar: ql.Calendar, payment_lag: int
) -> Terms:
    return Terms(index, calendar, 12, _MONEY_YEAR, 12, _MONEY_YEAR, payment_lag, True)


_LONDON = ql.UnitedKingdom(ql.UnitedKingdom.Exchange)
_NEW_YORK = ql.UnitedStates(ql.UnitedStates.Settlement)
_STERLING_YEAR = ql.Actual365Fixed()
_TERMS = {
    "USD-SOFR": _overnight(ql.Sofr, ql.UnitedStates(ql.UnitedStates.SOFR), 2),
    "USD-FEDFUNDS": _overnight(ql.FedFunds, _NEW_YORK, 2),
    "EUR-ESTR": _overnight(ql.Estr, ql.TARGET(), 1),
    "EUR-EONIA": _overnight(ql.Eonia, ql.TARGET(), 1),
    "GBP-SONIA": Terms(
        ql.Sonia, _LONDON, 12, _STERLING_YEAR, 12, _STERLING_YEAR, 0, True, spot_lag=0
    ),
    **{
        f"EUR-EURIBOR-{months}M": Terms(
            _term(ql.Euribor, months), ql.TARGET(), 12, _BOND_YEAR, months, _MONEY_YEAR, 0, False
        )
        for months in (1, 3, 6, 12)
    },
    **{
        f"USD-LIBOR-{months}M": Terms(
            _term(ql.USDLibor, months),
            ql.JointCalendar(_LONDON, _NEW_YORK),
            12 if months == 12 else 6,
            _BOND_YEAR,
            months,
            _MONEY_YEAR,
            0,
            False,
        )
        for months in (1, 3, 6, 12)
    },
    **{
        f"GBP-LIBOR-{months}M": Terms(
            _term(ql.GBPLibor, months),
            _LONDON,
            6,
            _STERLING_YEAR,
            months,
            _STERLING_YEAR,
            0,
            False,
            0,
        )
        for months in (3, 6)
    },
}
