"""A sample of the random trades of `benchmarks/random_trades.py`: both codes agree, or both refuse."""

import sys

import pytest


@pytest.fixture(scope="module")
def found(root):
    sys.path.insert(0, str(root))
    try:
        from benchmarks.random_trades import compare, summary
        from benchmarks.support.random_books import random_trades, settings
    finally:
        sys.path.remove(str(root))
    rows = []
    for number in (0, 5):
        setting = settings()[number]
        trades = random_trades(setting, 1000 + number, 30, ("swap", "european"), longest=84)
        rows += compare(setting, trades)
    return summary(rows)


def test_both_codes_agree_or_both_refuse(found):
    assert found["trades"] == 60
    assert found["differ"] == found["refused_by_one"] == 0, found["examples"]


def test_differences_are_rounding(found):
    assert max(found["worst_difference_basis_points"].values()) < 1e-6
