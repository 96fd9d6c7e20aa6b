"""A payer swaption of one month into ten years that a terminal priced, again on the fitted government curve of that day.

    python -m benchmarks.published_swaption

Published: forward rate, premium, volatility, vega, gamma and delta, not the curve, the dates or the annuity. The curve here is
the Svensson curve of US Treasuries of the day in ../shared/data, moved in parallel until the swap's forward rate is the
published one; what it leaves to differ is measured: the shape of the curve, a day of expiry, and cash settlement by par
yield. The published vega and gamma are those of a longer time to expiry than the convention gives; that is not explained.

Source: Quantra, Bloomberg SWPM-OV vs a Transparent Request (2024-08-14); Gurkaynak, Sack and Wright (2007), the curves.
"""

import datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from benchmarks.support.results import save
from scipy.optimize import brentq

import neuralrates as nr

CURVES = (
    Path(__file__).resolve().parents[2]
    / "shared"
    / "data"
    / "gsw"
    / "gsw_official_2022_2025.parquet"
)
TODAY = datetime.date(2024, 8, 14)
FORWARD, VOLATILITY, NOTIONAL = 0.03367463, 0.010267, 1e6
PUBLISHED = {"premium": 10_359.49, "vega": 100.90, "gamma": 10.34, "delta": 414.86}
_NODES = np.array([0.02, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, *range(2, 13), 15.0, 20.0, 30.0])


class Dates(NamedTuple):
    """Of the swaption."""

    expiry: str
    start: str
    end: str


USUAL = Dates("2024-09-16", "2024-09-18", "2034-09-18")
A_DAY_LATER = Dates("2024-09-17", "2024-09-19", "2034-09-19")


def main() -> None:
    """Measure, print and save."""
    if not CURVES.is_file():
        raise SystemExit(f"{CURVES.name} is not at ../shared/data/gsw beside the checkout")
    treasuries, flat = _treasuries(), np.full(_NODES.size, FORWARD)
    found = _priced(treasuries, USUAL)
    effects = {
        "flat_curve": _priced(flat, USUAL)["premium"] / found["premium"] - 1.0,
        "expiry_a_day_later": _priced(treasuries, A_DAY_LATER)["premium"] / found["premium"] - 1.0,
        "cash_by_par_yield": found.pop("par_yield_annuity") / found.pop("annuity") - 1.0,
    }
    cash = found["premium"] * (1.0 + effects["cash_by_par_yield"])
    # At the money vega over gamma is the volatility times the time to expiry, by Bachelier's formula.
    implied = PUBLISHED["vega"] / PUBLISHED["gamma"] / (1e4 * VOLATILITY)
    result: dict[str, object] = {
        "published": PUBLISHED,
        "days_to_expiry": {"here": _days(USUAL), "by_published_vega_over_gamma": 365.0 * implied},
        "found": found,
        "premium_if_settled_as_published": cash,
        "its_relative_difference": cash / PUBLISHED["premium"] - 1.0,
        "relative_difference": {name: found[name] / PUBLISHED[name] - 1.0 for name in PUBLISHED},
        "relative_effect_on_the_premium": effects,
    }
    print(result)
    print(f"saved to {save('published_swaption', result)}")


def _treasuries() -> np.ndarray:
    """Zero rates of the day at the nodes, continuous."""
    table = pd.read_parquet(CURVES)
    row = table[table.index.astype(str) == TODAY.isoformat()].iloc[0]
    level, slope, first, second = (row[f"BETA{n}"] / 100.0 for n in range(4))
    one, two = (_NODES / row[f"TAU{n}"] for n in (1, 2))
    early, late = (-np.expm1(-part) / part for part in (one, two))
    rates = level + (slope + first) * early - first * np.exp(-one)
    return np.asarray(rates + second * (late - np.exp(-two)))


def _days(dates: Dates) -> int:
    return (datetime.date.fromisoformat(dates.expiry) - TODAY).days


def _market(rates: np.ndarray) -> nr.market.Market:
    curve = nr.market.ZeroCurve(_NODES, rates)
    curves = nr.market.CurveSystem(curve, curve, "USD-SOFR", "USD-SOFR")
    quoted = nr.market.SwaptionVolatility([1.0 / 12.0, 1.0], [1.0, 10.0], [[VOLATILITY] * 2] * 2)
    return nr.market.Market(TODAY, {"USD": nr.market.CurrencyMarket("USD", curves, quoted)})


def _priced(rates: np.ndarray, dates: Dates) -> dict[str, float]:
    """The swaption at the money on zero rates moved to the published forward rate; vega, gamma and delta per basis point."""
    fields = {
        "currency": "USD", "index": "USD-SOFR", "side": "payer", "notional": NOTIONAL,
        "strike": FORWARD, "start_date": dates.start, "maturity_date": dates.end,
    }  # fmt: skip
    swap = nr.trades.SwapTrade(trade_id="SWAP", **fields)
    right = nr.trades.EuropeanSwaptionTrade(
        trade_id="SWAPTION", exercise_dates=[dates.expiry], **fields
    )
    alone = nr.trades.Book((swap,))

    def worth(shift: float) -> float:
        return float(nr.price(alone, _market(rates + shift))["value"][0])

    market = _market(rates + brentq(worth, -0.02, 0.02, xtol=1e-12))
    (row,) = nr.price(
        nr.trades.Book((right,)), market, greeks=("vega", "gamma", "zero_delta")
    ).to_dict("records")
    fixed = swap.resolve(TODAY).swap.fixed
    factors = [
        float(market["USD"].curves.discount.discount_factor(float(at)))
        for at in fixed.payment_times
    ]
    expiry = _days(dates) / 365.0
    accruals = np.asarray(fixed.accruals)
    at_par_yield = np.cumprod(1.0 / (1.0 + accruals * FORWARD))
    today = float(market["USD"].curves.discount.discount_factor(expiry))
    return {
        "premium": row["value"],
        "vega": row["vega"],
        "gamma": row["gamma"],
        "delta": row["zero_delta"],
        "annuity": float(accruals @ factors),
        "par_yield_annuity": today * float(accruals @ at_par_yield),
    }


if __name__ == "__main__":
    main()
