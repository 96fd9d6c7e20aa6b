"""Prices on the whole forward curve against bounds on QuantLib's flows, by paths of their own."""

import dataclasses

import pytest

import neuralrates as nr
from neuralrates.cli.comparison import objections, sentence
from neuralrates.desk.example import example_files
from neuralrates.desk.verification import curve_bounds
from neuralrates.desk.verification.verify import verify

BOOK, MARKET = example_files()
FEW = 2**11  # paths: the gap is wider then, and says so


@pytest.fixture
def market(monkeypatch: pytest.MonkeyPatch) -> nr.market.Market:
    monkeypatch.setattr(curve_bounds, "_PATHS", FEW)
    return nr.market.load(MARKET)


def some(*names: str) -> nr.trades.Book:
    return nr.trades.Book(tuple(one for one in nr.trades.load(BOOK) if one.trade_id in names))


def test_a_right_agrees_with_bounds_and_the_rest_with_quantlib(market: nr.market.Market) -> None:
    book = some("BRM-05NC1-REC", "EUR-5Yx5Y-PAY")
    table = nr.price(book, market, model="forward_curve", engine="learned")
    found = verify(book, market, table)
    by_name = found.set_index("trade_id")
    assert set(found["status"]) == {"agrees"}
    assert by_name["method"]["BRM-05NC1-REC"] == "bounds by simulation"
    assert by_name["method"]["EUR-5Yx5Y-PAY"] == "Bachelier"
    assert 0.0 < by_name["quantlib_error"]["BRM-05NC1-REC"] < 3.0
    assert sentence(found).startswith("1 of 1 trades agree with QuantLib within 0.02 bp")
    assert "1 of 1 rights on the forward curve, which QuantLib cannot price" in sentence(found)


def test_a_price_beyond_both_bands_differs(market: nr.market.Market) -> None:
    """Ten basis points of notional: more than band and half-gap together."""
    book = some("BRM-05NC1-REC")
    table = nr.price(book, market, model="forward_curve", engine="learned")
    table["value"] += 0.001 * table["notional"]
    found = verify(book, market, table)
    assert found["status"][0] == "differs"
    assert "differs from our bounds by +" in objections(found)[0]


def test_the_law_of_the_market_reaches_the_bounds(market: nr.market.Market) -> None:
    """Forwards that all move alike have other rights than those of three factors."""
    law = nr.market.ForwardCurveParameters(factors=((0.05,),))
    moved = dict(market.currencies)
    moved["USD"] = dataclasses.replace(market["USD"], forward_curve=law)
    other = dataclasses.replace(market, currencies=moved)
    book = some("BRM-10NC1-REC")
    table = nr.price(book, market, model="forward_curve", engine="learned")
    apart = (
        verify(book, other, table)["difference"][0] - verify(book, market, table)["difference"][0]
    )
    assert abs(apart) > 5.0
