"""How far a market's curves must reach: the discount curve to the payments, the projection curve to the ends of the rates."""

import datetime

import numpy as np
import pytest

import neuralrates as nr
from neuralrates.desk.index_desk import IndexDesk
from neuralrates.engines.engine import AbstractEngine, Assessment, Checks
from neuralrates.engines.one_factor import OneFactorEngine
from neuralrates.trades.coverage import refusal

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


def test_a_market_of_one_curve_names_its_rate_once(root) -> None:
    market = nr.market.load(root / "src/neuralrates/desk/example_files/market.json")
    trade = nr.trades.SwapTrade(
        trade_id="S",
        currency="USD",
        index="USD-LIBOR-3M",
        side="payer",
        notional=1e6,
        strike=0.03,
        start_date="2024-03-21",
        maturity_date="2029-03-21",
    )
    found = str(refusal(trade.resolve(TODAY), market))
    assert found == "expected a floating rate of the market (USD-SOFR), found USD-LIBOR-3M"


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


class NeedsNoVolatility(AbstractEngine):
    """Every option is worth a hundredth: an engine that no market's volatilities concern."""

    name = "constant"
    is_learned = False
    certified_error = 0.0

    def refuses(self, trade, market):
        return None

    def assess(self, batch, inputs, shape, with_gradient):
        ones = np.ones(len(batch.members))
        checks = Checks(np.zeros((len(batch.members), 0)), ones > 0.0, None)
        return Assessment(0.01 * ones, 0.0 * ones, checks, None)

    def objection(self, trade, checks):
        return None


def test_whether_an_option_needs_volatilities_is_for_the_engine_to_say():
    curve = nr.market.ZeroCurve([1.0, 10.0], [0.02, 0.025])
    known = nr.market.CurrencyMarket(
        "EUR", nr.market.CurveSystem(curve, curve, OVERNIGHT, OVERNIGHT)
    )
    trade = nr.trades.EuropeanSwaptionTrade(
        trade_id="O",
        currency="EUR",
        index=OVERNIGHT,
        side="payer",
        notional=1e6,
        strike=0.03,
        start_date="2025-03-21",
        maturity_date="2029-03-21",
    ).resolve(TODAY)
    assert refusal(trade, nr.market.Market(TODAY, {"EUR": known})) is None
    engines = OneFactorEngine(), NeedsNoVolatility()
    rows = [
        dict(IndexDesk(known, (OVERNIGHT,), 0.03, frozenset(), asked).rows([trade]))[0]
        for asked in (engines[:1], engines)
    ]
    assert str(rows[0].reason) == "options need swaption volatilities, and the EUR market has none"
    assert rows[1].reason is None
    assert rows[1].value == pytest.approx(1e4)
