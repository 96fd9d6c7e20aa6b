"""Random Bermudans of 20 to 40 years, monthly to annual, on volatility matrices of any shape: errors against their bands.

    python -m benchmarks.long_bermudans [--count 1000] [--rows FILE]

Prices come from `neuralrates.price` with its defaults; what they are measured against is the same calibrated model on a far
finer rule, which shares the calibration and nothing of the choice of grid; of every fourth market the trade with fewest
exercises is also priced by QuantLib. Trades are drawn until so many are priced; those refused are counted with their reasons.
Rows are kept in FILE, one JSON object a line, and a run that was stopped goes on from there.
"""

import argparse
import datetime
import json
import re
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from benchmarks.support.results import save

import neuralrates as nr
from neuralrates.calibration.mean_reversion import rate_deviation
from neuralrates.core.units import basis_point
from neuralrates.desk.verification.verify import verify
from neuralrates.engines.batches import in_batches
from neuralrates.engines.market_inputs import MarketShape
from neuralrates.engines.one_factor import OneFactorEngine
from neuralrates.pricers.gaussian.backward_induction import BackwardInduction

TODAY = datetime.date(2024, 3, 19)
PER_MARKET = 20
_NUMBERS = re.compile(r"\d[\d.e-]*")
CONVERGED = BackwardInduction(1e-9, 64, 1, local=True)
EXPIRIES = np.arange(1, 481) / 12
TENORS = np.arange(1.0, 41.0)
"""So many that linear interpolation between them asks for no variance that falls."""
SHAPES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "flat": lambda t: np.full_like(t, 0.009),
    "falling": lambda t: 0.003 + 0.014 * np.exp(-t / 4.0),
    "steep": lambda t: 0.0005 + 0.018 * np.exp(-t / 6.0),
    "rising": lambda t: 0.004 + 0.008 * (1.0 - np.exp(-t / 8.0)),
    "humped": lambda t: 0.004 + 0.012 * (t / 3.0) * np.exp(1.0 - t / 3.0),
    "quiet between": lambda t: np.where((t > 4.0) & (t < 10.0), 0.0008, 0.011),
}
"""Volatility of the short rate by time: what a matrix is made from, so that its variances grow; where a strike far from the
money or coupons between exercises make them fall, the trade is refused by name."""


def market_of(number: int) -> tuple[nr.market.Market, str, float]:
    """A market, the shape of its volatilities, and the mean reversion to price with."""
    random = np.random.default_rng([20261127, number])
    shape = list(SHAPES)[number % len(SHAPES)]
    reversion = float(random.uniform(0.0, 0.08))
    level, slope = random.uniform(0.01, 0.05), random.uniform(-0.01, 0.015)
    times = np.array([0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 50.0])
    curve = nr.market.ZeroCurve(times, level + slope * (1.0 - np.exp(-times / 6.0)))
    curves = nr.market.CurveSystem(curve, curve, "USD-SOFR", "USD-SOFR")
    matrix = random.uniform(0.6, 1.4) * _matrix(SHAPES[shape], curve, reversion)
    volatility = nr.market.SwaptionVolatility(EXPIRIES, TENORS, matrix)
    usd = nr.market.CurrencyMarket("USD", curves, volatility)
    return nr.market.Market(TODAY, {"USD": usd}), shape, reversion


def _matrix(
    volatility: Callable[[np.ndarray], np.ndarray], curve: nr.market.ZeroCurve, reversion: float
) -> np.ndarray:
    """Normal volatilities at the money of the Gaussian model with this volatility of the short rate."""
    times = (np.arange(480 * 30) + 0.5) / 360
    growth = volatility(times) ** 2 * np.exp(2.0 * reversion * times) / 360
    variances = np.cumsum(growth)[29::30]

    def moves(expiry: jax.Array) -> jax.Array:
        return jax.vmap(lambda tenor: rate_deviation(curve, reversion, expiry, tenor))(
            jnp.asarray(TENORS)
        )

    slopes = np.asarray(jax.lax.map(moves, jnp.asarray(EXPIRIES)))
    return np.sqrt(variances / EXPIRIES)[:, None] * slopes


def trades_of(number: int, count: int) -> nr.trades.Book:
    """Random Bermudans of one market."""
    random = np.random.default_rng([20261128, number])
    made = []
    for place in range(count):
        years, months = int(random.integers(20, 41)), int(random.choice([1, 3, 6, 12]))
        first = int(random.integers(1, 61))
        dates = [_date(day) for day in range(first, 12 * years - 11, months)]
        made.append(
            nr.trades.BermudanSwaptionTrade(
                trade_id=f"{number}-{place}",
                currency="USD",
                index="USD-SOFR",
                side=str(random.choice(["payer", "receiver"])),
                notional=1.0 / basis_point,
                strike=round(float(random.uniform(0.01, 0.06)), 4),
                start_date=datetime.date(2024, 3, 21),
                maturity_date=datetime.date(2024 + years, 3, 21),
                exercise_dates=dates,
            )
        )
    return nr.trades.Book(tuple(made))


def _date(months: int) -> datetime.date:
    """A business day in the middle of a month."""
    year, month = divmod(2 + months, 12)
    day = datetime.date(2024 + year, month + 1, 14)
    return day - datetime.timedelta(days=max(0, day.weekday() - 4))


def converged(book: nr.trades.Book, market: nr.market.Market, reversion: float) -> np.ndarray:
    """Values on the fine rule, per unit notional."""
    trades = [trade.resolve(TODAY) for trade in book.trades]
    shape = MarketShape.of(market["USD"].curves, market["USD"].swaption_volatility)
    found = np.full(len(trades), np.nan)
    for each in in_batches(trades):
        fine = OneFactorEngine(CONVERGED).assess(each, shape.inputs(reversion), shape, False)
        found[list(each.members)] = fine.value
    return found


def rows_of(number: int, count: int) -> list[dict]:
    """One market's rows: error and band in basis points of notional."""
    market, shape, reversion = market_of(number)
    book = trades_of(number, count)
    table = nr.price(book, market, engine="reference", mean_reversion=reversion, keep_going=True)
    exact = converged(book, market, reversion) / basis_point
    fewest = table[table.status == "ok"].exercise_probability.map(len).sort_values().index
    first = fewest[: number % 4 == 0]
    checked = verify(
        nr.trades.Book(tuple(book.trades[n] for n in first)),
        market,
        table.loc[first].reset_index(drop=True),
        mean_reversion=reversion,
    )
    second = dict(zip(checked.trade_id, checked.difference, strict=True))
    return [
        {
            "trade": row.trade_id,
            "shape": shape,
            "exercises": len(row.exercise_probability or {}),
            "value": row.value,
            "band": row.error_band,
            "error": abs(row.value - exact[n]),
            "quantlib": second.get(row.trade_id),
            "status": row.status,
        }
        for n, row in enumerate(table.itertuples())
    ]


def summary(rows: list[dict]) -> dict[str, object]:
    """Distribution of error over band, and the worst error."""
    good = [row for row in rows if row["status"] == "ok"]
    ratio = np.array([row["error"] / row["band"] for row in good])
    error = np.array([row["error"] for row in good])
    quantlib = [abs(row["quantlib"]) for row in good if row["quantlib"] is not None]
    return {
        "trades": len(rows),
        "priced": len(good),
        "refused": Counter(_NUMBERS.sub("#", row["status"]) for row in rows if row not in good),
        "error over band, below 1": float(np.mean(ratio < 1.0)),
        "error over band, quantiles 50 90 99 99.9 100": np.quantile(
            ratio, [0.5, 0.9, 0.99, 0.999, 1.0]
        ).tolist(),
        "error, bp, quantiles 50 90 99 99.9 100": np.quantile(
            error, [0.5, 0.9, 0.99, 0.999, 1.0]
        ).tolist(),
        "largest band, bp": float(max(row["band"] for row in good)),
        "quantlib, trades": len(quantlib),
        "quantlib, worst difference, bp": max(quantlib, default=None),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument(
        "--rows", type=Path, default=Path(tempfile.gettempdir()) / "long_bermudans.jsonl"
    )
    arguments = parser.parse_args()
    lines = arguments.rows.read_text().splitlines() if arguments.rows.exists() else []
    rows = [json.loads(line) for line in lines]
    while sum(row["status"] == "ok" for row in rows) < arguments.count:
        found = rows_of(len(rows) // PER_MARKET, PER_MARKET)
        with arguments.rows.open("a") as file:
            file.writelines(json.dumps(row) + "\n" for row in found)
        rows += found
        print(json.dumps(summary(rows)), flush=True)
    save("long_bermudans", summary(rows))


if __name__ == "__main__":
    main()
