"""Figures that results hold are rendered from them: the committed pages are what `docs/render.py` writes."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
MOST_ROWS = 8


@pytest.fixture(scope="module")
def render() -> ModuleType:
    spec = importlib.util.spec_from_file_location("render", ROOT / "docs" / "render.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_committed_pages_are_what_is_rendered(render: ModuleType) -> None:
    for page, text in render.pages().items():
        assert page.read_text(encoding="utf-8") == text, f"{page}: run python docs/render.py"


def test_every_claim_of_a_study_is_in_its_readme_once(render: ModuleType) -> None:
    for name in render.STUDIES:
        page = (ROOT / "studies" / name / "README.md").read_text()
        shown = [
            int(n) for found in re.findall(r"<!-- claims: (.*) -->", page) for n in found.split()
        ]
        assert sorted(shown) == list(range(len(render.study(name)["claims"]))), name


def test_a_reader_meets_prose_within_eight_rows(render: ModuleType) -> None:
    for page in render.pages():
        tables = re.findall(r"(?:^\|.*\n)+", page.read_text(), re.MULTILINE)
        opening = tables if page.name == "measurements.md" else tables[:1]
        assert max(table.count("\n") - 2 for table in opening) <= MOST_ROWS, page


def test_a_figure_that_no_result_holds_stops_the_page(render: ModuleType) -> None:
    with pytest.raises(IndexError):
        render.claims("mott_2026", [1000])
    with pytest.raises(FileNotFoundError):
        render.benchmark("never_run")
