"""Profit and loss between markets that do not hold the same currencies."""

import datetime

import pytest

import neuralrates as nr
from neuralrates.core.errors import InputError

DAY = datetime.date(2024, 3, 19)
INDEX = {"USD": "USD-SOFR", "EUR": "EUR-ESTR"}
REVERSIONS = {"USD": 0.03, "EUR": 0.02}
SWAP = nr.trades.SwapTrade(
    trade_id="S1",
    currency="USD",
    index="USD-SOFR",
    side="payer",
    notional=1e6,
    strike=0.04,
    start_date="2024-03-21",
    maturity_date="2034-03-21",
)


def market(day: datetime.date, *currencies: str) -> nr.market.Market:
    """A flat curve a currency."""
    quotes = {code: [nr.market.Quote("ois", INDEX[code], "10Y", 0.04)] for code in currencies}
    return nr.market.Market(
        day,
        {c: nr.market.CurrencyMarket(c, nr.market.bootstrap(day, q)) for c, q in quotes.items()},
    )


@pytest.mark.parametrize(
    ("before", "after"), [(("USD",), ("USD", "EUR")), (("USD", "EUR"), ("USD",))]
)
def test_a_currency_may_be_in_one_market_alone(before, after) -> None:
    markets = market(DAY, *before), market(DAY + datetime.timedelta(1), *after)
    book = nr.trades.Book((SWAP,))
    table = nr.scenarios.explain(book, *markets, mean_reversion=REVERSIONS)
    assert list(table["status"]) == ["ok"]
    with pytest.raises(InputError, match="found one of 'GBP'"):
        nr.scenarios.explain(book, *markets, mean_reversion={"USD": 0.03, "GBP": 0.03})
