"""What of a swap's legs differs from the convention of its index."""

import datetime
from typing import NamedTuple

from neuralrates.conventions.quantlib import DayCount
from neuralrates.core.errors import InputError

ROLLED_DAYS = 7
"""Furthest that a date moves as it rolls to a business day."""


class OwnLegs(NamedTuple):
    """What of a swap differs from the convention of its index; None where nothing does.

    Args:
        fixed_dates: starts of the fixed periods and the last end, taken as they are
        floating_dates: the same of the floating periods
        fixed_day_count: accrual of the fixed leg
        floating_day_count: accrual of the floating leg
        payment_lag: business days from the end of a period to its payment
    """

    fixed_dates: tuple[datetime.date, ...] | None = None
    floating_dates: tuple[datetime.date, ...] | None = None
    fixed_day_count: DayCount | None = None
    floating_day_count: DayCount | None = None
    payment_lag: int | None = None

    def check(self, start: datetime.date, maturity: datetime.date) -> None:
        """Raise unless the periods that are stated run from about the start to about the end of the trade."""
        for column, dates in (
            ("fixed_dates", self.fixed_dates),
            ("floating_dates", self.floating_dates),
        ):
            if dates is None:
                continue
            if len(dates) < 2:
                raise InputError(f"expected two dates at least, found {dates[0]}", column=column)
            ends = (("start_date", start, dates[0]), ("maturity_date", maturity, dates[-1]))
            for name, stated, found in ends:
                if abs((found - stated).days) > ROLLED_DAYS:
                    raise InputError(
                        f"expected dates from the start to the maturity, {name} {stated}, found {found}",
                        column=column,
                    )


BY_CONVENTION = OwnLegs()
