"""What the site makes of docstrings: code, formulas and sections marked, everything else as it was written."""

import importlib.util
from pathlib import Path

import pytest

EXTENSION = Path(__file__).resolve().parents[2] / "docs" / "_extensions" / "docstrings.py"


@pytest.fixture(scope="module")
def rewritten():
    pytest.importorskip("sphinx", reason="the docs extra is not installed")
    spec = importlib.util.spec_from_file_location("docstrings", EXTENSION)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.rewritten


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("one of `nodes`", "one of ``nodes``"),
        (r"the law $\log |r|$ of it", r"the law :math:`\log |r|` of it"),
        ("inputs * batch | all, as labels_ are", r"inputs \* batch \| all, as labels\_ are"),
        ("Source: Hull and White (1990).", "Source:\n    Hull and White (1990)."),
        ("Source: Hull\n    and White.\n\nmore", "Source:\n    Hull\n        and White.\n\nmore"),
        (">>> 2 ** 3 | 1\n9\n\na * b", ">>> 2 ** 3 | 1\n9\n\na \\* b"),
        ("code `a\nb` over lines", "code ``a\nb`` over lines"),
    ],
)
def test_docstrings_are_read_as_they_are_written(rewritten, written: str, read: str) -> None:
    assert rewritten(written.split("\n")) == read.split("\n")


def test_every_room_has_a_page_in_the_reference() -> None:
    import neuralrates

    pages = {page.stem for page in (EXTENSION.parents[1] / "reference").glob("*.md")}
    assert pages == {*neuralrates._ROOMS, "index"}
