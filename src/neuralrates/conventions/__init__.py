"""Dates to year fractions: calendars, day counts, schedules, and the conventions of each index.

QuantLib does the work, and its evaluation date is set in `quantlib_evaluation_date` alone. An index is added in `swap.py`;
the second code of `desk/verification` keeps a table of its own on purpose.
"""

from typing import TYPE_CHECKING

from neuralrates._lazy import attach

if TYPE_CHECKING:
    from neuralrates.conventions.dates import add_business_days as add_business_days
    from neuralrates.conventions.dates import add_months as add_months
    from neuralrates.conventions.dates import adjust as adjust
    from neuralrates.conventions.dates import schedule_dates as schedule_dates
    from neuralrates.conventions.dates import times_from as times_from
    from neuralrates.conventions.dates import year_fraction as year_fraction
    from neuralrates.conventions.dates import year_fractions as year_fractions
    from neuralrates.conventions.quantlib import quantlib_calendar as quantlib_calendar
    from neuralrates.conventions.quantlib import quantlib_date as quantlib_date
    from neuralrates.conventions.quantlib import quantlib_day_count as quantlib_day_count
    from neuralrates.conventions.quantlib import quantlib_roll_rule as quantlib_roll_rule
    from neuralrates.conventions.quantlib_evaluation_date import evaluation_date as evaluation_date
    from neuralrates.conventions.swap import SwapConvention as SwapConvention
    from neuralrates.conventions.swap import known_indices as known_indices
    from neuralrates.conventions.swap import swap_convention as swap_convention

_WHERE = {
    "SwapConvention": "conventions.swap",
    "add_business_days": "conventions.dates",
    "add_months": "conventions.dates",
    "adjust": "conventions.dates",
    "evaluation_date": "conventions.quantlib_evaluation_date",
    "known_indices": "conventions.swap",
    "quantlib_calendar": "conventions.quantlib",
    "quantlib_date": "conventions.quantlib",
    "quantlib_day_count": "conventions.quantlib",
    "quantlib_roll_rule": "conventions.quantlib",
    "schedule_dates": "conventions.dates",
    "swap_convention": "conventions.swap",
    "times_from": "conventions.dates",
    "year_fraction": "conventions.dates",
    "year_fractions": "conventions.dates",
}

__all__ = [*_WHERE]
if not TYPE_CHECKING:  # a checker that saw this would take any name for known
    __getattr__, __dir__ = attach(__name__, _WHERE)
