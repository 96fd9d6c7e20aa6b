"""Whatever is wrong with a file: one line that names it, the place, and what was expected."""

import copy
import json

import pytest
from typer.testing import CliRunner

from cli.two_currencies import BERMUDAN, HEADER, MARKET, SWAP, write_files
from neuralrates.cli.app import app

BAD_ROWS = {
    "percent": (SWAP.replace(",0.04,", ",4.0,"), "strike"),
    "not a number": (SWAP.replace(",0.04,", ",nan,"), "strike"),
    "past maturity": (
        SWAP.replace("2024-03-21,2029-03-21", "2014-03-21,2019-03-21"),
        "maturity_date",
    ),
    "no such date": (SWAP.replace("2029-03-21", "2029-02-30"), "maturity_date"),
    "backwards": (SWAP.replace("2029-03-21", "2023-03-21"), "maturity_date"),
    "exercise too late": (BERMUDAN.replace("2026-03-21", "2031-03-21"), "first_exercise_date"),
    "exercises not increasing": (
        BERMUDAN.replace("2026-03-21,,", ",2027-03-19;2026-03-19,"),
        "exercise_dates",
    ),
    "unknown index": (SWAP.replace("USD-SOFR", "USD-SONIA"), "index"),
    "other currency": (SWAP.replace("USD,USD", "EUR,USD"), "currency"),
    "unknown kind": (SWAP.replace("swap,", "swop,", 1), "kind"),
    "unknown side": (SWAP.replace("payer", "buyer"), "side"),
    "negative notional": (SWAP.replace("1e7", "-1e7"), "notional"),
}


def edited(*path, value):
    """The market with one entry changed."""
    market = copy.deepcopy(MARKET)
    place = market
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return market


USD = ("currencies", "USD")
BAD_MARKETS = {
    "unknown key": (edited(*USD, "discont", value={}), "discont"),
    "no schema": ({**MARKET, "schema": "other/1"}, "schema"),
    "no date": ({**MARKET, "valuation_date": "soon"}, "valuation_date"),
    "percent": (edited(*USD, "discount", "zero_rates", value=[5.0] * 6), "zero_rates"),
    "times not increasing": (edited(*USD, "discount", "times", value=[1.0] * 6), "times"),
    "hole": (
        edited(*USD, "swaption_volatility", "volatilities", value=[[0.01, 0.01], [0.01]]),
        "holes",
    ),
    "negative volatility": (
        edited(*USD, "swaption_volatility", "volatilities", value=[[0.01, -0.01], [0.01, 0.01]]),
        "volatilit",
    ),
}


def price(book, market):
    return CliRunner().invoke(app, ["price", str(book), "--market", str(market)])


def assert_one_line(result, *told):
    assert result.exit_code == 2, result.output
    errors = [line for line in result.stderr.splitlines() if not line.startswith("warning: ")]
    assert len(errors) == 1, result.stderr
    assert "Traceback" not in result.stderr
    for part in told:
        assert part in result.stderr


@pytest.mark.parametrize("name", BAD_ROWS)
def test_bad_row(tmp_path, name):
    row, column = BAD_ROWS[name]
    files = write_files(tmp_path, SWAP.replace("SWAP", "GOOD"), row)
    assert_one_line(price(*files), "book.csv", "line 3", f"`{column}`", "expected")


@pytest.mark.parametrize("name", BAD_MARKETS)
def test_bad_market(tmp_path, name):
    market, told = BAD_MARKETS[name]
    assert_one_line(price(*write_files(tmp_path, SWAP, market=market)), "market.json", told)


def test_malformed_row(tmp_path):
    assert_one_line(price(*write_files(tmp_path, SWAP, "swap,too,short")), "book.csv", "line 3")


def test_missing_column(tmp_path):
    book, market = write_files(tmp_path, SWAP)
    book.write_text(book.read_text().replace("strike", "stryke"))
    assert_one_line(price(book, market), "book.csv", "strike")


def test_empty_book_and_no_book(tmp_path):
    book, market = write_files(tmp_path)
    assert_one_line(price(book, market), "book.csv")
    assert_one_line(price(tmp_path / "none.csv", market), "none.csv")
    assert_one_line(price(book, tmp_path / "none.json"), "none.json")


def test_a_currency_without_a_market(tmp_path):
    market = copy.deepcopy(MARKET)
    del market["currencies"]["USD"]
    assert_one_line(price(*write_files(tmp_path, SWAP, market=market)), "'USD'")


def test_an_option_without_volatilities(tmp_path):
    market = edited(*USD, "swaption_volatility", value=None)
    assert_one_line(price(*write_files(tmp_path, BERMUDAN, market=market)), "BERMUDAN", "volatilit")


def test_a_quote_that_no_model_meets(tmp_path):
    falling = [[0.0500, 0.0500], [0.0010, 0.0010]]
    market = edited(*USD, "swaption_volatility", "volatilities", value=falling)
    result = price(*write_files(tmp_path, BERMUDAN, market=market))
    assert_one_line(result, "BERMUDAN", "variance")


def test_a_book_in_json_names_the_field(tmp_path):
    _, market = write_files(tmp_path, SWAP)
    trade = dict(zip(HEADER.split(","), SWAP.split(","), strict=True))
    book = tmp_path / "book.json"
    fields = {key: value for key, value in trade.items() if value} | {"strike": "high"}
    book.write_text(json.dumps({"schema": "neuralrates.book/1", "trades": [fields]}))
    assert_one_line(price(book, market), "book.json", "strike", "'high'"[1:-1])
