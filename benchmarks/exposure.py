"""Exposure of Bermudans and of a mixed book: time, memory, and how far a model for all trades is from one for each.

    python -m benchmarks.exposure [bermudans] [book] [greeks] [bumps] [example] [nested]

Scenarios are part of the time. `bermudans`: a 20-year Bermudan callable every year, 10,000 paths, 81 quarterly dates; then 20
of them. `book`: random trades of all kinds, 5,000 paths, 120 dates, so many as `--trades` says. `greeks`: the same book with
a counterparty, our own credit and funding, without and with the Greeks of CVA, DVA and FVA to every quote. `bumps`: CVA
Greeks of a 10-year Bermudan against bumps of a basis point with the same random numbers, over eight seeds. `example`: the
example book at date zero against its prices trade by trade, and the picture of `docs/price_to_cva.md`. `nested`: a 10-year
Bermudan in 1,000 states of 5 dates against its price by the JAX induction on the curve of each state. Time is elapsed; `load`
is the number of processes that wanted a processor.
"""

import argparse
import datetime
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from benchmarks.support.results import save

import neuralrates as nr
from neuralrates.exposures.book_values import FutureTrade
from neuralrates.exposures.coupons import FloatingRate
from neuralrates.exposures.currency_model import calibrated_model
from neuralrates.exposures.path_block import PathBlock
from neuralrates.exposures.scenarios import simulate
from neuralrates.exposures.writers import profile_picture
from neuralrates.pricers.gaussian.backward_induction import induce, value_today

_PICTURE = Path(__file__).resolve().parents[1] / "docs" / "_static" / "exposure_profile.svg"
_STYLE = (
    "<style>line{stroke:#d8dde5}text{font:11px sans-serif;fill:#5c6675}"
    "polyline{fill:none;stroke-width:1.8;stroke:#2563b2}polyline.future{stroke:#b23a1e}</style>"
)
TODAY = datetime.date(2024, 3, 19)
_KINDS = (
    nr.trades.SwapTrade,
    nr.trades.EuropeanSwaptionTrade,
    nr.trades.BermudanSwaptionTrade,
    nr.trades.CancellableSwapTrade,
    nr.trades.CapTrade,
)


def main() -> None:
    """Measure and save."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exposure")
    parser.add_argument("parts", nargs="*", choices=[*_PARTS], default=list(_PARTS))
    parser.add_argument("--trades", type=int, default=1000)
    asked = parser.parse_args()
    for part in asked.parts:
        result = _PARTS[part](asked.trades)
        result["load"] = os.getloadavg()[0]
        save(f"exposure_{part}", result)
        print(result)


def bermudans(_: int) -> dict[str, Any]:
    """One Bermudan of twenty years, and twenty."""
    found: dict[str, Any] = {"paths": 10_000, "dates": 81}
    quarterly = [_later(3 * number) for number in range(1, 81)]
    for count in (1, 20):
        book = nr.trades.Book(
            tuple(_trade(nr.trades.BermudanSwaptionTrade, n, 20) for n in range(count))
        )
        run = _run(book, quarterly, 10_000)
        run()
        elapsed, processor = zip(*(_seconds(run) for _ in range(3)), strict=True)
        found[f"seconds_of_{count}"] = min(elapsed)
        found[f"processor_seconds_of_{count}"] = min(processor)
    return found


def book(trades: int) -> dict[str, Any]:
    """Random trades of all kinds."""
    several, dates = _several(trades), _monthly()
    _run(nr.trades.Book(several[:5]), dates[:3], 64)()
    seconds, processor = _seconds(_run(nr.trades.Book(several), dates, 5000))
    memory = _most_memory()
    return {
        "trades": trades,
        "paths": 5000,
        "dates": 120,
        "seconds": seconds,
        "processor_seconds": processor,
        "processor_nanoseconds_a_value": 1e9 * processor / (trades * 5000 * 120),
        "most_memory_gib": memory,
    }


def greeks(trades: int) -> dict[str, Any]:
    """The same book without Greeks and with them."""
    several, dates = _several(trades), _monthly()
    _run(nr.trades.Book(several[:5]), dates[:3], 64, greeks=True)()
    whole = nr.trades.Book(several)
    plain, plain_processor = _seconds(_run(whole, dates, 5000))
    kept: list[Any] = []
    with_greeks = _run(whole, dates, 5000, greeks=True)
    seconds, processor = _seconds(lambda: kept.append(with_greeks()))
    return {
        "trades": trades,
        "paths": 5000,
        "dates": 120,
        "quotes": len(kept[0].greeks),
        "adjustments": 3,
        "seconds_without": plain,
        "seconds_with": seconds,
        "ratio": seconds / plain,
        "processor_ratio": processor / plain_processor,
        "most_memory_gib": _most_memory(),
    }


def bumps(_: int) -> dict[str, Any]:
    """A Bermudan's CVA: adjoint against central bumps of all zero rates, and of all volatilities, together."""
    usd = nr.market.load(nr.desk.example_files()[1])["USD"]
    curve, matrix = usd.curves.discount, usd.swaption_volatility
    assert matrix is not None
    trades = nr.trades.Book((_trade(nr.trades.BermudanSwaptionTrade, 1, 10),))

    def run(seed: int, rates: float = 0.0, volatilities: float = 0.0, **asked: bool) -> Any:
        moved = nr.market.ZeroCurve(curve.times, np.asarray(curve.zero_rates) + rates)
        quoted = nr.market.SwaptionVolatility(
            matrix.expiries, matrix.tenors, np.asarray(matrix.volatilities) + volatilities
        )
        system = nr.market.CurveSystem(moved, moved, "USD-SOFR", "USD-SOFR")
        market = nr.market.Market(TODAY, {"USD": nr.market.CurrencyMarket("USD", system, quoted)})
        return nr.exposure(
            trades, market, _one_set(trades), dates="3M", paths=16384, seed=seed, **asked
        )

    adjoint, difference = [], []
    for seed in range(1, 9):
        table = run(seed, greeks=True).greeks.groupby("greek")["cva"].sum()
        found = np.array([table["zero_delta"], table["vega"]])
        moves = ({"rates": 1e-4}, {"volatilities": 1e-4})
        central = [
            0.5 * sum(s * run(seed, **{k: s * v}).figures["cva"][0] for s in (1, -1))
            for ((k, v),) in (move.items() for move in moves)
        ]
        adjoint.append(found)
        difference.append(np.array(central) - found)
    errors = np.std(difference, axis=0, ddof=1) / np.sqrt(8.0)
    return {
        "paths": 16384,
        "seeds": 8,
        **_by_kind("adjoint", np.mean(adjoint, axis=0)),
        **_by_kind("bump_minus_adjoint", np.mean(difference, axis=0)),
        **_by_kind("standard_error_of_that", errors),
        **_by_kind("standard_deviation_of_one_bump", np.std(difference, axis=0, ddof=1)),
    }


def _by_kind(name: str, amounts: np.ndarray) -> dict[str, float]:
    """Of the parallel zero delta and the parallel vega, currency per basis point."""
    return {f"{name}_delta": float(amounts[0]), f"{name}_vega": float(amounts[1])}


def _several(trades: int) -> tuple[Any, ...]:
    return tuple(_trade(_KINDS[n % len(_KINDS)], n, 3 + n * 7 % 8) for n in range(trades))


def _monthly() -> list[datetime.date]:
    return [_later(number) for number in range(1, 120)]


def _most_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def example(_: int) -> dict[str, Any]:
    """The example book: one model for all trades against one for each."""
    book_file, market_file = nr.desk.example_files()
    trades, market = nr.trades.load(book_file), nr.market.load(market_file)
    netting = nr.exposures.load_netting(book_file.parent / "netting.json")
    _draw(trades, market, netting)
    one_model = nr.exposure(trades, market, netting, dates="5Y", paths=64).trades
    notionals = {one.trade_id: one.notional for one in trades.trades}
    differences = 1e4 * one_model.difference / one_model.trade_id.map(notionals)
    return {"difference_bp": dict(zip(one_model.trade_id, differences, strict=True))}


def nested(_: int) -> dict[str, Any]:
    """What is left of a Bermudan, state by state, against the same right priced on the curve of that state."""
    market = nr.market.load(nr.desk.example_files()[1])["USD"]
    model = calibrated_model(market, 0.03, 11.0)
    trade = _trade(nr.trades.BermudanSwaptionTrade, 1, 10)
    rate = FloatingRate(model, model.curve, overnight=True)
    future = FutureTrade.of(trade.resolve(TODAY), True, rate)
    right, dates = future.right, np.array([0.0, 0.7, 2.1, 4.4, 6.9, 8.8])
    assert right is not None
    more = {"USD": np.append(future.times(), 12.0)}
    paths = simulate({"USD": model}, "USD", {}, dates, more, 200, 1)["USD"]
    block = PathBlock(paths, paths.dates[1:])
    passed = np.searchsorted(right.exercise_times, block.times, side="right")
    found = right.waiting(block, passed)
    bonds, amounts = right.received
    rule = nr.pricers.BackwardInduction(1e-11, 160, 1)
    loadings = jnp.asarray(bonds.loadings)

    def price(right_: tuple[jax.Array, jax.Array]) -> jax.Array:
        return value_today(induce(rule, right_[0], loadings, right_[1]))

    misses: list[np.ndarray] = []
    for row, first in enumerate(passed):
        later = jnp.asarray(model.moments(right.exercise_times[first:])[0] - block.variances[row])
        grown = np.exp(
            -bonds.loadings * block.states[row][:, None]
            - 0.5 * bonds.loadings**2 * block.variances[row]
        )
        flows = jnp.asarray(grown[:, None, :] * amounts[first:] * bonds.factors)
        prices = jax.lax.map(price, (jnp.broadcast_to(later, (200, later.size)), flows))
        misses.append(np.asarray(prices) - found[row])
    return {"states": block.states.size, "largest_error": float(np.max(np.abs(misses)))}


def _draw(book: nr.trades.Book, market: nr.market.Market, netting: nr.exposures.Netting) -> None:
    """The profile of the first netting set, for the page."""
    profiles = nr.exposure(book, market, netting).profiles
    _, first = next(iter(profiles.groupby("netting_set", sort=False)))
    drawing = '<svg xmlns="http://www.w3.org/2000/svg"' + profile_picture(first).removeprefix(
        "<svg"
    )
    place = drawing.index(">") + 1
    _PICTURE.write_text(drawing[:place] + _STYLE + drawing[place:] + "\n", encoding="utf-8")


def _run(
    book: nr.trades.Book, dates: list[datetime.date], paths: int, greeks: bool = False
) -> Callable[[], Any]:
    market = nr.market.load(nr.desk.example_files()[1])
    netting = _one_set(book)
    return lambda: nr.exposure(book, market, netting, dates=dates, paths=paths, greeks=greeks)


def _one_set(book: nr.trades.Book) -> nr.exposures.Netting:
    """All trades against one counterparty."""
    return nr.exposures.netting_of(
        {
            "schema": "neuralrates.netting/1",
            "base_currency": "USD",
            "own_credit": {"spreads": {"5Y": 0.006}},
            "funding_spread": 0.004,
            "netting_sets": [
                {
                    "netting_set": "ALL",
                    "trades": [trade.trade_id for trade in book.trades],
                    "counterparty": {"spreads": {"5Y": 0.01}},
                }
            ],
        }
    )


def _trade(kind: Any, number: int, years: int) -> Any:
    """A trade whose strike, side and start follow from its number."""
    start = TODAY + datetime.timedelta(days=2 + (17 * number) % 300)
    fields: dict[str, Any] = {
        "trade_id": f"T{number}",
        "currency": "USD",
        "index": "USD-SOFR",
        "notional": 1e6,
        "strike": 0.032 + 0.0004 * (number % 20),
        "start_date": start,
        "maturity_date": start.replace(year=start.year + years),
    }
    if kind is not nr.trades.CapTrade:
        fields["side"] = "payer" if number % 2 else "receiver"
    if kind in (nr.trades.BermudanSwaptionTrade, nr.trades.CancellableSwapTrade):
        fields["first_exercise_date"] = start.replace(year=start.year + 1)
    if kind is nr.trades.EuropeanSwaptionTrade:
        fields["start_date"] = start.replace(year=start.year + 1)
    return kind(**fields)


def _later(months: int) -> datetime.date:
    year, month = divmod(TODAY.month - 1 + months, 12)
    return datetime.date(TODAY.year + year, month + 1, TODAY.day)


def _seconds(run: Callable[[], Any]) -> tuple[float, float]:
    """Elapsed, and of all processors."""
    start, used = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - start, time.process_time() - used


_PARTS = {
    "bermudans": bermudans,
    "book": book,
    "greeks": greeks,
    "bumps": bumps,
    "example": example,
    "nested": nested,
}

if __name__ == "__main__":
    main()
