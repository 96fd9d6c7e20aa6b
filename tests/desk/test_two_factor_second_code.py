"""Two-factor prices against a calibration and an integration that share nothing with the engine."""

import dataclasses

import pytest

import neuralrates as nr
from neuralrates.desk.example import example_files
from neuralrates.desk.verification.verify import verify

BOOK, MARKET = example_files()
CLOSE = (
    0.005  # basis points of notional: what the grid of the second code leaves, several times over
)


def one(trade_id: str) -> nr.trades.Book:
    book = nr.trades.load(BOOK)
    return nr.trades.Book(tuple(trade for trade in book.trades if trade.trade_id == trade_id))


@pytest.fixture(scope="module")
def market() -> nr.market.Market:
    return nr.market.load(MARKET)


def test_a_bermudan_agrees(market: nr.market.Market) -> None:
    book = one("BRM-05NC1-REC")
    table = nr.price(book, market, model="two_factor")
    (row,) = verify(book, market, table, tolerance=CLOSE).to_dict("records")
    assert row["method"] == "tensor integration"
    assert row["status"] == "agrees"


def test_parameters_reach_the_second_code(market: nr.market.Market) -> None:
    """Prices under one correlation differ from those under another, in one code as in the other."""
    book = one("BRM-05NC2-AMO")
    law = nr.market.TwoFactorParameters(correlation=0.3)
    moved = dict(market.currencies) | {"USD": dataclasses.replace(market["USD"], two_factor=law)}
    other = dataclasses.replace(market, currencies=moved)
    table = nr.price(book, other, model="two_factor")
    assert verify(book, other, table, tolerance=CLOSE)["status"][0] == "agrees"
    assert verify(book, market, table, tolerance=CLOSE)["status"][0] == "differs"
