"""Dates, day counts, schedules and swap conventions."""

import datetime

import numpy as np
import pytest
import QuantLib as ql  # noqa: N813

from neuralrates.conventions import (
    add_business_days,
    add_months,
    adjust,
    evaluation_date,
    known_indices,
    quantlib_date,
    quantlib_day_count,
    schedule_dates,
    swap_convention,
    times_from,
    year_fraction,
    year_fractions,
)
from neuralrates.conventions.quantlib import python_date
from neuralrates.core.errors import InputError

D = datetime.date


def test_time_is_actual_365_fixed():
    assert year_fraction(D(2024, 3, 19), D(2034, 3, 20)) == 3653 / 365
    assert np.array_equal(times_from(D(2024, 1, 1), [D(2023, 12, 31)]), [-1 / 365])


@pytest.mark.parametrize(
    ("day_count", "expected"),
    [
        ("Act/365F", 182 / 365),
        ("Act/360", 182 / 360),
        ("30/360", 180 / 360),
        ("Act/Act", 182 / 366),
    ],
)
def test_half_of_a_leap_year(day_count, expected):
    assert year_fractions([D(2024, 1, 1)], [D(2024, 7, 1)], day_count)[0] == pytest.approx(expected)


@pytest.mark.parametrize("date", [D(1950, 1, 1), D(2000, 2, 29), D(2149, 12, 31)])
def test_dates_pass_to_quantlib_and_back(date):
    theirs = quantlib_date(date)
    assert (theirs.year(), theirs.month(), theirs.dayOfMonth()) == (date.year, date.month, date.day)
    assert python_date(theirs) == date


def test_unknown_names_list_the_known():
    with pytest.raises(InputError, match="USD-SOFR, EUR-ESTR.*found 'CHF-SARON'"):
        swap_convention("CHF-SARON")
    with pytest.raises(InputError, match="day count among Act/365F"):
        quantlib_day_count("Act/364")


def test_dates_outside_the_calendars_are_refused():
    with pytest.raises(InputError, match="between 1950-01-01 and 2149-12-31"):
        year_fraction(D(2024, 1, 1), D(9999, 1, 1))


def test_business_days_of_the_sofr_calendar():
    # 2024-03-29 is Good Friday, a holiday of the SOFR calendar; 2024-05-27 is Memorial Day.
    assert adjust(D(2024, 3, 29), "SOFR", "following") == D(2024, 4, 1)
    assert adjust(D(2024, 3, 30), "SOFR", "modified following") == D(2024, 3, 28)
    assert add_business_days(D(2024, 5, 24), 1, "SOFR") == D(2024, 5, 28)
    assert add_business_days(D(2024, 5, 28), -1, "SOFR") == D(2024, 5, 24)
    assert add_months(D(2024, 1, 31), 1, "SOFR") == D(2024, 2, 29)


def test_schedule_puts_the_odd_period_in_front():
    dates = schedule_dates(D(2024, 3, 21), D(2026, 6, 22), 12, "SOFR")
    assert [str(d) for d in dates] == ["2024-03-21", "2024-06-21", "2025-06-23", "2026-06-22"]
    back = schedule_dates(D(2024, 3, 21), D(2026, 6, 22), 12, "SOFR", stub="short back")
    assert [str(d) for d in back] == ["2024-03-21", "2025-03-21", "2026-03-23", "2026-06-22"]


@pytest.mark.parametrize("months", [3, 6, 12])
@pytest.mark.parametrize("end", [D(2054, 3, 21), D(2054, 3, 23)])
def test_a_rolled_end_makes_no_odd_period(end, months):
    dates = schedule_dates(D(2024, 3, 21), end, months, "SOFR")
    assert len(dates) == 360 // months + 1
    assert str(dates[-1]) == "2054-03-23"
    assert str(dates[-1 - 12 // months]) == "2053-03-21"


def test_schedule_without_a_business_day_is_refused():
    with pytest.raises(InputError, match="at least one business day"):
        schedule_dates(D(2024, 3, 23), D(2024, 3, 24), 12, "SOFR")
    with pytest.raises(InputError, match="at least one business day"):
        schedule_dates(D(2024, 3, 24), D(2023, 3, 24), 12, "SOFR")


@pytest.mark.parametrize("index", known_indices())
def test_legs_share_their_boundaries(index):
    convention = swap_convention(index)
    start, end = D(2024, 5, 31), D(2034, 5, 31)
    fixed = convention.period_dates(start, end, convention.fixed_months)
    floating = convention.period_dates(start, end, convention.floating_months)
    assert set(fixed) <= set(floating)
    assert len(fixed) == 120 // convention.fixed_months + 1
    last = floating[-1].astype(object)
    lag = (convention.payment_date(last) - last).days
    assert lag >= convention.payment_lag
    assert (lag > 0) == (convention.payment_lag > 0)
    assert convention.currency == index[:3]


def test_spot_and_expiry_follow_the_calendar():
    sofr = swap_convention("USD-SOFR")
    assert sofr.spot_date(D(2024, 3, 19)) == D(2024, 3, 21)
    assert sofr.spot_date(D(2024, 3, 28)) == D(2024, 4, 2)
    assert sofr.expiry_date(D(2024, 3, 19), 12) == D(2025, 3, 19)


@pytest.mark.parametrize(
    ("name", "index"), [("USD-SOFR", ql.Sofr), ("EUR-ESTR", ql.Estr), ("GBP-SONIA", ql.Sonia)]
)
def test_overnight_swaps_are_those_that_quantlib_makes(name, index):
    convention, today = swap_convention(name), D(2024, 3, 19)
    with evaluation_date(today):
        made = ql.MakeOIS(ql.Period("5Y"), index(), 0.03)
    dates = [python_date(date) for date in made.fixedSchedule()]
    start = convention.spot_date(today)
    assert start == dates[0]
    ends = D(2029, start.month, start.day)
    assert convention.period_dates(start, ends, 12).tolist() == dates
    accruals = year_fractions(dates[:-1], dates[1:], convention.fixed_day_count)
    theirs = [ql.as_fixed_rate_coupon(flow).accrualPeriod() for flow in made.fixedLeg()]
    assert list(accruals) == pytest.approx(theirs, abs=1e-15)


TERM_RATES = {
    "EUR-EURIBOR": (ql.Euribor, (1, 3, 6, 12)),
    "USD-LIBOR": (ql.USDLibor, (1, 3, 6, 12)),
    "GBP-LIBOR": (ql.GBPLibor, (3, 6)),
}


@pytest.mark.parametrize(
    ("name", "make", "months"),
    [(f"{name}-{n}M", make, n) for name, (make, several) in TERM_RATES.items() for n in several],
)
def test_term_rates_are_those_of_quantlib(name, make, months):
    convention, index = swap_convention(name), make(ql.Period(months, ql.Months))
    assert index.dayCounter() == quantlib_day_count(convention.floating_day_count)
    assert (index.fixingDays(), index.currency().code()) == (convention.spot_lag, name[:3])
    for start in (D(2024, 3, 28), D(2024, 5, 31), D(2025, 2, 28), D(2025, 12, 24)):
        begun = convention.rolled(start)
        day = ql.Date(begun.day, begun.month, begun.year)
        fixed, ends = index.fixingDate(day), index.maturityDate(day)
        assert fixed.ISO() == str(convention.fixing_date(begun))
        assert ends.ISO() == str(convention.index_maturity(begun))
