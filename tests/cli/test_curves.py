"""`calibrate --curves`, what a market file leaves out on the terminal, and the option `--mean-reversion`."""

import json

import pytest
from typer.testing import CliRunner

from cli.two_currencies import SWAP, write_files
from neuralrates.cli.app import app

LINES = """2024-03-19,MM/RATE/USD/SOFR/0D/1D,0.0531
2024-03-19,OI_FUTURE/PRICE/USD/2024-06/XCME:SRA/3M,94.665
2024-03-19,OI_FUTURE/PRICE/USD/2029-06/XCME:SRA/3M,96.1
2024-03-19,IR_SWAP/RATE/USD/SOFR/0D/1D/2Y,0.0459
2024-03-19,IR_SWAP/RATE/USD/SOFR/0D/1D/10Y,0.25
2024-03-20,IR_SWAP/RATE/USD/SOFR/0D/1D/10Y,0.04
2024-03-19,IR_SWP/RATE/USD/SOFR/0D/1D/5Y,0.04
"""


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_curves_show_every_quote_and_name_what_is_left_out(tmp_path):
    path = tmp_path / "market.txt"
    path.write_text(LINES)
    arguments = ("calibrate", "--curves", "--market", path)
    assert "--date" in run(*arguments).stderr
    result = run(*arguments, "--date", "2024-03-19")
    assert result.exit_code == 0, result.output
    assert "not read: 1 quotes (IR_SWP/RATE 1)" in result.stdout
    assert "ends after 2Y (`futures_until`): USD-SOFR future 2029-03+3M" in result.stdout
    assert "warning: USD: USD-SOFR OIS 10Y is 25 percent a year" in result.stderr
    assert "1 quotes build no curve, 1 quotes of the file are not read" in result.stderr
    quotes = json.loads(run(*arguments, "--date", "2024-03-19", "--json").stdout)["quotes"]
    assert [one["used"] for one in quotes] == [True] * 4 + [False]
    assert max(abs(one["error"]) for one in quotes[:4]) < 1e-12
    assert abs(quotes[4]["error"]) > 0.001


def test_curves_are_not_written_over_their_market(tmp_path):
    _, market = write_files(tmp_path, SWAP)
    before = market.read_text()
    result = run("calibrate", "--curves", "--market", market, "--out", market)
    assert result.exit_code == 2
    assert "another file than the input" in result.stderr
    assert market.read_text() == before


def test_a_slip_in_a_trade_is_said_once_and_written(tmp_path):
    book, market = write_files(tmp_path, SWAP.replace(",0.04,", ",0.1838,"))
    out = tmp_path / "prices.json"
    result = run("price", book, "--market", market, "--out", out)
    assert result.exit_code == 0, result.output
    assert result.stderr.count("18.38 percent") == 1
    assert any("18.38 percent" in line for line in json.loads(out.read_text())["run"]["warnings"])


def test_a_book_or_curves_but_not_both(tmp_path):
    book, market = write_files(tmp_path, SWAP)
    assert run("calibrate", "--market", market).exit_code == 2
    assert run("calibrate", book, "--curves", "--market", market).exit_code == 2
    assert "--date" in run("calibrate", "--curves", "--market", market, "--date", "today").stderr


@pytest.mark.parametrize("text", ["nan", "inf", "USD=nan", "USD=0.03,USD=0.05", "USD", "USD=1=2"])
def test_a_mean_reversion_is_one_finite_number_per_currency(tmp_path, text):
    book, market = write_files(tmp_path, SWAP)
    result = run("price", book, "--market", market, "--mean-reversion", text)
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert "`--mean-reversion`: expected" in result.stderr


@pytest.mark.parametrize("text", ["3", "-2.5", "USD=3.0", "1e9"])
def test_a_mean_reversion_in_percent_is_refused(tmp_path, text):
    book, market = write_files(tmp_path, SWAP)
    result = run("price", book, "--market", market, "--mean-reversion", text)
    assert result.exit_code == 2
    assert "`--mean-reversion`: expected a decimal per year within 2 of zero" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_mean_reversion_that_nothing_would_use_is_refused(tmp_path):
    book, market = write_files(tmp_path, SWAP)
    result = run("price", book, "--market", market, "--mean-reversion", "USD=0.03,GBP=0.02")
    assert result.exit_code == 2
    assert "expected currencies of the market (USD, EUR), found GBP" in result.stderr
    result = run("calibrate", "--curves", "--market", market, "--mean-reversion", "0.02")
    assert result.exit_code == 2
    assert "expected no --mean-reversion beside --curves" in result.stderr
