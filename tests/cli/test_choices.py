"""An option with a few choices: what is not among them is refused in one line that lists them."""

import pytest
from typer.testing import CliRunner

from cli.two_currencies import SWAP, write_files
from neuralrates.cli.app import app
from neuralrates.core.requests import GREEKS


def refused(*arguments):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 2, result.output
    assert result.stderr.startswith("neuralrates: expected ")
    assert len(result.stderr.splitlines()) == 1
    assert "foo" in result.stderr
    return result.stderr


@pytest.mark.parametrize("command", ["price", "verify"])
@pytest.mark.parametrize(
    ("option", "known"), [("--engine", "auto, learned, reference"), ("--model", "one_factor")]
)
def test_engines_and_models(tmp_path, command, option, known):
    book, market = write_files(tmp_path, SWAP)
    assert known in refused(command, book, "--market", market, option, "foo")


def test_the_engine_of_a_bundle(tmp_path):
    points = tmp_path / "points.csv"
    assert "auto" in refused("price", points, "--bundle", "bermudan", "--engine", "foo")


@pytest.mark.parametrize("greeks", ["foo", "vega,foo", "all,foo"])
def test_greeks(tmp_path, greeks):
    book, market = write_files(tmp_path, SWAP)
    told = refused("price", book, "--market", market, "--greeks", greeks)
    assert f"{', '.join(GREEKS)}, or all" in told


def test_sources_and_methods(tmp_path):
    assert "gsw, sofr, treasury, fred" in refused("data", "fetch", "foo")
    assert "ridge" in refused("train", tmp_path, "--surrogate", "foo")
