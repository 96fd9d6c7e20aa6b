"""No number that is none gets a row that says ok, and no trade of a book goes missing."""

import datetime

import numpy as np
import pytest

import neuralrates as nr
from neuralrates.core.errors import InputError, RefusalError
from neuralrates.core.finite import fault_of_numbers
from neuralrates.desk.finite import LARGEST_ERROR, sound
from neuralrates.desk.table import Row

TODAY = datetime.date(2024, 3, 19)


def swap(name, start, end, **more):
    return nr.trades.SwapTrade(
        trade_id=name,
        currency="USD",
        index="USD-SOFR",
        side="payer",
        notional=1e6,
        strike=0.04,
        start_date=start,
        maturity_date=end,
        **more,
    )


LIVE = swap("LIVE", "2024-03-21", "2034-03-21")
BROKEN = {
    "value": {"value": np.nan},
    "error_band": {"error_band": np.inf},
    "theta": {"greeks": {"theta": np.nan}},
    "exercise_probability 2030-03-21": {"probabilities": {"2030-03-21": 1.678}},
    "error band": {"error_band": 2.0 * LARGEST_ERROR * 1e6},
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_number_is_a_failure_with_its_cause(name):
    trade = LIVE.resolve(TODAY)
    good = {"value": 1.0, "error_band": 0.1, "greeks": {"theta": 0.0}}
    assert sound(Row(trade, **good)).reason is None
    row = sound(Row(trade, **good | BROKEN[name]))
    assert isinstance(row.reason, RefusalError)
    assert name in str(row.reason)
    assert np.isnan(row.value)


def test_books_and_points_say_it_in_one_way():
    """What decides it is one function: a second one somewhere could grow apart from it."""
    numbers = {"value": np.nan, "error_band": 0.1, "d a": np.inf, "d b": np.nan, "d c": np.nan}
    said = "expected finite numbers, found none in value, d a, d b and 1 more"
    assert fault_of_numbers(numbers) == said
    trade = LIVE.resolve(TODAY)
    greeks = {name: numbers[name] for name in ("d a", "d b", "d c")}
    assert str(sound(Row(trade, np.nan, 0.1, greeks=greeks)).reason) == said


def test_every_trade_has_a_row_where_told_to_keep_going():
    quotes = [nr.market.Quote("ois", "USD-SOFR", "10Y", 0.04)]
    usd = nr.market.CurrencyMarket("USD", nr.market.bootstrap(TODAY, quotes))
    lapsed = swap("LAPSED", "2014-03-21", "2019-03-21")
    unfixed = swap("UNFIXED", "2023-03-21", "2027-03-21")
    book, market = nr.trades.Book((lapsed, LIVE, unfixed)), nr.market.Market(TODAY, {"USD": usd})
    table = nr.price(book, market, keep_going=True)
    assert list(table["trade_id"]) == ["LAPSED", "LIVE", "UNFIXED"]
    assert list(table["status"] == "ok") == [False, True, False]
    assert "maturity_date" in table["status"][0]
    assert "current_fixing" in table["status"][2]
    with pytest.raises(InputError, match="LAPSED"):
        nr.price(book, market)
