"""Files changed at random: one clear line or a reading, never anything else; the full run is `benchmarks/mutated_files.py`."""

import random

import pytest
from benchmarks import mutated_files
from hypothesis import given, settings
from hypothesis import strategies as st

from neuralrates.core.errors import InputError
from neuralrates.core.strict_json import parse_json


@pytest.mark.parametrize("name", ["book.csv", "market.json"])
def test_mutations_differ(name):
    text = '{"a": {"b": [1, 2]}}' if name.endswith(".json") else "a,b\n1,2\n"
    draw = random.Random(0)
    assert len({mutated_files.mutated(text, name, draw) for _ in range(100)}) > 20


def test_every_mutation_is_read_or_refused_in_clear_lines(monkeypatch):
    monkeypatch.setattr(mutated_files, "compared", lambda *_: {})
    counts = mutated_files.run(150, 0)
    assert sum(counts.values()) == 150
    assert all(counts[f"{name} refused"] for name in ("book.csv", "market.json", "points.csv"))


@given(st.text(max_size=60))
@settings(max_examples=100)
def test_any_text_is_json_or_one_line(text):
    told = "a.json"
    try:
        parse_json(text, "a.json")
    except InputError as error:
        told = str(error)
    assert told.splitlines() == [told]
    assert told.startswith("a.json")
