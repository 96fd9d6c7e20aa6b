"""A right to cancel into a period whose rate is fixed already: the known coupon is cash in both codes."""

import datetime

import pytest

import neuralrates as nr
from cli.two_currencies import MATRIX
from neuralrates.desk.verification.verify import verify

TODAY = datetime.date(2024, 3, 19)
BEGUN = {"start_date": "2023-03-21", "current_fixing": 0.041}
"""The next floating and fixed period both begin on 2024-03-21; its rate is fixed on 2024-03-19."""


@pytest.fixture(scope="module")
def market():
    discount = nr.market.ZeroCurve([1.0, 5.0, 10.0], [0.032, 0.026, 0.027])
    projection = nr.market.ZeroCurve([1.0, 5.0, 10.0], [0.034, 0.028, 0.029])
    curves = nr.market.CurveSystem(discount, projection, "EUR-ESTR", "EUR-EURIBOR-6M")
    volatility = nr.market.SwaptionVolatility([1.0, 5.0], [2.0, 10.0], MATRIX["volatilities"])
    return nr.market.Market(TODAY, {"EUR": nr.market.CurrencyMarket("EUR", curves, volatility)})


def cancellable(next_fixing, spread=0.0):
    return nr.trades.CancellableSwapTrade(
        trade_id="C",
        currency="EUR",
        index="EUR-EURIBOR-6M",
        side="payer",
        notional=1e7,
        strike=0.05,
        maturity_date="2028-03-21",
        exercise_dates="2024-03-20;2025-03-19;2026-03-19",
        next_fixing=next_fixing,
        spread=spread,
        **BEGUN,
    )


@pytest.mark.parametrize("spread", [0.0, 0.002])
@pytest.mark.parametrize("next_fixing", [0.01, 0.06])
def test_a_known_next_coupon_is_cash_in_both_codes(market, next_fixing, spread):
    """Fixed 2 percent or more away from its projection, it moves what the first exercise enters by more than 100 bp."""
    trades = nr.trades.Book((cancellable(next_fixing, spread),))
    found = verify(trades, market, nr.price(trades, market)).iloc[0]
    assert found["status"] == "agrees", found.to_dict()
