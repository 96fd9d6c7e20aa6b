"""`neuralrates labels`, and the seeds of other commands, on numbers that are out of range."""

import pytest
from typer.testing import CliRunner

from cluster import small_problem
from neuralrates.cli.app import app

LABELS = ["labels", small_problem.NAME, "--out"]


@pytest.mark.parametrize(
    ("option", "number"),
    [("--samples", 2 * 10**9), ("--seed", 2**64), ("--seed", 2**63), ("--shard-samples", 2**40)],
)
def test_numbers_out_of_range_are_refused_by_the_option(tmp_path, option, number):
    numbers = {"--samples": 300, option: number}
    options = [str(one) for pair in numbers.items() for one in pair]
    done = CliRunner().invoke(app, [*LABELS, str(tmp_path / "store"), *options])
    assert done.exit_code == 2
    assert option in done.stderr
    assert "internal error" not in done.stderr
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(
    "command", [["certify", "bermudan"], ["attack", "bermudan"], ["train", "x"]]
)
def test_seeds_beyond_64_bits_are_refused(command):
    done = CliRunner().invoke(app, [*command, "--seed", str(2**64)])
    assert done.exit_code == 2
    assert "'--seed'" in done.stderr
