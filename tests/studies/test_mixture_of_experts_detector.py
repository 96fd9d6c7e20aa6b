"""Detectors of regime changes: they read the past alone, see a change that is there, and give an alarm a year at most."""

import numpy as np
import pandas as pd
import pytest
from studies.mixture_of_experts.gates import YEAR, alarms
from studies.mixture_of_experts.regime_detector import KINDS, experiment, quietest, turning_points

BEFORE = np.arange(1200) < 1000


def walk():
    """Two series whose daily drift becomes one deviation on day 1,100."""
    steps = np.random.default_rng(1).normal(size=(1200, 2))
    steps[1100:] += 1.0
    return np.cumsum(1e-4 * steps, axis=0)


@pytest.mark.parametrize("kind", list(KINDS))
def test_only_the_past_counts(kind):
    whole = KINDS[kind](walk(), BEFORE)
    early = KINDS[kind](walk()[:1150], BEFORE[:1150])
    np.testing.assert_allclose(early, whole[:1150], rtol=1e-12)


@pytest.mark.parametrize("kind", ["drift", "chart"])
def test_a_drift_that_begins_is_seen(kind):
    index = KINDS[kind](walk(), BEFORE)
    threshold = quietest(index[:1000])
    assert any(0 <= day - 1100 <= 20 for day in alarms(index, threshold))


def test_the_threshold_is_the_lowest_with_an_alarm_a_year():
    index = np.abs(np.random.default_rng(2).normal(size=756))
    threshold = quietest(index)
    assert len(alarms(index, threshold)) <= len(index) / YEAR
    lower = np.unique(index[index < threshold])[-40:]
    assert all(len(alarms(index, step)) > len(index) / YEAR for step in lower)


def test_turning_points_are_those_of_the_series(shared_data):
    """The recession of January 2008 to June 2009, the first rise of 2004, and the cuts of 2007 and 2019."""
    days = [str(day.date()) for day in turning_points(shared_data)]
    assert {"2004-07-01", "2007-08-01", "2008-01-01", "2009-07-01", "2019-08-01"} <= set(days)
    assert not any(pd.Timestamp(day).year in (2005, 2012, 2014) for day in days)


def test_what_comes_after_2019_changes_no_threshold(shared_data, monkeypatch):
    from studies.mixture_of_experts import regime_detector

    found = experiment(shared_data)
    read = regime_detector.series

    def shaken(folder):
        table = read(folder)
        late = table.index > regime_detector.LAST
        table.loc[late] += 0.001 * np.arange(late.sum())[:, None] % 0.01
        return table

    monkeypatch.setattr(regime_detector, "series", shaken)
    again = experiment(shared_data)
    assert again["chosen"] == found["chosen"]
    for name, part in found["detectors"].items():
        assert again["detectors"][name]["threshold"] == part["threshold"]
        assert again["detectors"][name]["before"] == part["before"]
