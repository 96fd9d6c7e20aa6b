"""Figures of groups of netting sets on one set of scenarios."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import pandas as pd

from neuralrates.core.processors import num_processors
from neuralrates.exposures.adjoint.greeks import credit_greeks, market_greeks
from neuralrates.exposures.adjoint.seeds import SetAdjustments
from neuralrates.exposures.credit import DefaultWeights
from neuralrates.exposures.netting import Netting, NettingSet
from neuralrates.exposures.path_block import PathBlock, in_rows
from neuralrates.exposures.prepared import Prepared
from neuralrates.exposures.results import (
    Exposure,
    NettedValues,
    exposed_values,
    exposure_of,
    greeks_table,
)
from neuralrates.exposures.scenarios import CurrencyPaths
from neuralrates.exposures.wrong_way import likelihood
from neuralrates.market.market import Market

Progress = Callable[[int, int], None]


class Asked(NamedTuple):
    """What is asked for."""

    netting: Netting
    market: Market
    quantile: float
    allocate: bool
    greeks: bool

    @property
    def options(self) -> dict[str, object]:
        """What changes the tables."""
        return {"quantile": self.quantile, "allocate": self.allocate, "greeks": self.greeks}


class Steps:
    """Dates done, for whoever shows progress: a thread says when it is through with a group of them."""

    def __init__(
        self,
        progress: Progress | None,
        groups: Sequence[tuple[Prepared, list[NettingSet]]],
        passes: int,
        paths: int,
    ) -> None:
        self._progress, self._done = progress, 0
        self._passes, self._paths = passes, paths
        self._all = sum(self._of(run) for run, _ in groups)

    def __call__(self) -> None:
        """One more group of dates is done."""
        self._add(1)

    def skip(self, run: Prepared) -> None:
        """All dates of a group of netting sets were done before."""
        self._add(self._of(run))

    def _of(self, run: Prepared) -> int:
        return self._passes * len(in_rows(run.times.size, self._paths))

    def _add(self, more: int) -> None:
        self._done += more
        if self._progress is not None:
            self._progress(self._done, self._all)


class Work:
    """Figures of netting sets on one set of scenarios."""

    def __init__(
        self,
        run: Prepared,
        asked: Asked,
        defaults: DefaultWeights,
        paths: dict[str, CurrencyPaths],
        steps: Steps,
    ) -> None:
        self.run, self.asked, self.paths, self.steps = run, asked, paths, steps
        with ThreadPoolExecutor(num_processors()) as pool:
            self.taken = list(
                pool.map(lambda one: one.exercises(paths[one.trade.currency]), run.trades)
            )
        self.numeraire = _numeraire(paths[run.base])
        self.defaults = defaults

    def part(self, sets: list[NettingSet], prices: Mapping[str, float]) -> Exposure:
        """Tables of some netting sets."""
        netting, defaults = self.asked.netting, self.defaults
        netted = self._netted(sets, None)
        netted = dataclasses.replace(
            netted, exposed=exposed_values(sets, netted), likelihood=self._likelihoods(sets)
        )
        if self.asked.allocate:
            signs = {
                name: (values > 0.0) * netted.likelihood.get(name, True)
                for name, values in netted.exposed.items()
            }
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
                self.defaults,
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
        return greeks_table([[*quotes, *credit]])

    def _likelihoods(self, sets: list[NettingSet]) -> dict[str, np.ndarray]:
        """How likely default is on each path, for the netting sets that have wrong-way risk."""
        own = self.paths[self.run.base]
        states, variances = own.states[own.dates], own.variances[own.dates]
        alive = self.defaults.survival
        return {
            one.netting_set: likelihood(
                one.wrong_way, alive[one.netting_set], states, variances, self.numeraire
            )
            for one in sets
            if one.wrong_way and one.netting_set in alive
        }

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
        return NettedValues(run.times, self.numeraire, by_set, {}, {}, today, by_trade)


def _numeraire(paths: CurrencyPaths) -> np.ndarray:
    """The base currency's numeraire at the dates."""
    times, states = paths.times[paths.dates], paths.states[paths.dates]
    loadings, variances = paths.model.loadings(times), paths.variances[paths.dates]
    exponents = loadings[:, None] * states + (0.5 * loadings**2 * variances)[:, None]
    return np.exp(exponents) / paths.model.discount_factors(times)[:, None]
