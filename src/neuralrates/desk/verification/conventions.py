"""What a swap on each index looks like to the second code: written again, and shared with nothing."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass

import QuantLib as ql  # noqa: N813

from neuralrates.core.errors import RefusalError

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


def _libor(*curve: ql.YieldTermStructureHandle) -> ql.IborIndex:
    return ql.USDLibor(ql.Period(3, ql.Months), *curve)


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
    "EUR-EURIBOR-6M": Terms(ql.Euribor6M, ql.TARGET(), 12, _BOND_YEAR, 6, _MONEY_YEAR, 0, False),
    "USD-LIBOR-3M": Terms(
        _libor, ql.JointCalendar(_LONDON, _NEW_YORK), 6, _BOND_YEAR, 3, _MONEY_YEAR, 0, False
    ),
}
