"""The command `book show`."""

import json

import pytest
from typer.testing import CliRunner

from cli.two_currencies import HEADER, ROWS, write_files
from neuralrates.cli.app import app

WEEKEND = "european,WEEKEND,USD,USD-SOFR,payer,1e6,0.1838,2025-08-31,2033-08-31,,2025-08-31,,,"


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def files(tmp_path):
    return write_files(tmp_path, *ROWS, WEEKEND)


def test_the_timetable_names_exercises_and_what_they_enter(files):
    book, _ = files
    result = run("book", "show", book, "WEEKEND")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "WEEKEND: european, payer of 18.3800% against USD-SOFR, USD 1,000,000.00"
    exercise = next(line for line in lines if "2025-08-31" in line)
    assert exercise.split() == ["2025-08-29", "2025-08-31", "2025-08-29", "8", "8"]
    assert "no accrued interest is exchanged" in result.stdout
    assert sum(line.split()[:1] == ["floating"] for line in lines) == 8


def test_with_a_date_it_says_what_is_fixed_and_warns(files):
    book, market = files
    by_market = run("book", "show", book, "WEEKEND", "--market", market)
    by_date = run("book", "show", book, "WEEKEND", "--date", "2024-03-19")
    assert by_market.stdout == by_date.stdout
    assert "18.38 percent a year is unusual" in by_date.stderr
    begun = run("book", "show", book, "TERM", "--date", "2024-03-19").stdout
    assert "3.9100%  fixed" in begun


def test_json_holds_the_same(files):
    result = run("book", "show", files[0], "WEEKEND", "--json")
    found = json.loads(result.stdout)
    assert found["schema"] == "neuralrates.timetable/1"
    assert found["trade"]["trade_id"] == "WEEKEND"
    assert found["exercises"][0]["enters"] == "2025-08-29"
    assert len(found["periods"]) == 16


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("NONE",), "expected a trade among SWAP, BERMUDAN"),
        (("SWAP", "--date", "soon"), "expected a --date like 2024-03-19, found soon"),
        (("SWAP", "--date", "2024-03-19", "--market", "m.json"), "m.json: cannot be read"),
    ],
)
def test_bad_arguments_are_one_line(files, arguments, message):
    result = run("book", "show", files[0], *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_bad_trade_beside_it_does_not_hide_it(tmp_path):
    book, _ = write_files(tmp_path, ROWS[0], WEEKEND.replace("payer", "buyer"))
    assert HEADER in book.read_text()
    assert run("book", "show", book, "SWAP").exit_code == 0
    hidden = run("book", "show", book, "WEEKEND")
    assert hidden.exit_code == 2
    assert "line 3, field `side`" in hidden.stderr
