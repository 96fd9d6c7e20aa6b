"""Metrics against their definitions by hand, and bounds against simulation and tables."""

import math

import numpy as np
import pytest

from neuralrates.certificates import METRICS, all_metrics, proportion_bound, tolerance_bound

ACTUAL = np.array([1.0, -2.0, 4.0])
PREDICTED = np.array([1.5, -2.0, 3.0])


def test_metrics_by_hand():
    expected = {
        "MAE": 1.5 / 3.0,
        "MAPE": (0.5 + 0.25) / 3.0,
        "WAPE": 1.5 / 7.0,
        "RMSE": math.sqrt(1.25 / 3.0),
        "RMSRE": math.sqrt((0.25 + 0.0625) / 3.0),
        "RRMSE": math.sqrt(1.25 / 21.0),
    }
    assert all_metrics(ACTUAL, PREDICTED) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("name", METRICS)
def test_metrics_vanish_on_perfect_predictions_and_refuse_other_shapes(name):
    assert METRICS[name](ACTUAL, ACTUAL) == 0.0
    with pytest.raises((ValueError, TypeError)):
        METRICS[name](ACTUAL, PREDICTED[:2])


def test_relative_metrics_refuse_zeros():
    zero = np.array([0.0, 0.0])
    for name in ("MAPE", "WAPE", "RMSRE", "RRMSE"):
        with pytest.raises(ValueError, match="`actual`"):
            METRICS[name](zero, zero + 1.0)
    assert METRICS["MAPE"](ACTUAL * 7.0, PREDICTED * 7.0) == pytest.approx(0.25)


def test_tolerance_bound_covers_as_often_as_it_says():
    # 2,000 experiments with 700 exponential errors; the 99 percent quantile is log 100.
    generator = np.random.default_rng(1)
    bounds = [tolerance_bound(generator.exponential(size=700), 0.99, 0.9) for _ in range(2000)]
    covered = np.mean(np.array(bounds) >= math.log(100.0))
    # At least 0.9, less three standard errors; and not vacuous.
    assert covered > 0.9 - 3.0 * math.sqrt(0.09 / 2000)
    assert covered < 1.0


def test_tolerance_bound_needs_enough_errors():
    # Wilks (1941): 299 errors are the fewest for 99 percent with confidence 95 percent.
    assert tolerance_bound(np.ones(298), 0.99, 0.95) == math.inf
    assert tolerance_bound(np.ones(299), 0.99, 0.95) == 1.0


def test_proportion_bound():
    assert proportion_bound(0, 1000, 0.95) == pytest.approx(1.0 - 0.05 ** (1.0 / 1000.0))
    assert proportion_bound(5, 5, 0.95) == 1.0
    assert proportion_bound(3, 100, 0.99) > 0.03
    with pytest.raises(ValueError, match="`failures`"):
        proportion_bound(3, 2, 0.95)
    with pytest.raises(ValueError, match="`confidence`"):
        proportion_bound(0, 2, 1.0)
