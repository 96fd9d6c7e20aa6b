"""Bands that follow the size of errors: conformal by the book, and by an independent library."""

import jax
import numpy as np
import pytest
from scipy.stats import betabinom

import neuralrates as nr
from neuralrates.certificates import local_scale
from neuralrates.certificates.conformal import calibrated, conformal_factor
from neuralrates.certificates.local_band import BandRecord, LayerRecord, LocalBand

RANDOM = np.random.default_rng(5)


def draws(count):
    """Errors of a spread that grows thirtyfold along the first input."""
    x = RANDOM.uniform(0.0, 1.0, (count, 2))
    return x, 1e-5 * np.exp(3.4 * x[:, 0]) * np.abs(RANDOM.normal(size=count))


@pytest.fixture(scope="module")
def band():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local_scale, "_STEPS", 600)
        patch.setattr(local_scale, "_BATCH", 512)
        scale = local_scale.fit_scale(*draws(4000), jax.random.key(0))
    return calibrated(scale, *draws(4000), 0.99)


def test_the_factor_is_the_order_statistic_of_the_book():
    ratios = RANDOM.permutation(np.arange(1.0, 1000.0))
    assert conformal_factor(ratios, 0.99) == 990.0  # ceil(0.99 * 1000) of 999
    with pytest.raises(ValueError, match="at least 99"):
        conformal_factor(ratios[:90], 0.99)


def test_coverage_is_right_over_all_and_in_every_part(band):
    """Fresh points: a calibration on 4,000 varies by 0.16 percent, and 20,000 points by 0.07; four of both together."""
    x, errors = draws(20_000)
    covered = errors <= band(x)
    assert abs(covered.mean() - 0.99) < 4.0 * np.hypot(0.0016, 0.0007)
    for part in range(5):
        here = (x[:, 0] >= 0.2 * part) & (x[:, 0] < 0.2 * (part + 1))
        assert covered[here].mean() > 0.98
    constant = np.quantile(errors, 0.99)
    assert np.mean(band(x)) < 0.6 * constant
    low = x[:, 0] < 0.2
    assert np.mean(errors[~low & (x[:, 0] > 0.8)] <= constant) < 0.97  # what a constant band misses


def test_an_independent_library_has_the_same_band(band):
    crepes = pytest.importorskip("crepes")
    x, errors = draws(999)
    ours = conformal_factor(errors / band.scale(x), 0.99)
    theirs = crepes.ConformalRegressor().fit(errors, sigmas=band.scale(x))
    fresh, _ = draws(50)
    intervals = theirs.predict_int(np.zeros(50), sigmas=band.scale(fresh), confidence=0.99)
    np.testing.assert_allclose(intervals[:, 1], ours * band.scale(fresh), rtol=1e-12)


def test_the_band_is_what_its_record_says():
    first = LayerRecord(weight=[[1.0, -1.0]], bias=[0.0, 0.0])
    last = LayerRecord(weight=[[1.0], [2.0]], bias=[-1.0])
    made = LocalBand(BandRecord(level=0.9, factor=2.0, low=-9.0, high=1.5, layers=[first, last]))
    x = np.array([[0.5], [-0.5], [7.0]])
    np.testing.assert_allclose(made(x), 2.0 * np.exp([-0.5, 0.0, 1.5]), rtol=1e-15)
    again = LocalBand(BandRecord.model_validate_json(made.record.model_dump_json()))
    assert again.digest == made.digest
    moved = LocalBand(made.record.model_copy(update={"factor": 2.1}))
    assert moved.digest != made.digest


def test_points_far_from_the_distribution_are_told_apart():
    """False alarms are beta-binomial, the limit an order statistic; what breaks a correlation is far though in every range."""
    random = np.random.default_rng(1)
    x = random.normal(size=(60_000, 1)) @ np.ones((1, 3)) + 0.1 * random.normal(size=(60_000, 3))
    near = nr.certificates.nearness.fit_nearness(x[:20_000], x[20_000:40_000], (), 1e-3)
    alarms = int(np.sum(~near(x[40_000:])))
    low, high = betabinom.interval(
        0.9999, 20_000, 20, 19_981
    )  # 19 held-out points lie beyond the limit
    assert 0 < low <= alarms <= high
    assert not near(np.array([[1.0, -1.0, 1.0]]))[0]
    assert near(np.array([[1.0, 1.0, 1.0]]))[0]


def test_each_kind_has_a_law_of_its_own():
    random = np.random.default_rng(2)
    kind = random.integers(0, 2, 8000)
    x = np.column_stack([10.0 * kind + random.normal(size=8000), kind == 0, kind == 1]).astype(
        float
    )
    near = nr.certificates.nearness.fit_nearness(x[:4000], x[4000:], (1, 2), 0.01)
    assert near(np.array([[0.0, 1.0, 0.0], [10.0, 0.0, 1.0]])).all()
    assert not near(np.array([[10.0, 1.0, 0.0], [0.0, 0.0, 1.0]])).any()
