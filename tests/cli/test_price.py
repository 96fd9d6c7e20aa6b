"""The command `price`: what it prints, what it writes, and how it fails."""

import json

import pandas as pd
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import neuralrates as nr
import neuralrates.cli.price as price_module
from cli.two_currencies import BERMUDAN, SWAP, write_files
from neuralrates.cli.app import app
from neuralrates.cli.price import _passed_over

LATE = "swap,LATE,USD,USD-SOFR,payer,1e7,0.04,2014-03-21,2019-03-21,,,,,"
PERCENT = "swap,PERCENT,USD,USD-SOFR,payer,1e7,4.0,2024-03-21,2029-03-21,,,,,"


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def files(tmp_path):
    return write_files(tmp_path, SWAP, BERMUDAN)


def test_prints_a_line_a_trade_and_the_total(files):
    book, market = files
    result = run("price", book, "--market", market)
    assert result.exit_code == 0, result.output
    assert "BERMUDAN" in result.stdout
    assert "USD: 2 of 2 trades" in result.stdout


def test_json_carries_units_and_the_record_of_the_run(files):
    book, market = files
    result = run("price", book, "--market", market, "--greeks", "par_delta,theta", "--json")
    assert result.exit_code == 0, result.output
    content = json.loads(result.stdout)
    assert content["schema"] == "neuralrates.prices/1"
    assert content["units"]["value"] == "currency"
    assert len(content["run"]["book_sha256"]) == len(content["run"]["market_sha256"]) == 64
    swap, bermudan = content["trades"]
    assert swap["exercise_probability"] is None
    assert list(bermudan["exercise_probability"]) == ["2026-03-19", "2027-03-18", "2028-03-17"]
    assert {"theta"} <= set(swap)


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".json", ".html"])
def test_writes_every_format_whole(files, tmp_path, suffix):
    book, market = files
    out = tmp_path / f"prices{suffix}"
    result = run("price", book, "--market", market, "--greeks", "vega", "--out", out)
    assert result.exit_code == 0, result.output
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([book.name, market.name, out.name])
    assert "BERMUDAN" in (out.read_text() if suffix != ".parquet" else str(pq.read_table(out)))


def test_formats_hold_the_same_numbers(files, tmp_path):
    book, market = files
    run("price", book, "--market", market, "--out", tmp_path / "a.csv")
    run("price", book, "--market", market, "--out", tmp_path / "a.parquet")
    run("price", book, "--market", market, "--out", tmp_path / "a.json")
    from_csv = pd.read_csv(tmp_path / "a.csv")
    from_parquet = pq.read_table(tmp_path / "a.parquet")
    from_json = pd.DataFrame(json.loads((tmp_path / "a.json").read_text())["trades"])
    assert from_csv["value"].tolist() == from_parquet["value"].to_pylist()
    assert from_csv["value"].tolist() == from_json["value"].tolist()
    assert from_parquet.schema.field("value").metadata[b"units"] == b"currency"
    assert json.loads(from_csv["exercise_probability"][1])["2026-03-19"] > 0.0


def test_report_shows_trades_check_and_provenance(files, tmp_path):
    book, market = files
    out = tmp_path / "report.html"
    result = run(
        "price", book, "--market", market, "--greeks", "par_delta,vega", "--check", "--out", out
    )
    assert result.exit_code == 0, result.output
    page = out.read_text()
    assert "<svg" in page
    assert "Checked against QuantLib" in page
    assert "sha256" in page
    for outside in ("http://", "https://", "<script", "<link", "src="):
        assert outside not in page


def test_keep_going_prices_the_good_and_names_the_bad(tmp_path):
    book, market = write_files(tmp_path, SWAP, LATE, PERCENT)
    result = run("price", book, "--market", market, "--keep-going", "--json")
    assert result.exit_code == 1
    trades = json.loads(result.stdout)["trades"]
    assert [trade["trade_id"] for trade in trades] == ["SWAP", "LATE"]
    assert [trade["status"] == "ok" for trade in trades] == [True, False]
    lines = result.stderr.splitlines()
    assert len(lines) == 2
    assert "line 4" in lines[0]
    assert "`strike`" in lines[0]
    assert "line 3" in lines[1]


@pytest.mark.parametrize("suffix", ["csv", "json"])
def test_keep_going_says_where_a_trade_stands_that_the_market_cannot_price(tmp_path, suffix):
    long = SWAP.replace("SWAP", "LONG").replace("2029-03-21", "2059-03-21")
    book, market = write_files(tmp_path, SWAP, long)
    path, place = tmp_path / f"book.{suffix}", {"csv": "line 3", "json": "field `trades[1]`"}
    nr.trades.dump(nr.trades.load(book), path)
    result = run("price", path, "--market", market, "--keep-going")
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    told = f"neuralrates: {path}, {place[suffix]}: trade LONG: the discount curve of USD-SOFR ends"
    assert line.startswith(told)


def test_without_keep_going_every_bad_row_is_listed(tmp_path):
    other = PERCENT.replace("PERCENT", "OTHER")
    book, market = write_files(tmp_path, SWAP, PERCENT, other)
    result = run("price", book, "--market", market)
    assert result.exit_code == 2
    assert ["line 3" in result.stderr, "line 4" in result.stderr] == [True, True]
    assert len(result.stderr.splitlines()) == 2


def test_no_good_trade_is_bad_input(tmp_path):
    book, market = write_files(tmp_path, PERCENT)
    result = run("price", book, "--market", market, "--keep-going")
    assert result.exit_code == 2


BAD_OPTIONS = {
    "greeks": (("--greeks", "vega,charm"), "charm"),
    "mean reversion": (("--mean-reversion", "three"), "--mean-reversion"),
    "currency": (("--mean-reversion", "EUR=0.03"), "USD"),
    "suffix": (("--out", "prices.xlsx"), ".parquet"),
    "folder": (("--out", "nowhere/prices.csv"), "nowhere"),
}


@pytest.mark.parametrize("name", BAD_OPTIONS)
def test_bad_options_are_one_line(files, name):
    book, market = files
    options, told = BAD_OPTIONS[name]
    result = run("price", book, "--market", market, *options)
    assert result.exit_code == 2
    assert told in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".json", ".html"])
def test_failure_leaves_an_existing_file_as_it_was(files, tmp_path, suffix, monkeypatch):
    book, market = files
    out = tmp_path / f"prices{suffix}"
    out.write_text("earlier")
    before = set(tmp_path.iterdir())

    def broken(*arguments):
        raise OSError(28, "No space left on device", str(out))

    monkeypatch.setattr("os.replace", broken)
    monkeypatch.setattr("pathlib.Path.replace", broken)
    result = run("price", book, "--market", market, "--out", out)
    assert result.exit_code == 2
    assert "No space left" in result.stderr
    assert out.read_text() == "earlier"
    assert set(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("problem", "code"), [(KeyboardInterrupt(), 130), (ZeroDivisionError("oh\nno"), 3)]
)
def test_interruption_and_faults_leave_nothing(files, tmp_path, monkeypatch, problem, code):
    book, market = files
    before = set(tmp_path.iterdir())

    def broken(*arguments, **settings):
        raise problem

    monkeypatch.setattr(price_module, "price_book", broken)
    result = run("price", book, "--market", market, "--out", tmp_path / "prices.csv")
    assert result.exit_code == code
    assert set(tmp_path.iterdir()) == before
    assert code == 130 or "internal error: ZeroDivisionError: oh no" in result.stderr


def test_an_interrupted_write_leaves_the_earlier_file(files, tmp_path, monkeypatch):
    book, market = files
    out = tmp_path / "prices.parquet"
    out.write_text("earlier")

    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("pyarrow.parquet.write_table", interrupted)
    assert run("price", book, "--market", market, "--out", out).exit_code == 130
    assert sorted(file.name for file in tmp_path.iterdir()) == [book.name, market.name, out.name]
    assert out.read_text() == "earlier"


def test_trades_that_went_past_an_engine_are_a_line_for_each_thing_expected():
    table = pd.DataFrame()
    table.attrs["passed_over"] = {
        "A": ("field `exercise_dates`: expects 9 exercises, found 4",),
        "B": ("field `exercise_dates`: expects 9 exercises, found 5",),
        "C": ("outside the domain",),
    }
    assert _passed_over(table) == [
        "2 trades by the reference: field `exercise_dates`: expects 9 exercises",
        "1 trade by the reference: outside the domain",
    ]


def test_greeks_that_are_missing_are_a_line_for_each_reason(tmp_path):
    other = SWAP.replace("SWAP", "OTHER")
    book, market = write_files(tmp_path, SWAP, other)
    result = run("price", book, "--market", market, "--greeks", "par_delta", "--json")
    assert result.exit_code == 0
    expected = "no par_delta for 2 trades: the USD curves are zero rates, not made from quotes"
    assert result.stderr.splitlines() == [f"warning: {expected}"]
    assert json.loads(result.stdout)["run"]["warnings"] == [expected]
    assert [trade["par_delta"] for trade in json.loads(result.stdout)["trades"]] == [None, None]
