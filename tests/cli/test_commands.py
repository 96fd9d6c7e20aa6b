"""The other commands, help, and exit codes as a shell sees them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import neuralrates as nr
import neuralrates.cli.data as data_module
import neuralrates.cli.models as models_module
from cli.two_currencies import BERMUDAN, SWAP, write_files
from neuralrates.cli.app import app
from neuralrates.core.errors import NeuralratesError
from neuralrates.desk.example import copy_example, example_files
from neuralrates.histories.publishers import Download

COMMANDS = (
    "quickstart",
    "price",
    "calibrate",
    "verify",
    "models",
    "certify",
    "attack",
    "data fetch",
    "book show",
    "exposure",
)
EXECUTABLE = Path(sys.executable).parent / "neuralrates"
QUICK = """
import sys
import neuralrates.cli
print(*(name for name in ("jax", "numpy", "pandas", "QuantLib", "rich") if name in sys.modules))
"""


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def files(tmp_path):
    return write_files(tmp_path, SWAP, BERMUDAN)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_examples(command):
    result = run(*command.split(), "--help")
    assert result.exit_code == 0
    assert f"neuralrates {command}" in result.output


def test_exit_codes_are_documented():
    assert "2 bad input" in run("--help").output


def test_importing_the_command_line_loads_nothing_heavy():
    done = subprocess.run([sys.executable, "-c", QUICK], capture_output=True, text=True)
    assert done.stdout.strip() == "", done.stderr


def test_a_shell_sees_one_line_and_the_code(files):
    book, _ = files
    arguments = [EXECUTABLE, "price", book, "--market", "nowhere.json"]
    done = subprocess.run(arguments, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("neuralrates: nowhere.json")
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


def test_unknown_options_are_bad_input(files):
    assert run("price", files[0], "--market", files[1], "--fast").exit_code == 2


def test_calibrate_shows_quotes_and_residuals(files):
    book, market = files
    result = run("calibrate", book, "--market", market, "--json")
    assert result.exit_code == 0, result.output
    exercises = json.loads(result.stdout)["exercises"]
    assert [one["exercise_date"] for one in exercises] == ["2026-03-19", "2027-03-18", "2028-03-17"]
    assert max(abs(one["residual"]) for one in exercises) < 1e-12
    shown = run("calibrate", book, "--market", market, "--mean-reversion", "fit")
    assert "3 European swaptions, largest residual" in shown.stdout
    assert "The USD matrix is fitted best by a mean reversion of" in shown.stdout


def test_verify_agrees_and_says_so(files, tmp_path):
    book, market = files
    out = tmp_path / "check.csv"
    result = run("verify", book, "--market", market, "--out", out)
    assert result.exit_code == 0, result.output
    assert "2 of 2 trades agree" in result.stdout
    assert "quantlib" in out.read_text().splitlines()[0]


def test_verify_exits_with_one_where_a_price_differs(files):
    book, market = files
    result = run("verify", book, "--market", market, "--tolerance", "1e-13", "--points", "16")
    assert result.exit_code == 1
    assert "differs" in result.stdout


def test_models_lists_certificates():
    result = run("models", "--json")
    assert result.exit_code == 0, result.output
    for entry in json.loads(result.stdout):
        assert entry["certificate"]["outputs"]
    listed = run("models").stdout.splitlines()
    names = sorted(nr.bundles.shipped())
    names.append("forward_curve_correction")
    assert [line.split()[0] for line in listed[1 : 1 + len(names)]] == names


def test_a_model_is_shown_with_families_of_inputs():
    shown = run("models", "forward_swaption")
    assert shown.exit_code == 0
    assert "forward_0..49: 0.005 to 0.1 decimal per year" in shown.stdout
    assert "bound_99" in shown.stdout
    correction = run("models", "forward_curve_correction")
    assert correction.exit_code == 0
    assert "relative deviation, at each exercise" in correction.stdout
    unknown = run("models", "nothing")
    assert unknown.exit_code == 2
    assert "nothing" in unknown.output


def test_models_imports_nothing_that_computes():
    code = """
import sys
from neuralrates.cli.app import app
app(["models"], standalone_mode=False)
print(*(name for name in ("jax", "numpy", "pandas", "QuantLib") if name in sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == ""


def test_fetch_says_what_it_has(monkeypatch, tmp_path):
    file = Download("gsw.csv", "somewhere", "ab" * 32, "2024-03-19")
    monkeypatch.setattr(data_module, "fetch", lambda source, cache: (file,))
    result = run("data", "fetch", "gsw", "--cache", tmp_path)
    assert result.exit_code == 0
    assert "gsw.csv" in result.stdout


def test_fetch_offline_is_one_line(monkeypatch):
    def offline(source, cache):
        raise NeuralratesError("somewhere cannot be reached")

    monkeypatch.setattr(data_module, "fetch", offline)
    result = run("data", "fetch", "sofr")
    assert result.exit_code == 2
    assert result.stderr == "neuralrates: somewhere cannot be reached\n"


def test_the_example_is_copied_once(tmp_path):
    book, _ = copy_example(tmp_path / "new")
    assert book.read_bytes() == example_files()[0].read_bytes()
    book.write_text("mine")
    assert copy_example(tmp_path / "new")[0].read_text() == "mine"


ENDED = """
import os, signal, sys
import neuralrates.cli.price as price
from neuralrates.cli import main

def ended(*arguments, **settings):
    os.kill(os.getpid(), signal.SIGTERM)

price.write_csv = ended
sys.argv = ["neuralrates", "price", sys.argv[1], "--market", sys.argv[2], "--out", "prices.csv"]
main()
"""


def test_a_request_to_end_leaves_nothing_half_written(tmp_path):
    book, market = write_files(tmp_path, SWAP)
    arguments = [sys.executable, "-c", ENDED, book, market]
    done = subprocess.run(arguments, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 143, done.stderr
    assert sorted(file.name for file in tmp_path.iterdir()) == [book.name, market.name]


def test_verify_names_what_has_no_price(files):
    book, market = files
    content = json.loads(market.read_text())
    del content["currencies"]["USD"]
    market.write_text(json.dumps(content))
    result = run("verify", book, "--market", market, "--keep-going")
    assert result.exit_code == 1
    assert "QuantLib could price none" in result.stdout
    assert "trade SWAP: expected a currency of the market" in result.stderr


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"problem": {}, "outputs": []}', "\xff"])
def test_a_damaged_certificate_is_one_line(tmp_path, monkeypatch, text):
    certificate = tmp_path / "mine" / "certificate.json"
    certificate.parent.mkdir()
    certificate.write_bytes(text.encode("latin-1"))
    monkeypatch.setattr(models_module, "_folders", lambda: [certificate.parent])
    result = run("models")
    assert result.exit_code == 2
    told = f"neuralrates: {certificate}: expected a certificate, found a damaged file"
    assert result.stderr.splitlines() == [told]
