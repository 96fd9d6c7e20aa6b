"""The kernel of the exposures in C against the same in NumPy."""

import numpy as np
import pytest

from neuralrates.exposures import compiled
from neuralrates.exposures.caplets import add_options, black
from neuralrates.exposures.interpolation import StateGrids
from neuralrates.exposures.path_block import exponentials
from neuralrates.exposures.waiting import averages, bends

pytestmark = pytest.mark.skipif(
    compiled.KERNEL is None, reason="the kernel was not compiled: no compiler was found"
)


def both(monkeypatch, work):
    """What a piece of work finds with the kernel and without it."""
    found = work()
    with monkeypatch.context() as patch:
        patch.setattr(compiled, "KERNEL", None)
        return found, work()


def read():
    """Tables of three grids of different sizes, read at their ends too."""
    random = np.random.default_rng(1)
    lows, highs = np.array([-1.0, -0.2, 0.0]), np.array([2.0, 0.3, 0.001])
    grids = StateGrids.over(lows, highs, np.array([256, 300, 7]))
    states = [grids.states(row) for row in range(3)]
    values = np.concatenate([np.exp(-3.0 * part) for part in states])
    places = lows[:, None] + (highs - lows)[:, None] * random.random((3, 1000))
    places[:, 0], places[:, 1] = lows, highs
    return grids.read(values, -3.0 * values, places)


def average():
    """Averages of which some see few nodes."""
    random = np.random.default_rng(2)
    nodes = np.sort(random.uniform(-1.0, 1.0, 400))
    return np.stack(averages(nodes, random.random(400), 0.05, np.linspace(-1.5, 1.2, 300)))


def bent():
    """Their derivatives, with masses so large that both are of size one."""
    random = np.random.default_rng(2)
    nodes = np.sort(random.uniform(-1.0, 1.0, 400))
    return bends(nodes, random.random(400), 0.05, np.linspace(-1.5, 1.2, 300))


def spread():
    """Two figures' weights on two grids, paths at the ends too."""
    random = np.random.default_rng(5)
    lows, highs = np.array([-1.0, -0.2]), np.array([2.0, 0.3])
    grids = StateGrids.over(lows, highs, np.array([256, 300]))
    places = lows[:, None] + (highs - lows)[:, None] * random.random((2, 1000))
    places[:, 0], places[:, 1] = lows, highs
    return grids.spread(places, random.normal(0.0, 1.0, (2, 2, 1000)))


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_options_are_numpys(sign, monkeypatch):
    """Also where strikes are below zero, and where nothing is uncertain."""
    states = np.linspace(-0.4, 0.5, 257)
    options = np.array(
        [
            [1.01, 0.9, 1.0, 1.4, 0.01, 2.0],
            [1.01, 0.9, -0.1, 1.4, 0.01, 1.0],
            [1.00, 3.0, 1.0, 3.2, 1e-7, -1.0],
        ]
    )

    def tables():
        value, slope = np.zeros(states.size), np.zeros(states.size)
        add_options(options, sign, states, value, slope)
        return np.stack([value, slope])

    found, right = both(monkeypatch, tables)
    assert found == pytest.approx(right, rel=1e-13, abs=1e-14)
    grown = np.exp(np.random.default_rng(3).normal(0.0, 0.03, (2, 500)))
    for level in (1.01, 0.0, -0.2):
        found, right = both(
            monkeypatch, lambda level=level: black(grown, level, np.array([1e-7, 0.02]), sign)
        )
        assert found == pytest.approx(right, rel=1e-13, abs=1e-15)


@pytest.mark.parametrize("work", [read, average, bent, spread])
def test_tables_are_numpys(work, monkeypatch):
    found, right = both(monkeypatch, work)
    assert np.ptp(right) > 0.1
    assert found == pytest.approx(right, rel=1e-13, abs=1e-13 * np.abs(right).max())


def test_sums_over_paths_are_sums_over_grids():
    """The adjoint of reading, of a smooth function: by six states to each path."""
    random = np.random.default_rng(6)
    places, weights = random.normal(0.0, 0.1, (1, 800)), random.normal(0.0, 1.0, (1, 1, 800))
    grids = StateGrids.over(places.min(axis=1), places.max(axis=1), 256)
    found = grids.spread(places, weights)[0] @ np.exp(-5.0 * grids.states(0))
    assert found == pytest.approx(np.sum(weights[0] * np.exp(-5.0 * places)), rel=1e-12)


def test_bonds_are_numpys(monkeypatch):
    states = np.random.default_rng(4).normal(0.0, 0.1, (3, 700))
    loadings, shifts = np.array([0.0, 2.0, 15.0]), np.array([0.0, -0.1, -1.0])
    found, right = both(monkeypatch, lambda: exponentials(loadings, shifts, states))
    assert found == pytest.approx(right, rel=1e-14, abs=0.0)


@pytest.mark.parametrize("cells", [0, 3, 5])
def test_tables_that_do_not_fit_their_grids_are_refused(cells):
    nothing = np.zeros(5)
    one = np.array([1.0])
    with pytest.raises(ValueError, match="`values`"):
        compiled.KERNEL.read((1, 5, 5), one, one, np.array([cells]), *[nothing] * 4)
