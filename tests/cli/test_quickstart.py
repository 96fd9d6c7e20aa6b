"""The command `quickstart` on a small example: what it writes, and what its last lines say."""

import pytest
from typer.testing import CliRunner

from cli.two_currencies import BERMUDAN, SWAP, write_files
from neuralrates.cli import quickstart
from neuralrates.cli.app import app


@pytest.fixture
def small(tmp_path, monkeypatch):
    monkeypatch.setattr(
        quickstart, "copy_example", lambda folder: write_files(folder, SWAP, BERMUDAN)
    )
    monkeypatch.setattr(quickstart, "GREEKS", "par_delta,vega")
    return tmp_path


def test_says_what_was_priced_how_well_and_what_is_next(small):
    result = CliRunner().invoke(app, ["quickstart", str(small)])
    assert result.exit_code == 0, result.output
    for told in (
        "Priced     2 trades (1 swap, 1 bermudan)",
        "2 by the reference engine",
        "bp of notional around the model's exact price",
        "2 of 2 trades agree with QuantLib",
        "Next, with these files or your own:",
    ):
        assert told in result.stdout
    names = sorted(file.name for file in small.iterdir())
    assert names == ["book.csv", "market.json", "prices.csv", "report.html"]
