"""`neuralrates report`: what it writes, how it ends, and what it refuses before it measures."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from neuralrates.bundles.dossier import Dossier
from neuralrates.certificates.dossier.content import Coverage
from neuralrates.cli import printing, report
from neuralrates.cli.app import app


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def run(*arguments):
    return CliRunner().invoke(app, ["report", *map(str, arguments)])


@pytest.fixture
def measured(monkeypatch):
    """In place of a measurement, one whose verdict is given; what it was asked is kept."""
    asked = {}

    def give(chance):
        def write(name, out, **options):
            asked.update(options, name=name)
            Path(out).write_text("<p>a page</p>")
            return Dossier("<p>a page</p>", Coverage(198, 200, 0.95, 1.0, chance))

        monkeypatch.setattr(report, "write_dossier", write)
        return asked

    return give


def test_a_page_is_named_after_its_bundle(measured):
    asked = measured(0.5)
    done = run("bermudan", "--points", "200", "--key", "5")
    assert (done.exit_code, asked["name"]) == (0, "bermudan")
    assert (asked["num_points"], asked["key"]) == (200, 5)
    assert Path("bermudan-dossier.html").is_file()
    assert "198 of 200 fresh points within their band (99.00%)" in done.output


def test_points_that_contradict_end_with_one(measured):
    measured(1e-6)
    done = run("bermudan")
    assert done.exit_code == 1
    assert "contradict the certificate of bermudan" in done.output


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["nowhere"], "expected a bundle's folder or the name of a shipped one"),
        (["bermudan", "--out", "page.pdf"], "expected a name that ends in .html"),
        (["bermudan", "--out", "missing/page.html"], "expected a folder that exists"),
        (["bermudan", "--out", "page.html", "--words", "absent.toml"], "absent.toml"),
    ],
)
def test_bad_input_is_one_line(arguments, complaint):
    done = run(*arguments)
    assert done.exit_code == 2
    assert complaint in done.output
    assert done.output.count("\n") == 1
    assert not list(Path().glob("*.html"))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("purpose = 3", "words.toml, field `purpose`"),
        ("purpos = 'x'", "words.toml, field `purpos`"),
        ("challengers = [{error = 'large'}]", "words.toml, field `challengers.0.name`"),
        ("purpose = ", "words.toml: expected TOML"),
    ],
)
def test_words_that_are_none_are_named(text, complaint):
    Path("words.toml").write_text(text)
    done = run("bermudan", "--words", "words.toml")
    assert (done.exit_code, done.output.count("\n")) == (2, 1)
    assert complaint in done.output


def test_without_a_browser_nothing_is_measured(monkeypatch, measured):
    measured(0.5)
    monkeypatch.setattr(printing, "BROWSERS", ("no-such-browser",))
    done = run("bermudan", "--pdf")
    assert done.exit_code == 2
    assert "expected Chromium or Chrome to print with, found none" in done.output
    assert not list(Path().glob("*.html"))


def test_a_browser_that_prints_nothing_leaves_no_file(monkeypatch, measured):
    measured(0.5)
    monkeypatch.setattr(printing, "BROWSERS", ("true",))
    done = run("bermudan", "--pdf")
    assert done.exit_code == 2
    assert "printed nothing" in done.output
    assert not list(Path().glob("*.pdf"))


def test_a_page_is_printed(measured):
    try:
        printing.find_browser()
    except Exception:
        pytest.skip("no browser that prints is installed")
    measured(0.5)
    done = run("bermudan", "--pdf")
    assert done.exit_code == 0, done.output
    assert Path("bermudan-dossier.pdf").read_bytes().startswith(b"%PDF-")
