"""Values at future dates of a book on a market, netted: exposure profiles and valuation adjustments."""

import datetime
from collections.abc import Mapping
from pathlib import Path

from neuralrates.core.doors import door
from neuralrates.core.errors import InputError
from neuralrates.desk.pricing import price
from neuralrates.exposures.dates import MONTHLY, check_step
from neuralrates.exposures.models_table import models_table
from neuralrates.exposures.netting import Netting
from neuralrates.exposures.prepared import prepared
from neuralrates.exposures.results import (
    Exposure,
    joined,
)
from neuralrates.exposures.scenarios import ExchangeRate, check_paths
from neuralrates.exposures.unfinished import run_digest, unfinished_run
from neuralrates.exposures.work import Asked, Progress, Steps, Work
from neuralrates.market.fixings import IndexFixings
from neuralrates.market.market import Market
from neuralrates.trades.book import Book

PATHS = 4096


@door
def exposure(
    book: Book,
    market: Market,
    netting: Netting,
    *,
    dates: str | list[datetime.date] = MONTHLY,
    paths: int = PATHS,
    quantile: float = 0.95,
    mean_reversion: float | Mapping[str, float] | None = None,
    allocate: bool = False,
    greeks: bool = False,
    seed: int = 1,
    fixings: IndexFixings | None = None,
    progress: Progress | None = None,
    unfinished: str | Path | None = None,
) -> Exposure:
    """Exposure profiles, CVA, DVA and FVA of every netting set of a book.

    One LGM model per currency, calibrated once (or, where the netting file says so, once for each netting set), values all of
    its trades at all dates: swaps by bonds and by the rates that each path has fixed, caps in closed form, rights to exercise
    from the nodes of their backward induction. Nothing is regressed and nothing simulated inside the simulation. Figures are
    averages over paths under the measure of the base currency's LGM numeraire; rates of different currencies and exchange
    rates move independently.

    Args:
        book: dated trades
        market: curves and swaption volatilities
        netting: sets, collateral, credit, exchange rates (`load_netting`)
        dates: a step such as `1M`, or the dates
        paths: number of paths
        quantile: of the potential future exposure
        mean_reversion: per year, for all currencies or by currency, of models that are calibrated; 0.03 unless given
        allocate: share CVA out to the trades; values everything a second time
        greeks: derivatives of CVA, DVA and FVA to every quote, by the adjoint of the whole run and of the calibration
        seed: of the scenarios
        fixings: published rates, for those that trades do not state
        progress: called with the number of groups of dates done and in all
        unfinished: folder that keeps groups of netting sets which are done until all are: the same call after a run that died
            goes on from there; another one is refused. It is removed at the end

    Returns:
        Tables of figures, profiles, trades, models and, where asked for, Greeks.

    Raises:
        NeuralratesError: naming the trade, the currency or the netting set, and what was expected

    Source: Hagan (2002), the model; Gregory (2020), The xVA Challenge, for the figures.
    """
    netting.check_trades(book)
    check_paths(paths)
    check_step(dates)
    if not 0.0 < quantile < 1.0:
        raise InputError(f"expected a quantile between 0 and 1, found {quantile:g}")
    if greeks:
        netting.check_greeks()
    reversion = netting.mean_reversion(market, mean_reversion)
    runs = prepared(book, market, netting, dates, reversion, fixings)
    groups = [(run, sets) for run in runs for sets in run.groups(paths, greeks, allocate)]
    asked = Asked(netting, market, quantile, allocate, greeks)
    defaults = [run.defaults(netting) for run in runs]  # refused before anything is drawn
    rates = {name: rate for run in runs for name, rate in run.rates.items()}
    prices = _prices(book, market, reversion, fixings, rates)
    steps = Steps(progress, groups, 1 + allocate + greeks, paths)
    options = {"paths": paths, "seed": seed, **asked.options}
    name = "" if unfinished is None else run_digest(runs, market, netting, options, prices)
    parts: list[Exposure] = []
    work: Work | None = None
    with unfinished_run(unfinished, name, [sets for _, sets in groups]) as kept:
        for number, (run, sets) in enumerate(groups):
            part = None if kept is None else kept.part(number)
            if part is not None:
                steps.skip(run)
            else:
                if work is None or work.run is not run:
                    work = None  # the scenarios of another run are given back first
                    own = defaults[runs.index(run)]
                    work = Work(run, asked, own, run.simulated(paths, seed), steps)
                part = work.part(sets, prices)
                if kept is not None:
                    kept.keep(number, part)
            parts.append(part)
        if kept is not None:
            kept.remove()
    return joined(parts, models_table(runs, market), netting.base_currency, quantile)


def _prices(
    book: Book,
    market: Market,
    reversion: float | Mapping[str, float],
    fixings: IndexFixings | None,
    rates: Mapping[str, ExchangeRate],
) -> dict[str, float]:
    """What the desk says of each trade today, in the base currency; NaN where it cannot price one."""
    table = price(
        book,
        market,
        model="one_factor",
        engine="reference",
        mean_reversion=reversion,
        keep_going=True,
        fixings=fixings,
    )
    columns = (table["trade_id"], table["currency"], table["value"].astype(float))
    return {
        name: value * (rates[currency].spot if currency in rates else 1.0)
        for name, currency, value in zip(*columns, strict=True)
    }
