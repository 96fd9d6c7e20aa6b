"""One trade from sliders: what the curve is, and what is priced on it."""

import datetime

import numpy as np
import pytest

import neuralrates as nr
from neuralrates.server.slider_market import CURRENCY, INDEX, NODES, SliderTrade
from neuralrates.trades.callable_trade import EuropeanSwaptionTrade

TODAY = datetime.date(2024, 3, 19)


def test_the_level_is_the_ten_year_rate_and_the_slope_what_it_is_more_than_the_two_year():
    sliders = SliderTrade(level=0.04, slope=0.01, valuation_date=TODAY)
    rates = dict(zip(NODES, sliders.zero_rates(), strict=True))
    assert rates[10.0] == pytest.approx(0.04, abs=1e-15)
    assert rates[2.0] == pytest.approx(0.03, abs=1e-15)
    assert np.all(np.diff(sliders.zero_rates()) > 0)


def test_one_call_is_the_european(client):
    """A closed form: Bachelier's on the same curve and volatility."""
    sliders = SliderTrade(level=0.04, slope=0.005, tenor=2, valuation_date=TODAY)
    bermudan = sliders.trade()
    european = EuropeanSwaptionTrade(
        trade_id="E",
        currency=CURRENCY,
        index=INDEX,
        side="receiver",
        notional=1e6,
        strike=0.035,
        start_date=bermudan.first_exercise_date,
        maturity_date=bermudan.maturity_date,
    )
    exact = nr.price(nr.trades.Book((european,)), sliders.market())["value"][0]
    body = {"level": 0.04, "slope": 0.005, "tenor": 2, "valuation_date": "2024-03-19"}
    answer = client.post("/v1/trade", json={**body, "engine": "reference"}).json()
    assert abs(answer["value"] - exact) <= answer["error_band"] + 1e-6
    assert exact > 100.0


def test_every_part_of_the_answer_has_its_unit(client):
    body = {"valuation_date": "2024-03-19", "greeks": ["zero_delta", "vega"], "tenor": 2}
    answer = client.post("/v1/trade", json={**body, "engine": "reference"}).json()
    ladder = answer["zero_deltas"]
    assert [one["years"] for one in ladder] == list(NODES)
    total = sum(one["delta"] for one in ladder)
    assert total == pytest.approx(answer["greeks"]["zero_delta"], rel=1e-12)
    assert answer["value_bp"] == pytest.approx(answer["value"] / 100, rel=1e-12)
    assert set(answer["greeks"]) < set(answer["units"])
    (probability,) = answer["exercise_probability"].values()
    assert 0 < probability < 1


def test_the_learned_engine_says_why_it_does_not_take_a_trade(client):
    body = {"valuation_date": "2024-03-19", "tenor": 2, "engine": "learned"}
    answer = client.post("/v1/trade", json=body).json()
    assert answer["engine"] == "reference"
    assert "9 exercises" in answer["passed_over"]


def test_a_start_late_in_a_month_is_a_day_that_every_month_has():
    for day in (26, 27, 28, 29, 30):
        trade = SliderTrade(valuation_date=datetime.date(2024, 1, day)).trade()
        assert trade.start_date.day <= 28
        assert trade.start_date >= datetime.date(2024, 1, day)
        assert trade.maturity_date == trade.start_date.replace(year=trade.start_date.year + 10)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"level": "0.03"}, "level"),
        ({"level": 3.5}, "level"),
        ({"volatility": 0.0}, "volatility"),
        ({"strike": None}, "strike"),
        ({"tenor": 10.5}, "tenor"),
        ({"tenor": True}, "tenor"),
        ({"first_call": 10}, None),
        ({"side": "both"}, "side"),
        ({"greeks": ["colour"]}, "greeks.0"),
        ({"greeks": ["vega"] * 6}, "greeks"),
        ({"valuation_date": "yesterday"}, "valuation_date"),
        ({"valuation_date": "1900-01-01"}, "valuation_date"),
        ({"valuation_date": 20240319}, "valuation_date"),
        ({"colour": 1}, "colour"),
    ],
)
def test_a_fault_is_named_by_its_field(client, change, field):
    answer = client.post("/v1/trade", json=change)
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == field
