"""The example book, and the book of the benchmarks."""

import datetime
import importlib.util
from collections import Counter

import numpy as np
import pytest

import neuralrates as nr

TODAY = datetime.date(2024, 3, 19)


@pytest.fixture(scope="module")
def mixed_book(root):
    spec = importlib.util.spec_from_file_location("book", root / "benchmarks" / "book.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.mixed_book


def test_example_book_resolves(root):
    book = nr.trades.load(root / "src" / "neuralrates" / "desk" / "example_files" / "book.csv")
    resolved = book.resolve(TODAY)
    assert len(resolved.trades) == 12
    assert {trade.kind for trade in resolved.trades} == {
        "swap",
        "european",
        "bermudan",
        "cancellable",
    }
    by_name = {trade.trade_id: trade for trade in resolved.trades}
    assert len(by_name["BRM-10NC1-PAY"].exercise_dates) == 9
    assert [d.year for d in by_name["BRM-30NC5-REC"].exercise_dates] == [
        2029,
        2034,
        2039,
        2044,
        2049,
    ]
    assert by_name["BRM-30NC5-REC"].schedule.swap.fixed.start_times.shape == (25,)
    amortising = by_name["BRM-05NC2-AMO"].schedule.swap.fixed.notionals
    assert np.allclose(amortising, [0.8, 0.6, 0.4])


def test_benchmark_book_is_mixed_and_repeats(mixed_book):
    book = mixed_book(50, "USD", TODAY, seed=1)
    assert book.trades == mixed_book(50, "USD", TODAY, seed=1).trades
    assert Counter(trade.kind for trade in book) == {
        "swap": 10,
        "european": 10,
        "bermudan": 25,
        "cancellable": 5,
    }
    assert len(book.resolve(TODAY).trades) == 50
    euros = mixed_book(10, "EUR", datetime.date(2016, 2, 5), seed=1, forward_rate=0.002)
    assert len(euros.resolve(datetime.date(2016, 2, 5)).trades) == 10
