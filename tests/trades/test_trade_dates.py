"""The timetable of a trade: what is paid, fixed and entered when."""

import datetime

import neuralrates as nr
from neuralrates.trades.trade_dates import timetable

D = datetime.date
EURIBOR = {
    "trade_id": "T",
    "currency": "EUR",
    "index": "EUR-EURIBOR-6M",
    "side": "payer",
    "notional": 1e6,
    "strike": 0.03,
    "start_date": "2023-09-30",
    "maturity_date": "2026-09-30",
}


def cancellable(**changes):
    days = "2024-03-20;2024-09-28;2024-12-02"
    return nr.trades.CancellableSwapTrade(**(EURIBOR | {"exercise_dates": days} | changes))


def test_exercises_as_given_as_rolled_and_what_they_enter():
    lines = timetable(cancellable(), D(2024, 9, 27)).exercises
    assert [one.given for one in lines] == [D(2024, 3, 20), D(2024, 9, 28), D(2024, 12, 2)]
    assert [one.exercise for one in lines] == [D(2024, 3, 20), D(2024, 9, 27), D(2024, 12, 2)]
    assert [one.enters for one in lines] == [D(2024, 9, 30), D(2024, 9, 30), D(2025, 9, 30)]
    assert [(one.fixed_periods, one.floating_periods) for one in lines] == [(2, 4), (2, 4), (1, 2)]
    assert [one.state for one in lines] == ["lapsed", "today", "open"]


def test_periods_of_both_legs_with_what_the_market_calls_them():
    periods = timetable(
        cancellable(notionals="1e6;8e5;6e5", current_fixing=0.04), D(2024, 3, 19)
    ).periods
    fixed = [one for one in periods if one.leg == "fixed"]
    floating = [one for one in periods if one.leg == "floating"]
    assert [one.notional for one in fixed] == [1e6, 8e5, 6e5]
    assert [one.notional for one in floating] == [1e6, 1e6, 8e5, 8e5, 6e5, 6e5]
    first = floating[0]
    assert (first.start, first.end) == (D(2023, 9, 29), D(2024, 3, 28))
    assert (first.fixing, first.payment) == (D(2023, 9, 27), D(2024, 3, 28))
    assert first.accrual == 181 / 360
    assert (first.rate, first.state) == (0.04, "fixed")
    assert [(one.rate, one.state) for one in floating[1:]] == [(None, "open")] * 5
    assert {(one.rate, one.fixing) for one in fixed} == {(0.03, None)}


def test_a_libor_is_fixed_on_a_london_day():
    fields = EURIBOR | {"currency": "USD", "index": "USD-LIBOR-3M"}
    fields |= {"start_date": "2024-06-21", "maturity_date": "2025-06-21"}
    floating = timetable(nr.trades.SwapTrade(**fields)).periods[2]
    assert (floating.leg, floating.fixing, floating.state) == ("floating", D(2024, 6, 19), "")


def test_a_coupon_is_fixed_until_it_is_paid():
    fields = EURIBOR | {"currency": "USD", "index": "USD-SOFR"}
    fields |= {"start_date": "2022-03-21", "maturity_date": "2027-03-21"}
    trade = nr.trades.SwapTrade(**fields, previous_fixing=0.05, current_fixing=0.053)
    floating = timetable(trade, D(2024, 3, 22)).periods[5:]
    assert [one.state for one in floating] == ["paid", "fixed", "fixed", "open", "open"]
    assert [one.rate for one in floating] == [None, 0.05, 0.053, None, None]
