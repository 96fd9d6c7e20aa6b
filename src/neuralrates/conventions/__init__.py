"""Floor 1: dates to year fractions; calendars, day counts and schedules are QuantLib's."""

from neuralrates.conventions.dates import add_business_days as add_business_days
from neuralrates.conventions.dates import add_months as add_months
from neuralrates.conventions.dates import adjust as adjust
from neuralrates.conventions.dates import schedule_dates as schedule_dates
from neuralrates.conventions.dates import times_from as times_from
from neuralrates.conventions.dates import year_fraction as year_fraction
from neuralrates.conventions.dates import year_fractions as year_fractions
from neuralrates.conventions.evaluation_date import evaluation_date as evaluation_date
from neuralrates.conventions.quantlib import quantlib_calendar as quantlib_calendar
from neuralrates.conventions.quantlib import quantlib_date as quantlib_date
from neuralrates.conventions.quantlib import quantlib_day_count as quantlib_day_count
from neuralrates.conventions.quantlib import quantlib_roll_rule as quantlib_roll_rule
from neuralrates.conventions.swap import SwapConvention as SwapConvention
from neuralrates.conventions.swap import known_indices as known_indices
from neuralrates.conventions.swap import swap_convention as swap_convention
