"""The second code in processes of its own: what it finds is what `verify` finds by itself, and it is not needed."""

import pickle
import subprocess
import sys

import numpy as np
import pytest

import neuralrates as nr
from neuralrates.desk.verification.ahead import PricesAhead
from neuralrates.desk.verification.verify import verify

KILLED = """
import os, signal
import neuralrates as nr
from neuralrates.desk.verification.ahead import PricesAhead

book_file, market_file = nr.desk.example_files()
book = nr.trades.Book(nr.trades.load(book_file).trades[:1])
print(PricesAhead(book, nr.market.load(market_file), 0.03, processes=1).price("SWP-05Y-PAY"), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def priced():
    book_file, market_file = nr.desk.example_files()
    market = nr.market.load(market_file)
    trades = {trade.trade_id: trade for trade in nr.trades.load(book_file).trades}
    names = "SWP-10Y-REC", "EUR-1Yx10Y-REC", "BRM-05NC1-REC", "BRM-05NC2-AMO"
    book = nr.trades.Book(tuple(trades[name] for name in names))
    return book, market, nr.price(book, market, greeks=())


def test_prices_of_other_processes_are_those_of_this_one(priced) -> None:
    book, market, table = priced
    ahead = PricesAhead(book, market, 0.03, processes=2)
    asked = []

    def price(name):
        found = ahead.price(name)
        asked.append(found)
        return found

    shared = verify(book, market, table, ahead=price)
    assert all(found is not None for found in asked)
    alone = verify(book, market, table)
    assert shared.drop(columns=["quantlib", "difference", "quantlib_error"]).equals(
        alone.drop(columns=["quantlib", "difference", "quantlib_error"])
    )
    np.testing.assert_allclose(shared["quantlib"], alone["quantlib"], rtol=1e-13)
    assert list(shared["status"]) == ["agrees"] * 4


def test_what_an_ended_process_did_not_find_is_found_here(priced) -> None:
    book, market, table = priced
    ahead = PricesAhead(book, market, 0.03, processes=1)
    ahead.stop()
    assert ahead.price("SWP-10Y-REC") is None  # the last of four, not begun
    some = table[table["trade_id"] == "SWP-10Y-REC"]
    assert list(verify(book, market, some, ahead=ahead.price)["status"]) == ["agrees"]


def test_a_reason_why_there_is_no_price_comes_back_in_words(priced) -> None:
    """An option on a market without volatilities."""
    book, market, _ = priced
    dollars = nr.market.CurrencyMarket("USD", market["USD"].curves, None)
    bare = nr.market.Market(market.valuation_date, {"USD": dollars})
    found = PricesAhead(book, bare, 0.03, processes=1).price("BRM-05NC1-REC")
    assert isinstance(found, str)
    assert "volatilit" in found


def test_a_market_can_be_sent_to_another_process(priced) -> None:
    _, market, table = priced
    sent = pickle.loads(pickle.dumps(market))
    again = nr.price(priced[0], sent, greeks=())
    assert list(again["value"]) == list(table["value"])


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_processes_end_with_one_that_is_killed() -> None:
    """What is printed ends when the last process that could print has ended."""
    done = subprocess.run([sys.executable, "-c", KILLED], stdout=subprocess.PIPE, timeout=240)
    assert done.returncode < 0
    assert b"SecondPrice" in done.stdout
