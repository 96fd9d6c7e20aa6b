"""What is known of the market on each day: real curves and series, and synthetic models where no data is at hand.

Real: zero rates (Treasury par yields for 3 and 6 months, which pay no coupon; Gurkaynak-Sack-Wright from one year on), every
macro column, the index of floating rate notes, and the level of rate volatility, which is that of the one-year forward rate
nine years ahead over the past sixty trading days. Synthetic, with a fixed key: the mean reversion, and all that the stochastic
variance models of the equity index and of gold need, scattered around per-regime levels of ours.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import neuralrates as nr
from neuralrates.histories import CurveHistory
from neuralrates.problems.instrument_inputs import ASSET_MODEL, CURVE, CURVE_TIMES, RATE_MODEL
from studies.mixture_of_experts.regimes import REGIMES, data_file, regime_of

WINDOW, TRADING_DAYS = 60, 252.0
FORWARD_TIME = 9.5
SEED = 2020
MEAN_REVERSION = (0.005, 0.04)
SHOCK, MEMORY = 0.25, 0.95

FIRST, LAST = pd.Timestamp(REGIMES[0].first), pd.Timestamp(REGIMES[-1].last)

# Levels per regime: variance, its reversion, long variance, its volatility, correlation, carry.
_INDEX = (
    (0.300, 4.0, 0.080, 1.40, -0.80, 0.020),
    (0.055, 3.0, 0.050, 0.90, -0.75, 0.017),
    (0.028, 3.0, 0.036, 0.80, -0.75, 0.013),
    (0.065, 3.0, 0.055, 0.80, -0.70, 0.016),
)
_GOLD = (
    (0.080, 4.0, 0.036, 0.80, -0.10, 0.002),
    (0.034, 3.0, 0.030, 0.50, 0.10, 0.002),
    (0.022, 3.0, 0.024, 0.40, 0.05, 0.002),
    (0.026, 3.0, 0.026, 0.40, 0.00, 0.002),
)

# Series, file, calendar days to publication, longest gap in calendar days after it, whether in percent.
_SERIES = (
    ("fed_funds", "fred/FEDFUNDS.csv", 32, 35, True),
    ("unemployment", "fred/UNRATE.csv", 40, 40, True),
    ("breakeven_5y", "fred/T5YIE.csv", 0, 5, True),
    ("breakeven_10y", "fred/T10YIE.csv", 0, 5, True),
    ("sofr", "sofr/sofr_2018_2024.csv", 1, 5, True),
)
_CPI_LAG, _OUTPUT_LAG, _JOBS_LAG, _SHEET_LAG, _BILL_LAG = 45, 48, 40, 2, 1
_MONTHLY_GAP, _WEEKLY_GAP = 40, 10
MACRO = (
    "level",
    "slope",
    "curvature",
    "realised_volatility",
    *(name for name, *_ in _SERIES),
    "inflation",
    "production_growth",
    "jobs_growth",
    "balance_sheet_growth",
    "bill_13w",
    "policy_less_bill",
    "repo_less_bill",
)


@dataclass(frozen=True)
class World:
    """Market and models, a row a day.

    Args:
        rates: curve, mean reversion and volatility
        index: stochastic variance of the equity index
        gold: the same of gold
        macro: columns that act on no model price
        regime: number of each day's regime
    """

    rates: pd.DataFrame
    index: pd.DataFrame
    gold: pd.DataFrame
    macro: pd.DataFrame
    regime: np.ndarray

    @property
    def days(self) -> pd.DatetimeIndex:
        """The days."""
        return pd.DatetimeIndex(self.rates.index)


def load_world(folder: Path) -> World:
    """The days of the four regimes.

    Args:
        folder: of the published series

    Returns:
        One row a trading day.

    Raises:
        MissingDataError: where a file is absent
        InputError: naming the series and the day where a value is missing for too long
    """
    history = nr.histories.load_gsw(data_file(folder, "gsw", "sveny_1961_2025.csv.gz"))
    curves = zero_rates(history, folder)
    days = pd.DatetimeIndex(curves.index)
    random = np.random.default_rng(SEED)
    realised = forward_volatility(history).loc[days]
    reversion = random.uniform(*MEAN_REVERSION, len(days))
    rates = curves.assign(
        mean_reversion=reversion, volatility=realised * np.exp(FORWARD_TIME * reversion)
    )
    regime = regime_of(days)
    return World(
        rates=rates[[*CURVE, *RATE_MODEL]],
        index=_variance_model(np.array(_INDEX)[regime], days, random),
        gold=_variance_model(np.array(_GOLD)[regime], days, random),
        macro=_macro(curves, realised, days, folder)[list(MACRO)],
        regime=regime,
    )


def zero_rates(history: CurveHistory, folder: Path) -> pd.DataFrame:
    """Zero rates at the nodes on every day of the regimes; a day that one source lacks is an error."""
    path = data_file(folder, "rates_history", "usd_eur_gbp_1990_2024.csv.xz")
    short = nr.histories.load_par_yields(path).loc[FIRST:LAST]
    long = history.zero_yields.loc[FIRST:LAST]
    columns = {
        name: short[round(12 * time)] if time < 1.0 else long[int(time)]
        for name, time in zip(CURVE, CURVE_TIMES, strict=True)
    }
    table = pd.DataFrame(columns)
    holes = table.isna().any(axis=1)
    if holes.any():
        raise nr.core.InputError(
            f"expected a whole curve on {table.index[holes][0].date()}, but a source lacks that day",
            file=path,
        )
    return table[regime_of(pd.DatetimeIndex(table.index)) >= 0]


def forward_volatility(history: CurveHistory) -> pd.Series:
    """Volatility of the one-year forward rate nine years ahead over the past sixty trading days, per square root of year."""
    yields = history.zero_yields[[9, 10]].dropna()
    changes = (10.0 * yields[10] - 9.0 * yields[9]).diff()
    return changes.rolling(WINDOW).std() * np.sqrt(TRADING_DAYS)


def _variance_model(
    levels: np.ndarray, days: pd.DatetimeIndex, random: np.random.Generator
) -> pd.DataFrame:
    """Parameters that wander around their regime's levels: first-order autoregressive, in logarithms where positive."""
    shocks = random.normal(size=(len(days), levels.shape[1]))
    wander = np.zeros_like(shocks)
    for day in range(1, len(days)):
        wander[day] = MEMORY * wander[day - 1] + np.sqrt(1.0 - MEMORY**2) * shocks[day]
    moved = levels * np.exp(SHOCK * wander)
    correlation, carry = ASSET_MODEL.index("correlation"), ASSET_MODEL.index("carry")
    moved[:, correlation] = np.clip(
        levels[:, correlation] + 0.05 * wander[:, correlation], -0.9, 0.4
    )
    moved[:, carry] = levels[:, carry] + 0.001 * wander[:, carry]
    return pd.DataFrame(moved, index=days, columns=list(ASSET_MODEL))


def _macro(
    curves: pd.DataFrame, realised: pd.Series, days: pd.DatetimeIndex, folder: Path
) -> pd.DataFrame:
    """Factors of the curve, and published series as they were known, latest vintage."""

    def read(file: str, percent: bool = True) -> pd.Series:
        return nr.histories.load_series(data_file(folder, *file.split("/")), percent=percent)

    def known(series: pd.Series, lag: int, gap: int) -> pd.Series:
        return nr.histories.as_of(series, days, lag_days=lag, longest_gap_days=gap)

    def growth(file: str, periods: int) -> pd.Series:
        return read(file, percent=False).dropna().pct_change(periods)

    table = {
        name: known(read(file, percent), lag, gap) for name, file, lag, gap, percent in _SERIES
    }
    auctions = nr.histories.load_auctions(
        data_file(folder, "treasury_auctions", "auctions_1979_2024.csv")
    )
    bill = known(nr.histories.bill_index(auctions), _BILL_LAG, _WEEKLY_GAP)
    return pd.DataFrame(
        table
        | {
            "level": curves["zero_10"],
            "slope": curves["zero_10"] - curves["zero_2"],
            "curvature": 2.0 * curves["zero_5"] - curves["zero_2"] - curves["zero_10"],
            "realised_volatility": realised,
            "inflation": known(growth("fred/CPIAUCSL.csv", 12), _CPI_LAG, _MONTHLY_GAP),
            "production_growth": known(growth("fred/INDPRO.csv", 12), _OUTPUT_LAG, _MONTHLY_GAP),
            "jobs_growth": known(growth("fred/PAYEMS.csv", 12), _JOBS_LAG, _MONTHLY_GAP),
            "balance_sheet_growth": known(growth("fred/WALCL.csv", 13), _SHEET_LAG, _WEEKLY_GAP),
            "bill_13w": bill,
            "policy_less_bill": table["fed_funds"] - bill,
            "repo_less_bill": table["sofr"] - bill,
        }
    )
