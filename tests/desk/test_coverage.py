"""How far a market's curves must reach: the discount curve to the payments, the projection curve to the ends of the rates."""

import datetime

import pytest

import neuralrates as nr
from neuralrates.desk.coverage import refusal

TODAY = datetime.date(2024, 3, 19)
TERM, OVERNIGHT = "EUR-EURIBOR-6M", "EUR-ESTR"
STUB = {"maturity_date": "2029-04-23", "stub": "short back"}
"""The last coupon pays after 5.1 years; the index's own period, from March 2029 on, ends after 5.5."""


def why(index: str, discount_end: float, projection_end: float, **fields: str) -> str:
    """Reason of a refusal by curves that end there; empty where the trade can be priced."""
    discount = nr.market.ZeroCurve([1.0, discount_end], [0.02, 0.025])
    projection = nr.market.ZeroCurve([1.0, projection_end], [0.021, 0.026])
    curves = nr.market.CurveSystem(discount, projection, OVERNIGHT, TERM)
    market = nr.market.Market(TODAY, {"EUR": nr.market.CurrencyMarket("EUR", curves)})
    trade = nr.trades.SwapTrade(
        trade_id="S",
        currency="EUR",
        index=index,
        side="payer",
        notional=1e6,
        strike=0.03,
        start_date="2024-03-21",
        **fields,
    )
    found = refusal(trade.resolve(TODAY), market)
    return "" if found is None else str(found)


@pytest.mark.parametrize(
    ("projection", "discount_end", "projection_end", "reason"),
    [
        ("accrual", 5.1, 5.1, ""),
        ("index", 5.1, 5.52, ""),
        ("index", 5.1, 5.1, f"the projection curve of {TERM} ends after 5.10 years"),
        ("index", 5.0, 5.52, f"the discount curve of {OVERNIGHT} ends after 5.00 years"),
        ("accrual", 5.1, 5.0, f"the projection curve of {TERM} ends after 5.00 years"),
    ],
)
def test_each_curve_reaches_what_is_read_on_it(projection, discount_end, projection_end, reason):
    found = why(TERM, discount_end, projection_end, projection=projection, **STUB)
    assert found.startswith(reason)
    assert bool(found) == bool(reason)


def test_an_overnight_trade_needs_no_curve_of_the_term_rate():
    assert not why(OVERNIGHT, 10.0, 2.0, maturity_date="2033-03-21")
