"""Our prices against QuantLib's from the dates on: every kind of trade, one curve and two, begun and forward."""

import numpy as np
import pytest
import QuantLib as ql  # noqa: N813

import neuralrates as nr
from cli.two_currencies import ROWS, write_files
from neuralrates.desk.calibrated import calibrations
from neuralrates.desk.verification.verify import verify

ROUNDING = 1e-6
POINTS = 128


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return write_files(tmp_path_factory.mktemp("files"), *ROWS)


@pytest.fixture(scope="module")
def book(files):
    return nr.trades.load(files[0])


@pytest.fixture(scope="module")
def market(files):
    return nr.market.load(files[1])


@pytest.fixture(scope="module")
def table(book, market):
    return nr.price(book, market)


@pytest.fixture(scope="module")
def comparison(book, market, table):
    return verify(book, market, table, points=POINTS).set_index("trade_id")


def test_every_trade_agrees(comparison):
    assert set(comparison["status"]) == {"agrees"}
    assert list(comparison.index) == [row.split(",")[1] for row in ROWS]


@pytest.mark.parametrize("trade", ["SWAP", "BEGUN", "TERM", "AMORTISING", "TERM-EUROPEAN"])
def test_closed_forms_agree_to_rounding(comparison, trade):
    assert abs(comparison["difference"][trade]) < ROUNDING


def test_methods_are_named(comparison):
    assert comparison["method"]["BEGUN"] == "discounting"
    assert comparison["method"]["AMORTISING"] == "Bachelier"
    assert comparison["method"]["CANCELLABLE"] == "discounting + Gaussian1d"


def test_a_wrong_price_differs(book, market, table):
    wrong = table.assign(value=table["value"] + 0.1 * nr.core.basis_point * table["notional"])
    wrong = wrong[wrong["trade_id"] == "SWAP"]
    row = verify(book, market, wrong).iloc[0]
    assert row["status"] == "differs"
    assert row["difference"] == pytest.approx(0.1, abs=ROUNDING)


def test_a_trade_without_price_is_not_compared(book, market, table):
    failed = table[table["trade_id"] == "SWAP"].assign(status="no volatilities", value=np.nan)
    assert verify(book, market, failed)["status"].tolist() == ["not priced: no volatilities"]


def test_a_model_that_quantlib_does_not_have_is_said_so(book, market, table):
    bermudan = table[table["trade_id"] == "BERMUDAN"]
    status = verify(book, market, bermudan, mean_reversion=1e-6)["status"][0]
    assert status.startswith("not compared: QuantLib's Gsr")


@pytest.mark.parametrize("reversion", [-0.05, 0.6, 1.5])
def test_strong_mean_reversions_are_compared(book, market, reversion):
    """Loadings counted from today would be equal to all their digits in long trades."""
    callable_trades = [one for one in book.trades if one.trade_id in ("BERMUDAN", "CANCELLABLE")]
    some = nr.trades.Book(tuple(callable_trades))
    table = nr.price(some, market, mean_reversion=reversion)
    assert set(verify(some, market, table, mean_reversion=reversion)["status"]) == {"agrees"}


def test_quantlib_is_left_as_it_was(book, market, table):
    before, day = ql.Settings.instance().evaluationDate, ql.Date(18, 3, 2024)
    ql.Sofr().addFixing(day, 0.01)
    try:
        verify(book, market, table[table["trade_id"] == "BEGUN"])
        assert ql.Settings.instance().evaluationDate == before
        assert list(ql.Sofr().timeSeries().dates()) == [day]
    finally:
        ql.Sofr().clearFixings()


def test_calibrations_meet_their_quotes(book, market):
    trades = book.resolve(market.valuation_date).trades
    fitted = calibrations(trades, market, {"USD": 0.03, "EUR": 0.02})
    assert fitted["residual"].abs().max() < 1e-12
    assert set(fitted["trade_id"]) == {
        name
        for name in (row.split(",")[1] for row in ROWS)
        if name not in ("SWAP", "BEGUN", "TERM")
    }
    assert fitted["exercise_date"][0] == "2026-03-19"
    assert set(fitted["mean_reversion"]) == {0.03, 0.02}
