"""`calibrate` of two factors and of the forward curve: what a fit writes is what a price takes; what each trade misses."""

import copy
import json

import numpy as np
import pytest
from typer.testing import CliRunner

import neuralrates as nr
from cli.two_currencies import BERMUDAN, MARKET, write_files
from neuralrates.cli.app import app

ROWS = [[0.0125, 0.0119, 0.0105], [0.0112, 0.0108, 0.0097], [0.0105, 0.0101, 0.0090]]
MATRIX = {
    "type": "normal",
    "expiries": ["1Y", "2Y", "5Y"],
    "tenors": ["1Y", "3Y", "10Y"],
    "volatilities": ROWS,
}


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def files(tmp_path):
    market = copy.deepcopy(MARKET)
    market["currencies"] = {"USD": market["currencies"]["USD"] | {"swaption_volatility": MATRIX}}
    return write_files(tmp_path, BERMUDAN, market=market)


def test_what_is_fitted_is_what_a_price_takes(files, tmp_path):
    book, market = files
    out = tmp_path / "fitted.json"
    command = ("calibrate", "--model", "two_factor", "--market", market)
    shown = run(*command, "--out", out)
    assert shown.exit_code == 0, shown.output
    assert "9 quotes missed by" in shown.stdout
    stated = json.loads(out.read_text())["currencies"]["USD"]["two_factor"]
    told = json.loads(run(*command, "--json").stdout)["currencies"]["USD"]
    assert told["two_factor"] == stated
    assert np.shape(told["misfit"]) == (3, 3)
    read, law = nr.market.load(out), nr.market.TwoFactorParameters(**stated)
    assert read["USD"].two_factor == law
    trades = nr.trades.load(book)
    taken = nr.price(trades, read, model="two_factor")
    asked = nr.price(trades, read, model="two_factor", mean_reversion=law.mean_reversion)
    other = nr.price(trades, read, model="two_factor", mean_reversion=0.03)
    assert taken.value[0] == asked.value[0] != other.value[0]
    assert nr.price(trades, read).value[0] == nr.price(trades, read, mean_reversion=0.03).value[0]


def test_what_each_trade_misses_under_two_factors(files):
    book, market = files
    result = run("calibrate", book, "--model", "two_factor", "--market", market, "--json")
    assert result.exit_code == 0, result.output
    exercises = json.loads(result.stdout)["exercises"]
    assert len(exercises) == 3
    assert max(abs(one["residual"]) for one in exercises) < 1e-10
    assert {one["correlation"] for one in exercises} == {-0.7}
    shown = run("calibrate", book, "--model", "two_factor", "--market", market).stdout
    assert "0.5000 of the fast factor, 1.2000 times as volatile, correlation -0.7000" in shown


def test_the_forward_curve_shows_its_scale(files):
    book, market = files
    asked = ("calibrate", book, "--model", "forward_curve", "--market", market)
    exercises = json.loads(run(*asked, "--json").stdout)["exercises"]
    assert [one["curve_scale"] > 0.0 for one in exercises] == [True] * 3
    assert exercises[-1]["correlation_with_next"] == 1.0
    shown = run(*asked).stdout
    assert "3 European swaptions, largest residual" in shown
    assert "on the whole forward curve" in shown


def test_equal_reversions_and_other_models_are_one_line(files):
    book, market = files
    equal = run(
        *("calibrate", book, "--model", "two_factor", "--market", market),
        *("--mean-reversion", "0.5"),
    )
    assert equal.exit_code == 2
    assert "two mean reversions that differ" in equal.stderr
    other = run("calibrate", book, "--model", "three_factor", "--market", market)
    assert other.exit_code == 2
    assert "one_factor, two_factor" in other.stderr
