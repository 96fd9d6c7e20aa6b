"""Five trades on each of two real markets under every model: from the quotes as stored to prices, bands, first-order Greeks.

    python -m benchmarks.real_markets

The markets are in ../shared/data: dollars of 2024-03-19, and euros of 2016-02-05, whose forwards are negative, so that the
forward-curve model is given a shift. Its correction was learned without one: there the bounds answer.
"""

import dataclasses
import datetime
import json
import time
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from benchmarks.support.results import save

import neuralrates as nr
from neuralrates.conventions import add_months, swap_convention

_FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "ore"
_NOTIONAL, _SHIFT = 1e7, 0.02
_GREEKS = ("zero_delta", "par_delta", "vega")
_RUNS = (
    ("one_factor", "auto"),
    ("two_factor", "auto"),
    ("forward_curve", "auto"),
    ("forward_curve", "reference"),
)
_KINDS = ("swap", "european", "receiver", "payer", "cancellable")


class Day(NamedTuple):
    """A stored market, the index traded, a strike near its ten-year rate, and the shift of its forward curve."""

    file: str
    traded: str
    strike: float
    shift: float


DAYS = {
    "USD 2024-03-19": Day("market_20240319_usd.csv", "USD-SOFR", 0.038, 0.0),
    "EUR 2016-02-05": Day("market_20160205.txt", "EUR-EURIBOR-6M", 0.006, _SHIFT),
}


def _market(day: Day) -> nr.market.Market:
    currency = day.traded.split("-")[0]
    market = nr.market.load_ore(_FOLDER / day.file, currency)
    curve = nr.market.ForwardCurveParameters(shift=day.shift)
    known = dataclasses.replace(market[currency], forward_curve=curve)
    return dataclasses.replace(market, currencies={currency: known})


def _book(day: Day, today: datetime.date) -> nr.trades.Book:
    """A swap, a European, Bermudans of both sides and a cancellable, of ten years or less."""
    convention = swap_convention(day.traded)
    spot = convention.spot_date(today)

    def after(years: int) -> datetime.date:
        return add_months(spot, 12 * years, convention.calendar)

    def trade(
        kind: type[nr.trades.AbstractTrade], name: str, side: str, end: int, **more: Any
    ) -> nr.trades.AbstractTrade:
        start = more.pop("start_date", spot)
        return kind(
            trade_id=name,
            currency=day.traded.split("-")[0],
            index=day.traded,
            side=side,
            notional=_NOTIONAL,
            strike=day.strike,
            start_date=start,
            maturity_date=after(end),
            **more,
        )

    trades, called = nr.trades, {"first_exercise_date": after(2)}
    return nr.trades.Book(
        (
            trade(trades.SwapTrade, "swap", "payer", 9),
            trade(trades.EuropeanSwaptionTrade, "european", "payer", 10, start_date=after(5)),
            trade(trades.BermudanSwaptionTrade, "receiver", "receiver", 9, **called),
            trade(trades.BermudanSwaptionTrade, "payer", "payer", 9, **called),
            trade(trades.CancellableSwapTrade, "cancellable", "payer", 9, **called),
        )
    )


def _row(table: pd.DataFrame, seconds: float) -> dict[str, object]:
    columns = ("value", "error_band", "engine", "in_domain", "zero_delta", "vega", "status")
    trades = {
        name: {column: table.loc[name, column] for column in columns if column in table}
        for name in _KINDS
    }
    return {"seconds": seconds, "trades": json.loads(pd.DataFrame(trades).to_json())}


def main() -> None:
    """Price, print and save."""
    found: dict[str, object] = {"notional": _NOTIONAL}
    for name, day in DAYS.items():
        market = _market(day)
        book = _book(day, market.valuation_date)
        for model, engine in _RUNS:
            if (model, engine) == ("forward_curve", "auto") and day.shift:
                continue
            start = time.perf_counter()
            table = nr.price(
                book, market, model=model, engine=engine, greeks=_GREEKS, keep_going=True
            ).set_index("trade_id")
            run = f"{name}, {model}, {engine}"
            found[run] = _row(table, time.perf_counter() - start)
            print(run, table[["value", "error_band", "engine", "vega", "status"]].to_string())
            save("real_markets", found)


if __name__ == "__main__":
    main()
