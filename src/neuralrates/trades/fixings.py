"""Floating rates that are fixed already: which a trade must state, and which it may."""

import datetime
from dataclasses import dataclass

import numpy as np

from neuralrates.conventions.dates import Dates
from neuralrates.conventions.swap import SwapConvention
from neuralrates.core.errors import InputError

NAMES = ("previous_fixing", "current_fixing", "next_fixing")


@dataclass(frozen=True)
class Fixings:
    """Floating rates that a trade states, decimals.

    Args:
        previous_fixing: of the period before the current one, where that is over but not yet paid
        current_fixing: of the period that has begun (of the first one, before any has); for an overnight rate what has
            compounded so far, simple from the start of the period
        next_fixing: of the period after the current one, where its rate is fixed before it begins
    """

    previous_fixing: float | None = None
    current_fixing: float | None = None
    next_fixing: float | None = None

    def __getitem__(self, name: str) -> float | None:
        return {
            "previous_fixing": self.previous_fixing,
            "current_fixing": self.current_fixing,
            "next_fixing": self.next_fixing,
        }[name]


NOTHING_FIXED = Fixings()


def fixing_dates(convention: SwapConvention, starts: Dates) -> Dates:
    """When the rates of periods with these starts are fixed; an overnight rate from the first day of its period on."""
    if convention.overnight:
        return starts
    days = [convention.fixing_date(start) for start in starts.astype(object)]
    return np.array(days, dtype="datetime64[D]")


def is_fixed(
    convention: SwapConvention, starts: Dates, valuation_date: datetime.date, *, surely: bool = True
) -> np.ndarray:
    """Which periods with these starts have a rate, or for an overnight rate a part of it, before the valuation date.

    Args:
        convention: conventions of the index
        starts: starts of the periods
        valuation_date: date from which it is seen
        surely: leave out the rates that are fixed on the valuation date itself, at an hour that nobody states
    """
    today = np.datetime64(valuation_date, "D")
    dates = fixing_dates(convention, starts)
    return dates < today if surely or convention.overnight else dates <= today


def known_rates(
    fixings: Fixings,
    convention: SwapConvention,
    starts: Dates,
    unpaid: np.ndarray,
    entered: np.ndarray,
    valuation_date: datetime.date,
) -> np.ndarray:
    """Rate of every floating period that is fixed and not yet paid, as the trade states it; NaN where it is open.

    A rate fixed before the valuation date must be stated. One that is fixed on it may be: it is projected otherwise.

    Args:
        fixings: what the trade states
        convention: conventions of the index
        starts: starts of all floating periods
        unpaid: which of them are still to be paid
        entered: which of them matter; no rate of another is missed
        valuation_date: date from which they are seen

    Returns:
        One rate a period, decimal.

    Raises:
        InputError: naming the field, where a rate is missing, or is stated but not fixed or paid already
    """
    needed = unpaid & entered & is_fixed(convention, starts, valuation_date)
    allowed = unpaid & is_fixed(convention, starts, valuation_date, surely=False)
    rates = np.full(starts.size, np.nan)
    places = fields_by_period(convention, starts, valuation_date)
    for name in NAMES:
        place, rate = places.get(name), fixings[name]
        if rate is not None and (place is None or not allowed[place]):
            raise InputError(
                f"expected nothing: on {valuation_date} no such rate is both fixed and still to be paid, found {rate}",
                column=name,
            )
        if place is None:
            continue
        if rate is None and needed[place]:
            raise InputError(_missing(convention, starts[place], valuation_date), column=name)
        rates[place] = np.nan if rate is None else rate
    return rates


def fields_by_period(
    convention: SwapConvention, starts: Dates, valuation_date: datetime.date
) -> dict[str, int]:
    """Position of the floating period that each field speaks of, where there is one."""
    current = _current(convention, starts, valuation_date)
    places = dict(zip(NAMES, (current - 1, current, current + 1), strict=True))
    return {name: place for name, place in places.items() if 0 <= place < starts.size}


def _current(convention: SwapConvention, starts: Dates, valuation_date: datetime.date) -> int:
    """Position of the period that has begun last, zero where none has; an overnight rate needs a day to compound."""
    today = np.datetime64(valuation_date, "D")
    begun = starts < today if convention.overnight else starts <= today
    return max(int(begun.sum()) - 1, 0)


def _missing(convention: SwapConvention, start: np.datetime64, today: datetime.date) -> str:
    begun = "began" if start <= np.datetime64(today, "D") else "begins"
    date = fixing_dates(convention, np.array([start]))[0]
    rate = f"compounded from {date} on" if convention.overnight else f"fixed on {date}"
    return (
        f"expected a decimal like 0.0531, the rate of {convention.index} {rate} for the floating period that {begun} on "
        f"{start}, found nothing"
    )
