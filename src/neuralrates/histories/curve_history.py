"""Histories of curves as tables: Gurkaynak-Sack-Wright zero yields, forwards and Svensson parameters."""

import datetime
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from neuralrates.core.checks import as_array
from neuralrates.core.errors import InputError
from neuralrates.histories.daily_tables import read_daily_table
from neuralrates.market.curves.nelson_siegel import Svensson

_PERCENT = 0.01
_LARGEST_RATE = 0.5
_UNITS = dict.fromkeys(("BETA0", "BETA1", "BETA2", "BETA3"), _PERCENT) | {"TAU1": 1.0, "TAU2": 1.0}


@dataclass(frozen=True, eq=False)
class CurveHistory:
    """One curve a day; days without a curve are NaN, maturities that are not published have no value.

    Args:
        zero_yields: continuously compounded zero rates, decimals per year; a column per maturity in years
        forwards: instantaneous forward rates, decimals per year; a column per maturity in years
        parameters: `beta0` to `beta3` as decimals, `tau1` and `tau2` in years

    Source: Gurkaynak, Sack and Wright (2007), The U.S. Treasury Yield Curve: 1961 to the Present.
    """

    zero_yields: pd.DataFrame
    forwards: pd.DataFrame
    parameters: pd.DataFrame

    def curve(self, date: datetime.date | str) -> Svensson:
        """Svensson curve of one day, not meant for maturities below one year.

        Args:
            date: a day of the history

        Returns:
            The curve.

        Raises:
            InputError: for a day without parameters
        """
        day = pd.Timestamp(date)
        if day not in self.parameters.index or self.parameters.loc[day].isna().any():
            raise InputError(f"expected a day with Svensson parameters, found {day.date()}")
        return Svensson(*map(as_array, self.parameters.loc[day].to_numpy(dtype=float)))


def load_gsw(path: str | Path) -> CurveHistory:
    """History of US Treasury curves in the columns of the Federal Reserve's `feds200628`.

    Args:
        path: the publisher's CSV with its preamble, or any CSV (also compressed) or parquet file with a column `Date` and
            some of `SVENY01`.., `SVENF01`.., `BETA0`.., `TAU1`..; rates in percent as published

    Returns:
        The history in decimals, sorted by day; tables of absent columns are empty.

    Raises:
        InputError: naming file, line and column

    Example:
        >>> import pathlib, tempfile, neuralrates as nr
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder) / "gsw.csv"
        ...     _ = path.write_text("Date,SVENY01,SVENY02\\n2024-03-19,4.9,4.6\\n")
        ...     history = nr.histories.load_gsw(path)
        >>> print(f"{history.zero_yields.loc['2024-03-19', 2]:.3f}")
        0.046
    """
    table = read_daily_table(path)
    history = CurveHistory(
        _by_maturity(table, "SVENY", path), _by_maturity(table, "SVENF", path), _parameters(table)
    )
    if history.zero_yields.empty and history.forwards.empty and history.parameters.empty:
        raise InputError(
            "expected columns SVENY01, SVENF01 or BETA0 to TAU2, found none", file=path
        )
    return history


def load_series(path: str | Path, *, percent: bool = True) -> pd.Series:
    """History of one number a day, as FRED and the New York Fed publish them.

    Args:
        path: CSV with a column of dates and a column of values; blanks and `.` are missing
        percent: whether the file holds percent, which become decimals; otherwise values stay as they are

    Returns:
        Values by day, named as in the file.

    Raises:
        InputError: naming file, line and column
    """
    table = read_daily_table(path)
    if table.shape[1] != 1:
        raise InputError(f"expected a date and one value, found {table.shape[1]}", file=path)
    return table.iloc[:, 0] * (_PERCENT if percent else 1.0)


def _by_maturity(table: pd.DataFrame, prefix: str, path: str | Path) -> pd.DataFrame:
    """The columns `SVENY01`, ... as maturities 1, ... in years, decimals."""
    names = sorted(name for name in table.columns if re.fullmatch(rf"{prefix}\d\d", name))
    rates = table[names] * _PERCENT
    too_large = rates.columns[(rates.abs() > _LARGEST_RATE).any()]
    if len(too_large):
        raise InputError("expected rates in percent below 50", file=path, column=too_large[0])
    return rates.set_axis([int(name[len(prefix) :]) for name in names], axis=1)


def _parameters(table: pd.DataFrame) -> pd.DataFrame:
    """Betas as decimals and taus in years; empty where the file has none."""
    if not set(_UNITS) <= set(table.columns):
        return pd.DataFrame(index=table.index)
    scaled = table[list(_UNITS)] * pd.Series(_UNITS)
    return scaled.rename(columns=str.lower)
