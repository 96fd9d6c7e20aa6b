"""What was known on a day: published series joined to days without looking ahead."""

import numpy as np
import pandas as pd

from neuralrates.core.errors import InputError


def as_of(
    series: pd.Series, days: pd.DatetimeIndex, *, lag_days: int, longest_gap_days: int
) -> pd.Series:
    """The latest value of a series that was published by each day.

    Args:
        series: values by the day they speak of; missing ones are passed over
        days: when the values are wanted
        lag_days: calendar days from the day a value speaks of to its publication
        longest_gap_days: calendar days after publication for which a value may stand

    Returns:
        One value a day.

    Raises:
        InputError: naming the series and the first day without a value, or where it has no value at all

    Example:
        >>> import pandas as pd
        >>> from neuralrates.histories.publication import as_of
        >>> prices = pd.Series([100.0, 101.0], pd.to_datetime(["2020-01-01", "2020-02-01"]), name="CPI")
        >>> days = pd.to_datetime(["2020-02-20", "2020-03-20"])
        >>> as_of(prices, days, lag_days=45, longest_gap_days=40).tolist()
        [100.0, 101.0]
    """
    known = series.dropna().sort_index()
    if known.empty:
        raise InputError("expected at least one value, found none", column=str(series.name))
    published = known.index + pd.Timedelta(days=lag_days)
    place = np.searchsorted(published, days, side="right") - 1
    age = days - published[np.maximum(place, 0)]
    stale = (place < 0) | (age > pd.Timedelta(days=longest_gap_days))
    if stale.any():
        day = days[int(np.argmax(stale))].date()
        raise InputError(
            f"expected a value published within {longest_gap_days} days before {day}, found none",
            column=str(series.name),
        )
    return pd.Series(known.to_numpy()[place], index=days, name=series.name)
