"""A shipped bundle that is damaged keeps its own trades from the learned engine, and no others."""

import pytest

import neuralrates as nr
from engines.annual_setting import ONE_CURVE, trade
from neuralrates.core.errors import InputError
from neuralrates.engines import annual_reader
from neuralrates.engines.annual_reader import annual_engines
from neuralrates.engines.engine import NotMineError


@pytest.fixture
def _damaged(monkeypatch):
    whole = annual_reader.load

    def load(name):
        if name == "annual_bermudan_payer":
            raise InputError("expected what its digest says", file="payer/arrays.safetensors")
        return whole(name)

    monkeypatch.setattr(annual_reader, "load", load)
    annual_engines.cache_clear()
    yield
    annual_engines.cache_clear()


@pytest.mark.usefixtures("_damaged")
def test_trades_of_the_damaged_bundle_go_past_it_and_say_why():
    one, other = trade(trade_id="PAYER"), trade(side="receiver", trade_id="RECEIVER")
    table = nr.price(nr.trades.Book((one, other)), ONE_CURVE, engine="learned")
    assert list(table["engine"]) == ["reference", "learned"]
    assert list(table["status"]) == ["ok", "ok"]
    (reason,) = table.attrs["passed_over"]["PAYER"]
    assert reason.startswith("the learned engine cannot be used: payer/arrays.safetensors")
    assert "RECEIVER" not in table.attrs["passed_over"]


@pytest.mark.usefixtures("_damaged")
def test_it_refuses_what_it_would_not_have_priced_for_the_old_reasons():
    damaged, _ = annual_engines()
    market = ONE_CURVE["USD"]
    receiver = trade(side="receiver").resolve(ONE_CURVE.valuation_date)
    assert isinstance(damaged.refuses(receiver, market), NotMineError)
    monthly = trade(maturity_date="2029-03-21").resolve(ONE_CURVE.valuation_date)
    assert "exercise_dates" in str(damaged.refuses(monthly, market))
