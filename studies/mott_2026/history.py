"""The paper's data: a filtered history of Svensson curves, and the volatility of the forward curve.

    python -m studies.mott_2026.history

Section 4 of the paper. What it leaves open is chosen here: a beta above 999 percent in size is a degenerate fit, quantiles are
those of the days that remain, a curve that `Svensson` refuses is no curve, and changes are taken only from one published day to
the next one, if both were kept.
"""

import functools
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd

import neuralrates as nr
from neuralrates.core.errors import InputError
from neuralrates.models.forward_curve import SMALLEST_FORWARD

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
REFIT, OFFICIAL = "svensson_refit_2001_2025.csv.gz", "gsw_official_2022_2025.parquet"
DEGENERATE_BETA, REFUSED_BETA = 9.99, 0.5
BETAS = ["beta0", "beta1", "beta2", "beta3"]
QUANTILES = (0.05, 0.95)
GRID = np.linspace(0.0, 5.0, 151)
ANNUAL = np.arange(1.0, 31.0)
TRADING_DAYS = 252
NUM_FACTORS, DEGREE = 3, 3

Array = np.ndarray[Any, np.dtype[np.float64]]
Rate = Callable[[nr.market.Svensson, jax.Array], jax.Array]


def published(folder: Path) -> pd.DataFrame:
    """Svensson parameters by day, official where we have them, refitted before; NaN where the reader sees a gap.

    The frame's `attrs` name the first official day, `first_official`.
    """
    try:
        refit, official = (nr.histories.load_gsw(folder / name) for name in (REFIT, OFFICIAL))
    except InputError as problem:
        raise SystemExit(f"The study needs the Federal Reserve's curves: {problem}") from None
    known = official.parameters.dropna()
    days = known.combine_first(refit.parameters)
    days.attrs["first_official"] = known.index[0]
    return days


def forwards(parameters: pd.DataFrame, tenors: Array) -> Array:
    """Instantaneous forward rates, a row for each day, a column for each tenor in years."""
    return _by_tenor(nr.market.Svensson.instantaneous_forward_rate, parameters, tenors)


def slopes(parameters: pd.DataFrame, tenors: Array) -> Array:
    """Slopes of the forward rates by tenor, per year and year, laid out like them."""
    return _by_tenor(nr.market.Svensson.instantaneous_forward_slope, parameters, tenors)


def _by_tenor(rate: Rate, parameters: pd.DataFrame, tenors: Array) -> Array:
    rows = jnp.asarray(parameters.to_numpy(dtype=float))
    return np.asarray(_on_the_days(rate, rows, jnp.asarray(tenors)))


@functools.partial(jax.jit, static_argnums=0)
def _on_the_days(rate: Rate, rows: jax.Array, tenors: jax.Array) -> jax.Array:
    def one(row: jax.Array) -> jax.Array:
        return jax.vmap(lambda tenor: rate(nr.market.Svensson(*row), tenor))(tenors)

    return jax.vmap(one)(rows)


@dataclass(frozen=True, eq=False)
class Filtered:
    """Days that passed, and how many each filter removed, in order."""

    parameters: pd.DataFrame
    removed: dict[str, int]


def filtered(parameters: pd.DataFrame) -> Filtered:
    """Days with a sound fit, all parameters between the quantiles and forwards of at least half a percent."""
    removed: dict[str, int] = {}

    def keep(days: pd.DataFrame, good: pd.Series, name: str) -> pd.DataFrame:
        removed[name] = len(days) - int(good.sum())
        return days[good]

    def moderate(days: pd.DataFrame, bound: float) -> pd.Series:
        return (days[BETAS].abs() <= bound).all(axis=1)

    sound = keep(parameters, moderate(parameters, DEGENERATE_BETA), "degenerate fit")
    low, high = sound.quantile(QUANTILES[0]), sound.quantile(QUANTILES[1])
    inside = ((sound >= low) & (sound <= high)).all(axis=1)
    typical = keep(sound, inside, "outside the 5 to 95 percent of a parameter")
    lowest = pd.Series(forwards(typical, GRID).min(axis=1), typical.index)
    high_enough = keep(typical, lowest >= SMALLEST_FORWARD, "a forward below 0.5 percent")
    last = keep(high_enough, moderate(high_enough, REFUSED_BETA), "a beta above 50 percent")
    return Filtered(last, removed)


def proportional_changes(kept: pd.DataFrame, calendar: pd.DatetimeIndex) -> Array:
    """Daily changes of the annual forwards over the root of the forward they start from, a row for each pair of days.

    Args:
        kept: parameters of the days that passed
        calendar: every published day; a pair counts if its days are neighbours there
    """
    start, changes = _changes(kept, calendar)
    positive = (start > 0.0).all(axis=1)
    return changes[positive] / np.sqrt(start[positive])


def absolute_changes(kept: pd.DataFrame, calendar: pd.DatetimeIndex) -> Array:
    """Daily changes of the annual forwards as they are: those of equation 12 of the paper."""
    return _changes(kept, calendar)[1]


def _changes(kept: pd.DataFrame, calendar: pd.DatetimeIndex) -> tuple[Array, Array]:
    """Annual forwards on the first of two neighbouring days, and what they change by to the second."""
    rates = forwards(kept, ANNUAL)
    neighbours = np.diff(calendar.get_indexer(kept.index)) == 1
    return rates[:-1][neighbours], np.diff(rates, axis=0)[neighbours]


@dataclass(frozen=True, eq=False)
class Volatility:
    """Three factors as polynomials of the tenor, and what they explain."""

    coefficients: Array
    explained: Array
    misfit: float

    @property
    def by_tenor(self) -> nr.models.TenorVolatility:
        return nr.models.TenorVolatility(jnp.asarray(self.coefficients), float(ANNUAL[-1]))


def volatility(changes: Array) -> Volatility:
    """Principal components of the annual covariance, and Chebyshev polynomials of the third degree through them."""
    covariance = TRADING_DAYS * changes.T @ changes / len(changes)
    values, vectors = np.linalg.eigh(covariance)
    loadings = vectors[:, ::-1][:, :NUM_FACTORS] * np.sqrt(values[::-1][:NUM_FACTORS])
    loadings = np.where(loadings.sum(axis=0) < 0.0, -loadings, loadings)
    angle = 2.0 * ANNUAL / ANNUAL[-1] - 1.0
    coefficients = np.polynomial.chebyshev.chebfit(angle, loadings, DEGREE)
    misfit = np.polynomial.chebyshev.chebval(angle, coefficients) - loadings.T
    explained = values[::-1][:NUM_FACTORS] / values.sum()
    return Volatility(coefficients.T, explained, float(np.sqrt(np.mean(misfit**2))))


def report(folder: Path) -> str:
    """What the filters remove, and the volatility with and without changes across the gaps they leave."""
    days = published(folder)
    history = filtered(days)
    changes = proportional_changes(history.parameters, days.index)
    found = volatility(changes)
    across = volatility(proportional_changes(history.parameters, history.parameters.index))
    inflated = float(np.linalg.norm(across.coefficients) / np.linalg.norm(found.coefficients))
    left = len(history.parameters)
    lines = [
        f"{len(days)} published days, {days.index[0].date()} to {days.index[-1].date()}",
        *(f"{number:6d} removed: {name}" for name, number in history.removed.items()),
        f"{left:6d} left, {1.0 - left / len(days):.1%} removed (the paper: about 10 percent)",
        f"{len(changes):6d} changes between neighbouring days",
        "Chebyshev coefficients of the factors:",
        *("  " + " ".join(f"{c:9.6f}" for c in row) for row in found.coefficients),
        "explained: " + " ".join(f"{part:.1%}" for part in found.explained),
        f"misfit of the polynomials, root mean square: {found.misfit:.6f}",
        f"volatility with changes across gaps, over without: {inflated:.2f}",
    ]
    return "\n".join(lines)


def main() -> None:
    parser = ArgumentParser(prog="studies.mott_2026.history", description="The paper's data.")
    parser.add_argument("--data", type=Path, default=DATA / "gsw", help="folder of the histories")
    print(report(parser.parse_args().data))


if __name__ == "__main__":
    main()
