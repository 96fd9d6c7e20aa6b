"""Slips that a trade may hold."""

import datetime

import pytest

import neuralrates as nr
from neuralrates.desk.example import example_files
from neuralrates.trades.warnings import warnings_of

TODAY = datetime.date(2024, 3, 19)
TRADE = {
    "trade_id": "T",
    "currency": "USD",
    "index": "USD-SOFR",
    "side": "payer",
    "notional": 1e6,
    "strike": 0.03,
    "start_date": "2024-03-21",
    "maturity_date": "2034-03-21",
}


def bermudan(**changes):
    return nr.trades.BermudanSwaptionTrade(**(TRADE | changes))


def test_nothing_is_said_of_the_example():
    book = nr.trades.load(example_files()[0])
    assert [line for trade in book for line in warnings_of(trade, TODAY)] == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"strike": 0.1838}, "field `strike`: 18.38 percent a year"),
        ({"strike": -0.39}, "field `strike`: -39 percent a year"),
        ({"spread": 0.1}, "field `spread`: 10 percent a year"),
        ({"current_fixing": 0.531, "start_date": "2023-03-21"}, None),
        (
            {"current_fixing": 0.31, "start_date": "2023-03-21"},
            "field `current_fixing`: 31 percent",
        ),
    ],
)
def test_a_rate_that_looks_like_percent_is_named(changes, said):
    if said is None:
        with pytest.raises(nr.trades.BookError):
            nr.trades.SwapTrade(**(TRADE | changes))
        return
    (line,) = warnings_of(nr.trades.SwapTrade(**(TRADE | changes)), TODAY)
    assert line.startswith(f"trade T, {said}")


def test_an_exercise_before_the_spot_date_is_named():
    (line,) = warnings_of(bermudan(exercise_dates="2024-03-20;2026-03-19"), TODAY)
    assert "field `exercise_dates`: 2024-03-20 is before the spot date 2024-03-21" in line
    assert (
        warnings_of(bermudan(exercise_dates="2024-03-20;2026-03-19"), TODAY.replace(day=20)) == ()
    )


def test_an_exercise_long_before_its_swap_is_named():
    (line,) = warnings_of(bermudan(exercise_dates="2025-09-19;2025-12-19;2026-03-19"), TODAY)
    assert "2025-09-19 enters a swap that starts 185 days later, on 2026-03-23 (1 more" in line
