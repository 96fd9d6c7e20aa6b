"""Exposure dates."""

import datetime
import re

from neuralrates.core.errors import InputError
from neuralrates.trades.fields import tenor_months

MONTHLY = "1M"
_STEP = re.compile(r"[1-9][0-9]{0,2}[MY]")


def exposure_dates(
    today: datetime.date, last: datetime.date, asked: str | list[datetime.date]
) -> list[datetime.date]:
    """Today and the dates after it, the last no later than the last payment.

    Args:
        today: valuation date
        last: last payment of the book
        asked: a step such as `1M` or `3M`, or the dates themselves

    Raises:
        InputError: where a step is none of months or years, or dates do not increase from after today to the last payment
    """
    check_step(asked)
    if isinstance(asked, str):
        months = tenor_months(asked)
        found = [today]
        while (following := _months_after(today, months * len(found))) < last:
            found.append(following)
        return [*found, last]
    for before, after in zip([today, *asked], asked, strict=False):
        if after <= before:
            raise InputError(f"expected dates that increase from after {today}, found {after}")
    if asked and asked[-1] > last:
        raise InputError(f"expected dates up to the last payment on {last}, found {asked[-1]}")
    return [today, *asked]


def check_step(asked: str | list[datetime.date]) -> None:
    """Raise where a step between dates is none of months or years."""
    if isinstance(asked, str) and not _STEP.fullmatch(asked):
        raise InputError(f"expected a step between dates like 1M, 3M or 1Y, found {asked!r}")


def _months_after(day: datetime.date, months: int) -> datetime.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first_of_next = datetime.date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (first_of_next - datetime.timedelta(days=1)).day
    return datetime.date(year, month + 1, min(day.day, last))
