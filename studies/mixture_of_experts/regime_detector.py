"""Regime changes seen from curve and macro series alone: detectors fitted before 2020, frozen, and tried on 2020 to 2022.

    python -m studies.mixture_of_experts --full --only detector

Stated before any alarm of 2020 to 2022 was seen:

- Each detector gives one number a day from that day and those before it. Three kinds, each on the curve and on curve and
  macro series: `levels`, the gate's own index on series in place of weights, means of the last 5 days against those of the 20
  before; `drift`, mean daily changes of the last 10 days against those of the 60 before; `chart`, the multivariate
  exponentially weighted moving average of daily changes in units of their own recent volatility.
- Everything is scaled by covariances of 2003 to 2019. The threshold is the lowest by which a detector gives at most one alarm
  a year there, right or wrong; an alarm silences the next for 20 trading days.
- The detector that is reported sees most turning points of 2003 to 2019 within ten trading days, with the fewest other alarms
  among equals. Turning points are those of published series: first and last month of a recession, and a policy rate that
  moves by a fifth of a percent in a month against its last such move or after a year without one.
- An alarm explains a change where it comes on its day or within ten trading days; all others are false.

Source: Lowry, Woodall, Champ and Rigdon (1992), equations 2.1 and 2.2, for the chart.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float, Int

import neuralrates as nr
from studies.kept import Result
from studies.mixture_of_experts.gates import YEAR, alarms, change_index, detection
from studies.mixture_of_experts.regimes import REGIMES, data_file
from studies.mixture_of_experts.study import Study

FIRST, LAST, END = (pd.Timestamp(day) for day in ("2003-01-02", "2019-12-31", "2022-12-30"))
MATURITIES = (1, 2, 3, 5, 7, 10, 20, 30)
DAILY = ("T5YIE", "T10YIE")
MONTHLY = (("FEDFUNDS", 32), ("UNRATE", 40))
"""Series and the calendar days to their publication."""
_GAP, _MONTHLY_GAP, _PRICES_LAG = 7, 45, 45
SHORT, LONG, WEIGHT, HALF_LIFE = 10, 60, 0.1, 60
_LEAST_MOVE = 0.002
"""Of the policy rate in a month, decimal."""

Array = Float[np.ndarray, "times columns"]
Index = Float[np.ndarray, "times"]


def detector(study: Study) -> Result:
    """Threshold, alarms and delays of every detector, before 2020 and after."""
    return study.once("detector", lambda: experiment(study.data), __doc__)


def experiment(folder: Path) -> Result:
    """What `detector` keeps, from the folder of published series."""
    table = series(folder)
    days = pd.DatetimeIndex(table.index)
    before = days <= LAST
    known = places(days[before], turning_points(folder))
    changes = places(days[~before], [pd.Timestamp(regime.first) for regime in REGIMES[1:]])
    found: Result = {}
    for columns, chosen in {"curve": len(MATURITIES), "curve and macro": table.shape[1]}.items():
        values = table.to_numpy()[:, :chosen]
        for kind, index_of in KINDS.items():
            index = index_of(values, before)
            threshold = quietest(index[before])
            found[f"{kind}, {columns}"] = {
                "threshold": threshold,
                "before": _judged(index[before], threshold, known),
                "after": _judged(index[~before], threshold, changes),
            }
    return {
        "detectors": found,
        "chosen": min(found, key=lambda name: _rank(found[name]["before"])),
        "turning points": [str(days[place].date()) for place in known],
        "changes": [str(days[~before][place].date()) for place in changes],
    }


def _rank(judged: Result) -> tuple[int, int]:
    return -sum(delay is not None for delay in judged["delays"]), judged["false"]


def _judged(index: Index, threshold: float, changes: Int[np.ndarray, "_"]) -> Result:
    return detection(alarms(index, threshold), changes, len(index))


def series(folder: Path) -> pd.DataFrame:
    """Zero yields first, then what was known of macro series, decimals, a row a trading day of the curve.

    Raises:
        MissingDataError: where a file is absent
    """
    history = nr.histories.load_gsw(data_file(folder, "gsw", "sveny_1961_2025.csv.gz"))
    curve = history.zero_yields[list(MATURITIES)].loc[FIRST:END].dropna()
    days = pd.DatetimeIndex(curve.index)

    def known(series: pd.Series, lag: int, gap: int) -> pd.Series:
        return nr.histories.as_of(series.dropna(), days, lag_days=lag, longest_gap_days=gap)

    table = {f"zero_{years}": curve[years] for years in MATURITIES}
    table |= {name: known(_read(folder, name), 0, _GAP) for name in DAILY}
    table |= {name: known(_read(folder, name), lag, _MONTHLY_GAP) for name, lag in MONTHLY}
    prices = _read(folder, "CPIAUCSL", percent=False).dropna().pct_change(12)
    table["inflation"] = known(prices, _PRICES_LAG, _MONTHLY_GAP)
    return pd.DataFrame(table)


def turning_points(folder: Path) -> list[pd.Timestamp]:
    """First days of months in which a recession begins or has ended, or the policy rate turns."""
    recession = _read(folder, "USREC", percent=False)
    turned = list(recession.index[recession.diff().fillna(0.0) != 0.0])
    moves = _read(folder, "FEDFUNDS").diff()
    large = moves[moves.abs() >= _LEAST_MOVE]
    for (earlier, last), (day, move) in zip(
        list(large.items())[:-1], list(large.items())[1:], strict=True
    ):
        if last * move < 0.0 or (day - earlier).days > 365:  # type: ignore[operator]
            turned.append(day)
    return sorted({day for day in turned if FIRST <= day <= LAST})


def _read(folder: Path, name: str, percent: bool = True) -> pd.Series:
    return nr.histories.load_series(data_file(folder, "fred", f"{name}.csv"), percent=percent)


def places(days: pd.DatetimeIndex, dates: list[pd.Timestamp]) -> Int[np.ndarray, "_"]:
    """Places of the first trading day at or after each date."""
    return np.asarray(np.searchsorted(days, pd.DatetimeIndex(dates)))


def quietest(index: Index) -> float:
    """The lowest threshold by which there is at most one alarm a year."""
    most = len(index) / YEAR
    steps = np.unique(index[index > 0.0])
    return float(next(step for step in steps if len(alarms(index, step)) <= most))


def _levels(values: Array, before: np.ndarray) -> Index:
    """Of the gate, on series that are scaled by their changes over a month."""
    moved = values[21:] - values[:-21]
    return change_index(values / moved[before[21:]].std(axis=0))


def _drift(values: Array, before: np.ndarray) -> Index:
    """Root of the squared difference of recent and earlier drifts, whitened."""
    steps = _whitened(values, before)
    sums = np.cumsum(np.vstack([np.zeros_like(steps[:1]), steps]), axis=0)
    index = np.zeros(len(values))
    ends = np.arange(SHORT + LONG, len(steps) + 1)
    recent = (sums[ends] - sums[ends - SHORT]) / SHORT
    earlier = (sums[ends - SHORT] - sums[ends - SHORT - LONG]) / LONG
    index[ends] = np.sqrt(np.sum((recent - earlier) ** 2, axis=1))
    return index


def _chart(values: Array, before: np.ndarray) -> Index:
    """Root of the statistic of the moving average chart."""
    steps = _whitened(values, before)
    average, index = np.zeros(steps.shape[1]), np.zeros(len(values))
    for day, step in enumerate(steps, 1):
        average = WEIGHT * step + (1.0 - WEIGHT) * average
        index[day] = np.sqrt((2.0 - WEIGHT) / WEIGHT * np.sum(average**2))
    return index


def _whitened(values: Array, before: np.ndarray) -> Array:
    """Daily changes in the principal axes of those before 2020, over their own volatility of the days before."""
    steps = np.diff(values, axis=0)
    fitted = steps[before[1:]]
    sizes, axes = np.linalg.eigh(np.cov(fitted / fitted.std(axis=0), rowvar=False))
    kept = sizes > sizes.max() * 1e-3
    scores = steps / fitted.std(axis=0) @ axes[:, kept]
    decay = 0.5 ** (1.0 / HALF_LIFE)
    variance = scores[: len(fitted)].var(axis=0)
    found = np.empty_like(scores)
    for day, score in enumerate(scores):
        found[day] = score / np.sqrt(variance)
        variance = decay * variance + (1.0 - decay) * score**2
    return found


KINDS: dict[str, Callable[[Array, np.ndarray], Index]] = {
    "levels": _levels,
    "drift": _drift,
    "chart": _chart,
}
