"""Valuation adjustments under scenarios of the market: stress, and past moves replayed."""

import datetime
from collections.abc import Mapping, Sequence

import pandas as pd

from neuralrates.core.doors import door
from neuralrates.core.errors import InputError, NeuralratesError
from neuralrates.exposures.dates import MONTHLY, check_step
from neuralrates.exposures.netting import Netting
from neuralrates.exposures.prepared import prepared
from neuralrates.exposures.scenarios import check_paths
from neuralrates.exposures.work import Asked, Progress, Steps, Work
from neuralrates.market.fixings import IndexFixings
from neuralrates.market.market import Market
from neuralrates.scenarios.moved_market import moved_market
from neuralrates.scenarios.scenario import Scenario
from neuralrates.trades.book import Book

TODAY = "today"
_QUANTILE = 0.95
_FIGURES = ("value", "epe", "eepe", "largest_pfe", "cva", "cva_error", "dva", "dva_error", "fva")


@door
def stressed(
    book: Book,
    market: Market,
    netting: Netting,
    scenarios: Sequence[Scenario],
    *,
    dates: str | list[datetime.date] = MONTHLY,
    paths: int = 1024,
    mean_reversion: float | Mapping[str, float] | None = None,
    seed: int = 1,
    fixings: IndexFixings | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Figures of every netting set on the market of today and on each that a scenario makes of it, all run in full.

    Models are calibrated anew; random numbers are the same, so that differences carry little noise. Credit spreads and exchange
    rates stay.

    Args:
        book: dated trades
        market: today's
        netting: sets, collateral, credit, exchange rates
        scenarios: each with a name of its own; `neuralrates.scenarios.historical` makes those of past days
        dates: as of `neuralrates.exposure`
        paths: number of paths
        mean_reversion: as of `neuralrates.exposure`
        seed: of the paths
        fixings: as of `neuralrates.exposure`
        progress: called with the number of scenarios done and in all

    Returns:
        A row for each scenario, `today` the first, and netting set: value, EPE, EEPE, largest PFE at 95 percent, CVA, DVA and
        FVA; units in `attrs["units"]`.

    Raises:
        InputError: where two scenarios share a name, one is called today, or there are none; naming a scenario whose market
            has no figures
        NeuralratesError: as of `neuralrates.exposure`
    """
    netting.check_trades(book)
    check_paths(paths)
    check_step(dates)
    names = [one.name for one in scenarios]
    if not names or len({TODAY, *names}) <= len(names):
        raise InputError(f"expected scenarios, each with a name of its own that is not {TODAY}")
    reversion = netting.mean_reversion(market, mean_reversion)

    def figures(moved: Market) -> pd.DataFrame:
        asked = Asked(netting, moved, _QUANTILE, allocate=False, greeks=False)
        tables = []
        for run in prepared(book, moved, netting, dates, reversion, fixings):
            groups = run.groups(paths, with_greeks=False)
            defaults, drawn = run.defaults(netting), run.simulated(paths, seed)
            work = Work(run, asked, defaults, drawn, Steps(None, [], 1, paths))
            unpriced = {one.trade.trade_id: float("nan") for one in run.trades}
            tables += [work.part(sets, unpriced).figures for sets in groups]
        return pd.concat(tables, ignore_index=True)

    for one in scenarios:  # all are refused before anything is drawn
        try:
            for run in prepared(
                book, moved_market(market, one), netting, dates, reversion, fixings
            ):
                run.defaults(netting)
        except NeuralratesError as error:
            raise InputError(f"scenario {one.name}: {error}") from None
    found = [figures(market).assign(scenario=TODAY)]
    for number, one in enumerate(scenarios):
        found.append(figures(moved_market(market, one)).assign(scenario=one.name))
        if progress is not None:
            progress(number + 1, len(names))
    table = pd.concat(found, ignore_index=True)[["scenario", "netting_set", *_FIGURES]]
    table.attrs["units"] = dict.fromkeys(_FIGURES, netting.base_currency)
    return table


def changes(table: pd.DataFrame) -> pd.DataFrame:
    """What each scenario changes, against the rows of today."""
    numbers = table.set_index(["scenario", "netting_set"])[["value", "cva", "dva", "fva"]]
    today = numbers.loc[TODAY]
    return numbers.drop(TODAY, level=0).sub(today, level="netting_set").reset_index()
