"""Verdicts on a band against scipy's exact binomial test."""

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from certificates.dossier.measured import measured
from neuralrates.certificates.dossier.content import ALARM, alarms, coverage, flattened


@pytest.mark.parametrize(("beyond", "agrees"), [(0, True), (10, True), (30, False)])
def test_coverage_is_the_exact_binomial_test(beyond, agrees):
    errors = np.zeros(1000)
    errors[:beyond] = 2.0
    cover = coverage(measured(np.zeros((1000, 1)), np.zeros(1000), errors), np.ones(1000), 0.99)
    test = binomtest(beyond, 1000, 0.01, alternative="greater")
    exact = binomtest(1000 - beyond, 1000).proportion_ci(0.99, "exact")
    assert cover.chance == pytest.approx(test.pvalue)
    assert (cover.low, cover.high) == pytest.approx((exact.low, exact.high))
    assert (cover.share, cover.agrees) == (1.0 - beyond / 1000, agrees)


def test_a_band_of_its_own_at_every_point():
    errors = np.array([1.0, 2.0, 3.0, 4.0])
    found = measured(np.zeros((4, 1)), np.zeros(4), errors)
    assert coverage(found, np.array([1.0, 1.0, 3.0, 3.0]), 0.9).within == 2


def test_alarms_are_rare_and_no_later_than_they_must_be():
    for size, fewest in alarms():
        assert binom.sf(fewest - 1, size, 0.01) < ALARM <= binom.sf(fewest - 2, size, 0.01)


def test_records_are_flat_and_in_order():
    record = {"law": "made up", "ranges": {"a": [-0.1, 0.5]}, "sizes": [[1, 2], [3, 4]]}
    rows = [("law", "made up"), ("ranges.a", "−0.1 to 0.5"), ("sizes", "1 to 2, 3 to 4")]
    assert flattened(record) == rows
