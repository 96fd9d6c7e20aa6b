"""Nothing is known before it is published, and nothing stands for ever."""

import pandas as pd
import pytest

import neuralrates as nr
from neuralrates.core import InputError

MONTHLY = pd.Series(
    [1.0, 2.0, None], pd.to_datetime(["2020-01-01", "2020-02-01", "2020-03-01"]), name="UNRATE"
)


def known(day, lag=40, gap=40):
    return nr.histories.as_of(MONTHLY, pd.DatetimeIndex([day]), lag_days=lag, longest_gap_days=gap)


def test_a_value_is_known_from_its_publication_on():
    assert known("2020-03-11").tolist() == [1.0]
    assert known("2020-03-12").tolist() == [2.0]


def test_a_missing_value_is_named_with_its_day():
    with pytest.raises(InputError, match="UNRATE.*within 40 days before 2020-01-15"):
        known("2020-01-15")
    with pytest.raises(InputError, match="2020-05-01"):
        known("2020-05-01")


def test_later_values_change_nothing_earlier():
    longer = pd.concat([MONTHLY, pd.Series([9.0], pd.to_datetime(["2020-04-01"]), name="UNRATE")])
    days = pd.date_range("2020-02-15", "2020-04-15")
    first, second = (
        nr.histories.as_of(series, days, lag_days=40, longest_gap_days=60)
        for series in (MONTHLY, longer)
    )
    assert first.equals(second)


def test_a_series_without_any_value_is_named():
    empty = pd.Series([float("nan")] * 2, pd.to_datetime(["2020-01-01", "2020-02-01"]), name="CPI")
    with pytest.raises(InputError, match="`CPI`: expected at least one value"):
        nr.histories.as_of(empty, pd.DatetimeIndex(["2020-03-01"]), lag_days=1, longest_gap_days=90)
