"""Random dated trades that a learned annual Bermudan can be, against the exact engine."""

import datetime
from typing import Any

import numpy as np
import pandas as pd
from benchmarks.support.random_books import Setting, settings

import neuralrates as nr
from neuralrates.conventions.swap import swap_convention
from neuralrates.core.units import basis_point
from neuralrates.trades.callable_trade import BermudanSwaptionTrade, CancellableSwapTrade

_NOTIONAL = 1e7
_SEED = 20261127


def against_the_exact_engine(count: int) -> dict[str, object]:
    """Learned and exact prices of random trades, as many on each of 16 markets of one curve or two.

    Args:
        count: trades on each market

    Returns:
        How many trades were priced by the learned engine, their differences from the exact prices in basis points of notional,
        and how many of those exceed the error band.
    """
    pairs = [_both(setting, number, count) for number, setting in enumerate(settings())]
    learned, exact = (pd.concat(tables, ignore_index=True) for tables in zip(*pairs, strict=True))
    priced = (learned.engine == "learned") & (exact.status == "ok")
    unit = _NOTIONAL * basis_point
    misses = np.abs(learned["value"] - exact["value"])[priced]
    return {
        "trades": len(learned),
        "priced_exactly": int((exact.status == "ok").sum()),
        "priced_by_the_learned_engine": int(priced.sum()),
        "mean_difference_bp": float(misses.mean() / unit),
        "quantile_99_bp": float(np.quantile(misses, 0.99) / unit),
        "largest_difference_bp": float(misses.max() / unit),
        "largest_band_bp": float(learned["error_band"][priced].max() / unit),
        "beyond_the_band": int((misses > learned["error_band"][priced]).sum()),
    }


def _both(setting: Setting, number: int, count: int) -> list[pd.DataFrame]:
    random = np.random.default_rng([_SEED, number])
    book = nr.trades.Book(tuple(_trade(random, setting, place) for place in range(count)))
    return [
        nr.price(book, setting.market, engine=engine, keep_going=True)
        for engine in ("learned", "reference")
    ]


def _trade(random: np.random.Generator, setting: Setting, number: int) -> Any:
    """Nine annual exercises, the first from three weeks to five years away; strikes within 2 percent of 3."""
    today, index = setting.market.valuation_date, str(random.choice(setting.indices))
    first = today + datetime.timedelta(int(random.integers(20, 1800)))
    first = first.replace(day=min(first.day, 28))
    start = first.replace(year=first.year - 1)
    begun = start <= today + datetime.timedelta(5)
    cancellable = not begun and random.random() < 0.5
    make = CancellableSwapTrade if cancellable else BermudanSwaptionTrade
    return make(
        trade_id=f"T{number}",
        currency=swap_convention(index).currency,
        index=index,
        side=str(random.choice(["payer", "receiver"])),
        notional=_NOTIONAL,
        strike=round(random.uniform(0.01, 0.05), 4),
        spread=round(random.uniform(-0.003, 0.003), 5) if random.random() < 0.5 else 0.0,
        start_date=start,
        maturity_date=first.replace(year=first.year + 9),
        first_exercise_date=first,
    )
