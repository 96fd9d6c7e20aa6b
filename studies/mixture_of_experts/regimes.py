"""`python -m studies.mixture_of_experts.regimes`: four regimes of 2020 to 2022, and what in the data says so.

The article names them and gives no dates. Ours, first and last day, are turning points of published series:

- `covid_collapse`, 2020-02-20 to 2020-04-30: from the day on which the ten-year yield begins thirteen trading days without a
  rise (1.56 to 0.54 percent) to the end of the recession (USREC: March and April 2020). The ten-year breakeven falls to 0.50
  and unemployment reaches its height.
- `rebound`, 2020-05-01 to 2021-03-31: to the last day at the ten-year yield's highest close of 2021, 1.74. The breakeven more
  than doubles and the curve steepens by more than a point while the policy rate stays at zero.
- `term_premium_collapse`, 2021-04-01 to 2021-12-31: with the policy rate still at zero and unemployment falling, the two-year
  yield and breakevens rise, and the one-year forward rate nine years ahead falls by 0.8 points: what gives way is neither
  expected policy nor expected inflation.
- `inflation_shock`, 2022-01-01 to 2022-12-30: twelve-month inflation above six percent throughout, the policy rate goes from
  0.1 to 4 percent and the curve inverts.
"""

import datetime
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import neuralrates as nr

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
_PERCENT_SERIES = ("DGS2", "DGS10", "DGS30", "T10Y2Y", "T5YIE", "T10YIE", "FEDFUNDS", "UNRATE")
_WINDOW = slice("2019-12-15", "2022-12-31")


@dataclass(frozen=True)
class Regime:
    """A stretch of days, both ends included."""

    name: str
    first: datetime.date
    last: datetime.date


REGIMES = tuple(
    Regime(name, datetime.date.fromisoformat(first), datetime.date.fromisoformat(last))
    for name, first, last in (
        ("covid_collapse", "2020-02-20", "2020-04-30"),
        ("rebound", "2020-05-01", "2021-03-31"),
        ("term_premium_collapse", "2021-04-01", "2021-12-31"),
        ("inflation_shock", "2022-01-01", "2022-12-30"),
    )
)
REGIME_NAMES = tuple(regime.name for regime in REGIMES)


class MissingDataError(nr.core.NeuralratesError):
    """The published series are not beside the checkout."""


def data_file(folder: Path, *names: str) -> Path:
    """A file of the data folder.

    Raises:
        MissingDataError: where it is absent
    """
    path = folder.joinpath(*names)
    if not path.is_file():
        raise MissingDataError(f"market data is missing: {path} (see the option --data)")
    return path


def regime_of(days: pd.DatetimeIndex) -> np.ndarray:
    """Number of the regime of each day; -1 outside all of them."""
    found = np.full(len(days), -1)
    for number, regime in enumerate(REGIMES):
        inside = (days >= pd.Timestamp(regime.first)) & (days <= pd.Timestamp(regime.last))
        found[inside] = number
    return found


def days_of(days: pd.DatetimeIndex, number: int) -> np.ndarray:
    """Positions of the days of one regime.

    Raises:
        InputError: where there is none
    """
    positions = np.flatnonzero(regime_of(days) == number)
    if not len(positions):
        raise nr.core.InputError(f"expected days of the regime {REGIME_NAMES[number]}, found none")
    return positions


def evidence(folder: Path = DATA) -> pd.DataFrame:
    """Levels on the first and last day of each regime, and the extremes between, in percent.

    Args:
        folder: of the published series

    Returns:
        A row per series, with a column per regime and figure.
    """
    table = {
        name: nr.histories.load_series(data_file(folder, "fred", f"{name}.csv")) * 100.0
        for name in _PERCENT_SERIES
    }
    prices = nr.histories.load_series(data_file(folder, "fred", "CPIAUCSL.csv"), percent=False)
    table["CPI_12M"] = 100.0 * prices.pct_change(12)
    forwards = nr.histories.load_gsw(data_file(folder, "gsw", "sveny_1961_2025.csv.gz")).zero_yields
    table["FORWARD_9Y1Y"] = 100.0 * (10.0 * forwards[10] - 9.0 * forwards[9])
    table["RECESSION"] = nr.histories.load_series(
        data_file(folder, "fred", "USREC.csv"), percent=False
    )
    daily = pd.DataFrame({name: series.loc[_WINDOW] for name, series in table.items()}).ffill()
    figures: dict[tuple[str, str], pd.Series] = {}
    for regime in REGIMES:
        part = daily.loc[str(regime.first) : str(regime.last)]
        figures |= {
            (regime.name, "first"): part.iloc[0],
            (regime.name, "last"): part.iloc[-1],
            (regime.name, "change"): part.iloc[-1] - part.iloc[0],
            (regime.name, "least"): part.min(),
            (regime.name, "most"): part.max(),
        }
    return pd.DataFrame(figures)


def main() -> None:
    """Print the evidence."""
    for name, figures in evidence().T.groupby(level=0, sort=False):
        print(f"\n{name}\n{figures.droplevel(0).T.round(2).to_string()}")


if __name__ == "__main__":
    main()
