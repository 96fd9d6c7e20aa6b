"""The command `exposure`."""

import pandas as pd
from typer.testing import CliRunner

import neuralrates as nr
from neuralrates.cli.app import app

BOOK, MARKET = nr.desk.example_files()
NETTING = BOOK.parent / "netting.json"


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_the_example_is_written_with_profiles_and_a_report(tmp_path):
    out = tmp_path / "xva"
    asked = ("--dates", "1Y", "--paths", "64", "--allocate", "--out", out)
    result = run("exposure", BOOK, "--market", MARKET, "--netting", NETTING, *asked)
    assert result.exit_code == 0, result.output
    assert "BANK-A" in result.stdout
    figures = pd.read_csv(out / "figures.csv")
    assert list(figures["netting_set"]) == ["BANK-A", "BANK-B"]
    shares = pd.read_csv(out / "trades.csv").groupby("netting_set")["cva"].sum()
    assert abs(shares["BANK-B"] - figures["cva"][1]) < 1e-6
    assert set(pd.read_csv(out / "profiles.csv")["netting_set"]) == {"BANK-A", "BANK-B"}
    assert (out / "report.html").read_text().count("<polyline") == 4


def test_greeks_and_scenarios_are_shown_and_written(tmp_path):
    moves = tmp_path / "moves.json"
    moves.write_text(
        '{"schema": "neuralrates.scenarios/1", "scenarios": [{"kind": "parallel", "shift": 0.01}]}'
    )
    out = tmp_path / "xva"
    asked = ("--dates", "5Y", "--paths", "64", "--greeks", "--scenarios", moves, "--out", out)
    result = run("exposure", BOOK, "--market", MARKET, "--netting", NETTING, *asked)
    assert result.exit_code == 0, result.output
    for said in ("par delta", "own credit", "rates +100 bp"):
        assert said in result.stdout
    greeks = pd.read_csv(out / "greeks.csv")
    assert {"par_delta", "vega", "credit", "own_credit"} == set(greeks["greek"])
    assert set(pd.read_csv(out / "scenarios.csv")["scenario"]) == {"today", "rates +100 bp"}
    assert list(pd.read_csv(out / "models.csv")["netting_sets"].unique()) == ["all"]
    report = (out / "report.html").read_text()
    assert "USD-SOFR OIS 10Y" in report
    assert "a swaption a year, all ending in" in report
    assert not (out / "unfinished").exists()


def test_tables_of_the_run_stay_where_a_scenario_fails(tmp_path):
    """And those of a former run go."""
    moves, out = tmp_path / "moves.json", tmp_path / "xva"
    moves.write_text(
        '{"schema": "neuralrates.scenarios/1", "scenarios": [{"kind": "volatility", "shift": 0.19}]}'
    )
    out.mkdir()
    for name in ("greeks.csv", "scenarios.csv", "figures.parquet", "mine.csv"):
        (out / name).write_text("")
    asked = ("--dates", "5Y", "--paths", "64", "--scenarios", moves, "--out", out)
    result = run("exposure", BOOK, "--market", MARKET, "--netting", NETTING, *asked)
    assert result.exit_code == 2, result.output
    assert result.stderr.splitlines()[-1].startswith("neuralrates: scenario volatility")
    names = {"figures.csv", "profiles.csv", "trades.csv", "models.csv", "report.html"}
    assert {file.name for file in out.iterdir()} == {*names, "mine.csv"}


def test_bad_input_is_one_line(tmp_path):
    netting = tmp_path / "netting.json"
    netting.write_text(NETTING.read_text().replace('"SWP-05Y-PAY", ', ""))
    files = ("exposure", BOOK, "--market", MARKET, "--netting")
    for asked, said in (
        ((netting,), "expected trade SWP-05Y-PAY in a netting set"),
        ((NETTING, "--dates", "soon"), "expected a step between dates"),
        ((NETTING, "--format", "doc"), "expected a format among csv, parquet"),
        ((NETTING, "--out", BOOK), "expected a folder"),
    ):
        result = run(*files, *asked)
        assert result.exit_code == 2
        assert said in result.stderr
        assert len(result.stderr.splitlines()) == 1
