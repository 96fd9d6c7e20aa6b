"""The values of an exposure run beside the desk's prices of the same trades."""

import numpy as np
import pytest

import neuralrates as nr
from exposures.cases import FIVE_YEARS, TODAY, swap
from neuralrates.cli.exposure import _one_model
from neuralrates.exposures.netting import load_netting, netting_of

BOOK, MARKET = nr.desk.example_files()


@pytest.fixture(scope="module")
def example():
    book, market = nr.trades.load(BOOK), nr.market.load(MARKET)
    found = nr.exposure(
        book, market, load_netting(BOOK.parent / "netting.json"), dates="10Y", paths=64
    )
    return found, nr.price(book, market).set_index("trade_id")


def test_prices_are_the_desks(example):
    found, table = example
    trades = found.trades.set_index("trade_id")
    np.testing.assert_allclose(trades["price"], table["value"][trades.index], rtol=1e-12)
    assert (trades["difference"] == trades["value"] - trades["price"]).all()


def test_swaps_differ_by_nothing_and_rights_by_what_their_own_quotes_say(example):
    """A swap needs no model; the swaptions of a right are quoted at other volatilities than those of the longest trade."""
    found, table = example
    trades = found.trades.set_index("trade_id")
    relative = (trades["difference"] / table["notional"][trades.index]).abs()
    kinds = table["kind"][trades.index]
    assert relative[kinds == "swap"].max() < 1e-10
    assert relative[kinds == "bermudan"].min() > 1e-6
    said = _one_model(found)
    assert relative.mul(table["notional"][trades.index]).idxmax() in said


def test_prices_are_in_the_base_currency_and_none_where_the_desk_has_none():
    curve = nr.market.ZeroCurve([1.0, 30.0], [0.03, 0.03])
    usd, eur = (
        nr.market.CurrencyMarket(name, nr.market.CurveSystem(curve, curve, index, index))
        for name, index in (("USD", "USD-SOFR"), ("EUR", "EUR-ESTR"))
    )
    model = {"mean_reversion": 0.03, "volatility": 0.009}
    netting = {
        "schema": "neuralrates.netting/1",
        "base_currency": "USD",
        "models": {"USD": model, "EUR": model},
        "exchange_rates": {"EUR": {"spot": 1.25, "volatility": 0.1}},
        "netting_sets": [{"netting_set": "BANK", "trades": ["S", "E"]}],
    }
    euros = swap(currency="EUR", index="EUR-ESTR", notional=1e6, **FIVE_YEARS)
    right = nr.trades.EuropeanSwaptionTrade(
        trade_id="E", currency="USD", index="USD-SOFR", side="payer", notional=1e6, strike=0.03,
        start_date="2025-03-21", maturity_date="2029-03-21",
    )  # fmt: skip
    market = nr.market.Market(TODAY, {"USD": usd, "EUR": eur})
    book = nr.trades.Book((euros, right))
    found = nr.exposure(book, market, netting_of(netting), dates="5Y", paths=64).trades
    found = found.set_index("trade_id")
    alone = nr.price(nr.trades.Book((euros,)), market)["value"][0]
    assert found["price"]["S"] == pytest.approx(1.25 * alone, rel=1e-12)
    assert abs(found["difference"]["S"]) < 1e-4
    assert np.isnan(found["price"]["E"])
    assert found["value"]["E"] > 0.0
