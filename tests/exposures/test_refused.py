"""What no exposure can be had of is refused by name, before anything is drawn."""

import datetime

import pytest

import neuralrates as nr
from exposures.cases import EURIBOR, FIVE_YEARS, TODAY, bermudan, swap
from exposures.test_greeks import QUOTES, market_of
from neuralrates.core.errors import InputError, RefusalError
from neuralrates.exposures.dates import exposure_dates
from neuralrates.exposures.netting import netting_of

STATED = {
    "schema": "neuralrates.netting/1",
    "base_currency": "USD",
    "netting_sets": [{"netting_set": "BANK", "trades": ["S"]}],
}
EUROS = STATED | {"exchange_rates": {"EUR": {"spot": 1.1, "volatility": 0.1}}}
MODEL = {"mean_reversion": 0.03, "volatility": 0.009}
CREDIT = {"spreads": {"5Y": 0.01}}


def run(trade, stated=STATED, market=None, **asked):
    """Exposure of one trade."""
    market = market_of(QUOTES) if market is None else market
    book = nr.trades.Book((trade,))
    return nr.exposure(book, market, netting_of(stated), **{"dates": "5Y", "paths": 16} | asked)


def test_trades_are_valued_on_no_curve_but_their_own():
    """A stated model asks for no volatilities, so nothing else would stop it."""
    stated = EUROS | {"models": {"EUR": MODEL, "USD": MODEL}}
    trade = swap(**(EURIBOR | FIVE_YEARS | {"index": "EUR-EURIBOR-3M"}))
    with pytest.raises(RefusalError, match="trade S: expected a floating rate of the market"):
        run(trade, stated)


def test_curves_that_end_before_the_trade_are_not_extrapolated():
    curve = nr.market.ZeroCurve([1.0, 5.0], [0.045, 0.038])
    system = nr.market.CurveSystem(curve, curve, "USD-SOFR", "USD-SOFR")
    market = nr.market.Market(TODAY, {"USD": nr.market.CurrencyMarket("USD", system)})
    stated = STATED | {"models": {"USD": MODEL}}
    trade = swap(start_date="2024-03-21", maturity_date="2044-03-21")
    with pytest.raises(RefusalError, match="trade S: the discount curve of USD-SOFR ends after"):
        run(trade, stated, market)


@pytest.mark.parametrize("step", ["1W", "10D", "0M", "abc", "", "1y", "-1M", "1000M"])
def test_steps_are_of_months_or_years(step):
    with pytest.raises(InputError, match="expected a step between dates like 1M, 3M or 1Y, found"):
        exposure_dates(TODAY, datetime.date(2025, 3, 19), step)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"models": {"USd": MODEL}}, r"field `models`: expected currencies of the book \(USD\)"),
        (
            {"exchange_rates": EUROS["exchange_rates"]},
            r"field `exchange_rates`.*\(none\), found EUR",
        ),
        (
            {"netting_sets": [STATED["netting_sets"][0] | {"wrong_way": 0.5}]},
            "expected a `counterparty` in netting set BANK",
        ),
    ],
)
def test_what_has_no_part_in_the_figures_is_named(more, said):
    with pytest.raises(InputError, match=said):
        run(swap(**FIVE_YEARS), STATED | more)


@pytest.mark.parametrize("asked", [0.05, {"USD": 0.05}])
def test_a_stated_model_has_one_mean_reversion(asked):
    stated, trade = STATED | {"models": {"USD": MODEL}}, swap(**FIVE_YEARS)
    with pytest.raises(InputError, match="expected one mean reversion of USD"):
        run(trade, stated, mean_reversion=asked)
    with pytest.raises(InputError, match="expected one mean reversion of USD"):
        nr.exposures.stressed(
            nr.trades.Book((trade,)), market_of(QUOTES), netting_of(stated),
            [nr.scenarios.parallel(0.01)], mean_reversion=asked,
        )  # fmt: skip
    assert run(trade, stated, mean_reversion={"EUR": 0.05}).figures["value"][0] != 0.0


def test_prices_beside_a_stated_model_have_its_mean_reversion():
    stated = STATED | {"models": {"USD": MODEL | {"mean_reversion": 0.1}}}
    right = bermudan()
    stated["netting_sets"] = [{"netting_set": "BANK", "trades": ["B"]}]
    found = run(right, stated).trades["price"][0]
    book, market = nr.trades.Book((right,)), market_of(QUOTES)
    asked = {"engine": "reference"}
    expected = nr.price(book, market, mean_reversion=0.1, **asked)["value"][0]
    assert found == pytest.approx(expected, rel=1e-12)
    assert abs(nr.price(book, market, **asked)["value"][0] / expected - 1.0) > 1e-3
