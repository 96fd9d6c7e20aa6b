"""One model for the book, or one for each netting set: what it is calibrated to, and what that is worth."""

import numpy as np
import pytest
from scipy.stats import norm

import neuralrates as nr
from exposures.cases import european
from exposures.test_greeks import QUOTES, market_of
from neuralrates.exposures.netting import netting_of

SHORT = european(trade_id="SHORT", start_date="2025-03-21", maturity_date="2027-03-21")
LONG = european(trade_id="LONG", start_date="2029-03-21", maturity_date="2034-03-21")
BOOK = nr.trades.Book((SHORT, LONG))


def run(calibration, **asked):
    sets = [
        {"netting_set": name, "trades": [name], "counterparty": {"spreads": {"5Y": 0.01}}}
        for name in ("SHORT", "LONG")
    ]
    stated = {
        "schema": "neuralrates.netting/1",
        "base_currency": "USD",
        "calibration": calibration,
        "netting_sets": sets,
    }
    asked = {"dates": "1Y", "paths": 64, **asked}
    return nr.exposure(BOOK, market_of(QUOTES), netting_of(stated), **asked)


def test_each_netting_set_has_a_model_that_ends_with_its_trades():
    together, alone = run("book"), run("netting_set")
    assert set(together.models["netting_sets"]) == {"all"}
    ends = (
        (alone.models["expiry"] + alone.models["tenor"])
        .groupby(alone.models["netting_sets"])
        .first()
    )
    assert ends["SHORT"] == 4.0
    assert ends["LONG"] == 11.0
    assert list(together.figures["netting_set"]) == list(alone.figures["netting_set"])
    book = nr.trades.Book((SHORT,))
    lonely = nr.exposure(
        book,
        market_of(QUOTES),
        netting_of(
            {
                "schema": "neuralrates.netting/1",
                "base_currency": "USD",
                "netting_sets": [
                    {
                        "netting_set": "SHORT",
                        "trades": ["SHORT"],
                        "counterparty": {"spreads": {"5Y": 0.01}},
                    }
                ],
            }
        ),
        dates="1Y",
        paths=64,
    )
    assert alone.figures["cva"][0] == lonely.figures["cva"][0]
    assert alone.trades["value"][1] == pytest.approx(together.trades["value"][1], rel=1e-9)
    assert abs(alone.figures["cva"][0] / together.figures["cva"][0] - 1.0) > 1e-4


def test_the_swaptions_in_the_table_are_met():
    """Each quoted volatility is that of the model's own European: Bachelier's formula against the exact price."""
    table = run("netting_set").models
    market = market_of(QUOTES)["USD"]
    last = table[table["netting_sets"] == "LONG"].iloc[3]
    curve = market.curves.discount
    volatilities = table[table["netting_sets"] == "LONG"]["short_rate_volatility"].to_numpy()
    model = nr.models.HullWhite(
        curve, 0.03, volatility=volatilities, volatility_times=np.arange(1.0, volatilities.size)
    )
    expiry, end = float(last["expiry"]), float(last["expiry"] + last["tenor"])
    payments = np.arange(expiry + 1.0, end + 0.5)
    right = nr.products.Swaption(
        [expiry], payments, np.ones(payments.size), float(last["strike"]), "payer"
    )
    found = float(nr.pricers.BackwardInduction(1e-11)(model, right).value)
    factors = np.array([float(curve.discount_factor(t)) for t in (expiry, *payments)])
    annuity = factors[1:].sum()
    forward = (factors[0] - factors[-1]) / annuity
    deviation = float(last["quoted_volatility"]) * np.sqrt(expiry)
    d = (forward - float(last["strike"])) / deviation
    bachelier = annuity * deviation * (d * norm.cdf(d) + norm.pdf(d))
    assert found == pytest.approx(bachelier, abs=1e-9)
