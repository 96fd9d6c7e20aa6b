"""Errors by region, where the error is a formula of the place."""

import numpy as np
import pytest

from certificates.dossier.measured import measured
from neuralrates.certificates.dossier.classes import classes
from neuralrates.certificates.dossier.regions import heat_map, telling_pairs, thirds

N = 8_000


@pytest.fixture(scope="module")
def found():
    """The price is x0, the error x1 squared; x2 does nothing, x3 is one of two values."""
    x = np.random.default_rng(0).uniform(size=(N, 4))
    x[:, 3] = np.round(x[:, 3])
    return measured(x, x[:, 0], x[:, 1] ** 2)


def test_classes_are_equal_and_in_order(found):
    made = classes(found.x[:, 1], 8)
    assert set(np.bincount(made.number)) == {N // 8}
    assert np.all(made.high[:-1] < made.low[1:])
    assert np.all((made.low < made.middle) & (made.middle < made.high))


def test_thirds(found):
    """Means of x squared over thirds of (0, 1): 1/27, 7/27, 19/27."""
    by_place = [one for one in thirds(found, np.full(N, 4.0 / 9.0)) if one.coordinate == "x1"]
    means = [one.mean for one in by_place]
    assert means == pytest.approx([1 / 27, 7 / 27, 19 / 27], abs=5.0 / np.sqrt(N / 3))
    assert [one.within for one in by_place[:1]] == [1.0]
    assert by_place[-1].within < 0.1
    assert sum(one.count for one in by_place) == N
    assert [one.low for one in thirds(found, np.ones(N)) if one.coordinate == "x3"] == [0.0, 1.0]


def test_a_heat_map_holds_every_point_once(found):
    made = heat_map(found, "x1", "x3")
    assert made.mean.shape == (2, 8)
    assert made.count.sum() == N
    assert np.sum(made.mean * made.count) == pytest.approx(np.sum(found.error))
    assert np.all(np.diff(made.mean, axis=1) > 0.0)
    assert np.nanmax(made.largest) == np.max(found.error)


def test_cells_without_points_have_no_error():
    x = np.repeat(np.linspace(0.0, 1.0, 64)[:, None], 2, axis=1)
    made = heat_map(measured(x, x[:, 0], x[:, 0]), "x0", "x1")
    assert made.mean.shape == (3, 3)  # too few points for more
    assert np.isnan(made.mean).sum() == 3 * 2
    assert np.array_equal(np.isnan(made.mean), made.count == 0.0)


def test_maps_are_drawn_over_what_says_most(found):
    pairs = telling_pairs(found)
    assert pairs[0][0] == "x1"
    assert {"x0", "x1"} in [set(pair) for pair in pairs]
    assert len({frozenset(pair) for pair in pairs}) == len(pairs) <= 3
    alone = measured(found.x[:, :1], found.value, found.error)
    assert telling_pairs(alone) == []
