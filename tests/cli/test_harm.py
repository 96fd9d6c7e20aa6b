"""Commands destroy no input and print what they were given as it is."""

import os
import subprocess
import sys

import pandas as pd
import pytest
from typer.testing import CliRunner

from cli.two_currencies import SWAP, write_files
from neuralrates.cli.app import app
from neuralrates.cli.tables import new_table

PROGRAM = "from neuralrates.cli import main; main()"


def run(*arguments):
    return CliRunner().invoke(app, [str(one) for one in arguments])


@pytest.mark.parametrize("command", ["price", "verify", "calibrate"])
@pytest.mark.parametrize("way", ["name", "relative", "soft link", "hard link"])
@pytest.mark.parametrize("which", [0, 1])
def test_an_input_is_never_written_to(tmp_path, command, way, which):
    files = write_files(tmp_path, SWAP)
    before, victim = files[which].read_text(), files[which]
    out = tmp_path / f"out{victim.suffix}"
    if way == "soft link":
        out.symlink_to(victim)
    elif way == "hard link":
        out.hardlink_to(victim)
    else:
        out = victim if way == "name" else tmp_path / ".." / tmp_path.name / victim.name
    result = run(command, files[0], "--market", files[1], "--out", out)
    assert result.exit_code == 2
    assert "another file than the input" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert victim.read_text() == before


@pytest.mark.parametrize("name", ["pipe.csv", "a" * 300 + ".csv", "folder.csv"])
def test_an_output_that_cannot_be_is_refused_before_the_work(tmp_path, name):
    files = write_files(tmp_path, SWAP)
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "folder.csv").mkdir()
    result = run("price", files[0], "--market", files[1], "--out", tmp_path / name)
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("kind", ["pipe", "/dev/zero"])
def test_an_input_that_never_ends_is_refused(tmp_path, which, kind):
    files = list(write_files(tmp_path, SWAP))
    suffix = files[which].suffix
    files[which] = tmp_path / f"odd{suffix}"
    if kind == "pipe":
        os.mkfifo(files[which])
    else:
        files[which].symlink_to(kind)
    result = run("price", files[0], "--market", files[1])
    assert result.exit_code == 2
    assert "ordinary file" in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("cell", ["[/x]", "[red]x[/red]", "a[bold]", "\\[/x]"])
def test_markup_is_shown_as_it_is(capsys, cell):
    from neuralrates.cli.tables import console

    table = new_table("trade")
    table.add_row(cell)
    table.add_row("a\x1b[31mb")
    console().print(table)
    shown = capsys.readouterr().out
    assert cell in shown
    assert "a\\x1b[31mb" in shown
    assert "\x1b" not in shown


def test_millions_of_empty_lines_are_refused_in_one(tmp_path):
    files = write_files(tmp_path, SWAP)
    files[0].write_bytes(files[0].read_bytes() + b"\n" * 50_000_000)
    result = run("price", files[0], "--market", files[1])
    assert result.exit_code == 2
    assert "at most 1,000,000 lines" in result.stderr


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "@x", "+1"])
def test_names_that_a_sheet_would_run_are_refused(tmp_path, name):
    files = write_files(tmp_path, SWAP.replace("SWAP", name))
    result = run("price", files[0], "--market", files[1])
    assert "field `trade_id`" in result.stderr


def test_notionals_out_of_proportion_are_refused(tmp_path):
    for notional, first in (("5e-324", "1e13"), ("1e6", "1e-3")):
        row = SWAP.replace("1e7", notional).replace(",,,,,", f",,,,{first};1;1;1;1,")
        result = run("price", *_with_market(write_files(tmp_path, row)))
        assert result.exit_code == 2
        assert "notional" in result.stderr


def _with_market(files):
    return files[0], "--market", files[1]


def test_a_minus_sign_on_a_terminal_of_ascii(tmp_path):
    files = write_files(tmp_path, SWAP.replace("0.04", "0.06"))
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "price", *_with_market(files)],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b"USD: 1 of 1 trades, -" in done.stdout


def test_the_total_says_what_failed(capsys):
    from neuralrates.cli.tables import show_prices

    row = {
        "kind": "swap",
        "side": "payer",
        "position": "long",
        "notional": 1e6,
        "currency": "USD",
        "engine": "reference",
    }
    good = {**row, "trade_id": "A", "value": 5.0, "error_band": 1e-8, "status": "ok"}
    bad = {
        **row,
        "trade_id": "B",
        "value": float("nan"),
        "error_band": float("nan"),
        "status": "no",
    }
    show_prices(pd.DataFrame([good, bad]))
    assert "USD: 1 of 2 trades, 5.00, without the 1 that failed" in capsys.readouterr().out
