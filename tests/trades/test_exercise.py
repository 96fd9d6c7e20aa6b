"""Which exercise belongs to which period, and what is refused."""

import datetime

import numpy as np
import pytest

import neuralrates as nr
from neuralrates.core.errors import InputError

D = datetime.date
USD = {"currency": "USD", "index": "USD-SOFR", "strike": 0.035}
EUR = {"currency": "EUR", "index": "EUR-EURIBOR-6M", "strike": 0.03}
TRADE = {"trade_id": "T", "side": "payer", "notional": 1e6}
SUNDAY = TRADE | USD | {"start_date": "2025-08-31", "maturity_date": "2033-08-31"}
MONTH_END = TRADE | EUR | {"start_date": "2025-09-30", "maturity_date": "2040-09-30"}


def european(fields, **changes):
    return nr.trades.EuropeanSwaptionTrade(**(fields | changes))


def bermudan(fields, **changes):
    return nr.trades.BermudanSwaptionTrade(**(fields | changes))


def right(trade):
    return trade.right(trade.swap())


def dates(found):
    return [str(day) for day in found]


def test_a_start_and_an_exercise_on_a_sunday_enter_the_whole_swap():
    one = right(european(SUNDAY, exercise_dates="2025-08-31"))
    assert (dates(one.given), dates(one.exercises)) == (["2025-08-31"], ["2025-08-29"])
    assert dates(one.starts) == ["2025-08-29"]
    resolved = european(SUNDAY, exercise_dates="2025-08-31").resolve(D(2024, 3, 19))
    assert resolved.schedule.swap.fixed.accruals.shape == (8,)
    assert resolved.exercise_dates == (D(2025, 8, 29),)


def test_exercises_on_month_ends_enter_the_period_of_their_month():
    days = ";".join(f"{year}-09-30" for year in range(2035, 2040))
    one = right(bermudan(MONTH_END, exercise_dates=days))
    assert dates(one.exercises)[0] == "2035-09-28"
    assert np.array_equal(one.exercises, one.starts)


def test_a_european_starts_where_its_start_date_rolls_to():
    # 2029-03-31 is a Saturday after Good Friday, and the next business day lies in April.
    one = european(TRADE | USD, start_date="2029-03-31", maturity_date="2034-03-31")
    assert dates(right(one).starts) == ["2029-03-29"]
    assert dates(right(one).exercises) == ["2029-03-27"]
    assert one.resolve(D(2024, 3, 19)).schedule.swap.fixed.accruals.shape == (5,)


def test_a_first_exercise_date_rolls_as_the_periods_do():
    fields = TRADE | USD | {"start_date": "2024-03-31", "maturity_date": "2034-03-31"}
    one = right(bermudan(fields, first_exercise_date="2029-03-31"))
    assert dates(one.starts)[0] == "2029-03-29"
    assert one.starts.size == 5


@pytest.mark.parametrize("day", ["2025-09-01", "2025-09-02", "2030-08-30"])
def test_a_european_exercised_after_its_start_is_refused(day):
    # The first of September is Labor Day: it rolls back to the start itself.
    if day == "2025-09-01":
        assert dates(right(european(SUNDAY, exercise_dates=day)).exercises) == ["2025-08-29"]
        return
    expected = f"`exercise_dates`: expected an exercise no later than 2025-08-29.*found {day}"
    with pytest.raises(InputError, match=expected):
        european(SUNDAY, exercise_dates=day)


def test_an_exercise_that_enters_nothing_is_refused():
    with pytest.raises(InputError, match="no later than 2032-08-31.*found 2032-09-01"):
        bermudan(SUNDAY, exercise_dates="2025-08-31;2032-09-01")


def test_two_exercises_that_roll_to_one_day_are_refused():
    expected = "found 2025-08-30 and 2025-08-31, which both roll to 2025-08-29"
    with pytest.raises(InputError, match=expected):
        bermudan(SUNDAY, exercise_dates="2025-08-30;2025-08-31")


def test_several_exercises_may_enter_one_period():
    one = right(bermudan(SUNDAY, exercise_dates="2026-09-01;2026-12-01;2027-03-01;2027-08-31"))
    assert dates(one.starts) == ["2027-08-31"] * 4


def test_an_exercise_today_is_refused_by_name_and_an_earlier_one_has_lapsed():
    fields = TRADE | EUR | {"start_date": "2025-01-17", "maturity_date": "2030-01-17"}
    trade = bermudan(fields, exercise_dates="2025-01-15;2026-01-15;2027-01-15")
    expected = "trade T, field `exercise_dates`: expected no exercise on the valuation date, found 2025-01-15"
    with pytest.raises(InputError, match=expected):
        trade.resolve(D(2025, 1, 15))
    assert trade.resolve(D(2025, 1, 16)).exercise_dates == (D(2026, 1, 15), D(2027, 1, 15))
    assert len(trade.resolve(D(2025, 1, 14)).exercise_dates) == 3
    by_notice = bermudan(fields, first_exercise_date="2025-01-17")
    with pytest.raises(InputError, match="found 2025-01-15"):
        by_notice.resolve(D(2025, 1, 15))


def test_an_exercise_into_a_rate_that_is_fixed_is_refused():
    # The rate from 2025-01-17 is fixed on the 15th.
    fields = TRADE | EUR | {"start_date": "2025-01-17", "maturity_date": "2030-01-17"}
    trade = european(fields, exercise_dates="2025-01-17")
    assert trade.resolve(D(2025, 1, 15)).exercise_dates == (D(2025, 1, 17),)
    with pytest.raises(InputError, match="`exercise_dates`.*its rate was fixed before"):
        trade.resolve(D(2025, 1, 16))


def test_a_right_on_a_swap_that_has_begun_needs_no_fixing():
    fields = TRADE | EUR | {"start_date": "2023-06-15", "maturity_date": "2030-06-15"}
    resolved = bermudan(fields, exercise_dates="2026-06-11").resolve(D(2025, 1, 15))
    assert resolved.schedule.swap.floating.accruals.shape == (8,)
