"""Values at future dates of a book on a market, netted: exposure profiles and valuation adjustments."""

import dataclasses
import datetime
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import pandas as pd

from neuralrates.core.doors import door
from neuralrates.core.errors import InputError
from neuralrates.core.processors import num_processors
from neuralrates.desk.pricing import price
from neuralrates.exposures.credit import DefaultWeights, weights_of
from neuralrates.exposures.dates import MONTHLY
from neuralrates.exposures.greeks import credit_greeks, market_greeks
from neuralrates.exposures.netting import Netting, NettingSet
from neuralrates.exposures.path_block import PathBlock, in_rows
from neuralrates.exposures.prepared import Prepared, prepared
from neuralrates.exposures.results import (
    Exposure,
    NettedValues,
    exposed_values,
    exposure_of,
    greeks_table,
    joined,
)
from neuralrates.exposures.scenarios import REPLICATES, CurrencyPaths, ExchangeRate
from neuralrates.exposures.seeds import SetAdjustments
from neuralrates.market.fixings import IndexFixings
from neuralrates.market.market import Market
from neuralrates.trades.book import Book

PATHS = 4096
Progress = Callable[[int, int], None]


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
) -> Exposure:
    """Exposure profiles, CVA, DVA and FVA of every netting set of a book.

    One LGM model per currency, calibrated once, values all of its trades at all dates: swaps by bonds and by the rates that
    each path has fixed, caps in closed form, rights to exercise from the nodes of their backward induction. Nothing is
    regressed and nothing simulated inside the simulation. Figures are averages over paths under the measure of the base
    currency's LGM numeraire; rates of different currencies and exchange rates move independently.

    Args:
        book: dated trades
        market: curves and swaption volatilities
        netting: sets, collateral, credit, exchange rates (`load_netting`)
        dates: a step such as `1M`, or the dates
        paths: number of paths
        quantile: of the potential future exposure
        mean_reversion: per year, for all currencies or by currency; 0.03 unless given
        allocate: share CVA out to the trades; values everything a second time
        greeks: derivatives of CVA, DVA and FVA to every quote, by the adjoint of the whole run and of the calibration
        seed: of the scenarios
        fixings: published rates, for those that trades do not state
        progress: called with the number of dates done and in all

    Returns:
        Tables of figures, profiles and trades.

    Raises:
        NeuralratesError: naming the trade, the currency or the netting set, and what was expected

    Source: Hagan (2002), the model; Gregory (2020), The xVA Challenge, for the figures.
    """
    netting.check_trades(book)
    if paths < 2 * REPLICATES:
        raise InputError(f"expected {2 * REPLICATES} paths at least, found {paths}")
    if not 0.0 < quantile < 1.0:
        raise InputError(f"expected a quantile between 0 and 1, found {quantile:g}")
    reversion = market.mean_reversion("one_factor", mean_reversion)
    run = prepared(book, market, netting, dates, reversion, fixings)
    groups = run.groups(netting.netting_sets, paths, greeks)
    model = run.models[netting.base_currency]
    defaults = weights_of(netting, model, market.valuation_date, run.days)
    asked = _Asked(netting, market, defaults, quantile, allocate, greeks)
    steps = Steps(progress, run.times.size, len(groups) * (1 + allocate + greeks), paths)
    work = _Work(run, asked, run.simulated(paths, seed), steps)
    prices = _prices(book, market, reversion, fixings, run.rates)
    return joined([work.part(sets, prices) for sets in groups], netting.base_currency, quantile)


class _Asked(NamedTuple):
    """What is asked for."""

    netting: Netting
    market: Market
    defaults: DefaultWeights
    quantile: float
    allocate: bool
    greeks: bool


class Steps:
    """Dates done, for whoever shows progress: a thread says when it is through with a group of them."""

    def __init__(self, progress: Progress | None, dates: int, passes: int, paths: int) -> None:
        self._progress, self._done, self._all = progress, 0, dates * passes
        self._each = [rows.stop - rows.start for rows in in_rows(dates, paths)][0]

    def __call__(self) -> None:
        """One more group is done."""
        self._done = min(self._done + self._each, self._all)
        if self._progress is not None:
            self._progress(self._done, self._all)


class _Work:
    """Figures of netting sets on one set of scenarios."""

    def __init__(
        self, run: Prepared, asked: _Asked, paths: dict[str, CurrencyPaths], steps: Steps
    ) -> None:
        self.run, self.asked, self.paths, self.steps = run, asked, paths, steps
        with ThreadPoolExecutor(num_processors()) as pool:
            self.taken = list(
                pool.map(lambda one: one.exercises(paths[one.trade.currency]), run.trades)
            )
        self.numeraire = _numeraire(paths[run.base])

    def part(self, sets: list[NettingSet], prices: Mapping[str, float]) -> Exposure:
        """Tables of some netting sets."""
        netting, defaults = self.asked.netting, self.asked.defaults
        netted = self._netted(sets, None)
        netted = dataclasses.replace(netted, exposed=exposed_values(sets, netted))
        if self.asked.allocate:
            signs = {name: values > 0.0 for name, values in netted.exposed.items()}
            netted = dataclasses.replace(netted, by_trade=self._netted(sets, signs).by_trade)
        model = self.run.models[self.run.base]
        found = exposure_of(
            sets, netting, netted, model, defaults, self.run.days, self.asked.quantile, prices
        )
        if not self.asked.greeks:
            return found
        return dataclasses.replace(found, greeks=self._greeks(sets, netted, found.profiles))

    def _greeks(
        self, sets: list[NettingSet], netted: NettedValues, profiles: pd.DataFrame
    ) -> pd.DataFrame:
        """Derivatives of the adjustments of some netting sets to all quotes."""
        run, asked = self.run, self.asked
        adjustments = {
            one.netting_set: SetAdjustments.of(
                one,
                asked.netting,
                asked.defaults,
                netted.by_set[one.netting_set],
                netted.exposed[one.netting_set],
                self.numeraire,
                run.times,
            )
            for one in sets
        }
        exposures = {
            str(name): (
                table["discounted_exposure"].to_numpy(),
                table["discounted_negative_exposure"].to_numpy(),
            )
            for name, table in profiles.groupby("netting_set", sort=False)
        }
        credit, to_discount = credit_greeks(asked.netting, run.models[run.base], run, exposures)
        quotes = market_greeks(
            run, asked.market, self.paths, self.taken, adjustments, to_discount, self.steps
        )
        return greeks_table([*quotes, *credit])

    def _netted(
        self, sets: list[NettingSet], signs: Mapping[str, np.ndarray] | None
    ) -> NettedValues:
        """Values of netting sets in units of the base numeraire; with signs, of trades where their set is exposed."""
        run, paths = self.run, self.paths
        shape = (run.times.size, self.numeraire.shape[1])
        by_set: dict[str, np.ndarray] = {}
        if signs is None:
            by_set = {one.netting_set: np.zeros(shape) for one in sets}
        names = {one.netting_set for one in sets}
        chosen = [number for number, own in enumerate(run.sets) if own in names]
        means = np.zeros((len(run.trades), run.times.size))

        def add(rows: slice) -> None:
            """Values of all trades at some dates; each date belongs to one thread."""
            blocks = {name: PathBlock(one, one.dates[rows]) for name, one in paths.items()}
            for number in chosen:
                future, name = run.trades[number], run.sets[number]
                currency = future.trade.currency
                value = future.values(blocks[currency], self.taken[number])
                value = value * (future.trade.signed_notional * paths[currency].exchange[rows])
                if signs is not None:
                    value = value * signs[name][rows]
                else:
                    by_set[name][rows] += value
                if signs is not None or rows.start == 0:
                    means[number, rows] = value.mean(axis=1)

        with ThreadPoolExecutor(num_processors()) as pool:
            for _ in pool.map(add, in_rows(*shape)):
                self.steps()
        ids = {number: run.trades[number].trade.trade_id for number in chosen}
        today = {name: float(means[number, 0]) for number, name in ids.items()}
        by_trade = {} if signs is None else {name: means[number] for number, name in ids.items()}
        return NettedValues(run.times, self.numeraire, by_set, {}, today, by_trade)


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


def _numeraire(paths: CurrencyPaths) -> np.ndarray:
    """The base currency's numeraire at the dates."""
    times, states = paths.times[paths.dates], paths.states[paths.dates]
    loadings, variances = paths.model.loadings(times), paths.variances[paths.dates]
    exponents = loadings[:, None] * states + (0.5 * loadings**2 * variances)[:, None]
    return np.exp(exponents) / paths.model.discount_factors(times)[:, None]
