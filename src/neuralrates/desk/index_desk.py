"""Pricing the trades of one floating rate, group by group."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import jax
import numpy as np

from neuralrates.calibration.volatility import check_fit
from neuralrates.core.checks import as_array
from neuralrates.core.errors import CalibrationError
from neuralrates.core.requests import FIRST_ORDER, SECOND_ORDER
from neuralrates.desk.greeks import Assessment, assess, cross_gammas, gammas
from neuralrates.desk.groups import COARSEST, Group, group, pricer_for
from neuralrates.desk.table import Row, failed, priced
from neuralrates.engines.market_inputs import MarketInputs, MarketShape
from neuralrates.engines.one_factor import surveys
from neuralrates.market.market import CurrencyMarket
from neuralrates.pricers.gaussian.backward_induction import BackwardInduction
from neuralrates.trades.padded_trade import parts
from neuralrates.trades.resolved import ResolvedTrade

DAY = 1.0 / 365.0


class IndexDesk:
    """Everything needed to price the trades of one currency on one floating rate.

    Args:
        market: of the currency
        index: floating rate; the overnight rate is projected by the discount curve
        mean_reversion: per year
        asked: Greeks requested
    """

    def __init__(
        self, market: CurrencyMarket, index: str, mean_reversion: float, asked: frozenset[str]
    ) -> None:
        self.market, self.asked = market, asked
        self.shape = MarketShape.of(market.curves.for_index(index), market.swaption_volatility)
        self.inputs = self.shape.inputs(mean_reversion)

    def rows(self, trades: list[ResolvedTrade]) -> Iterator[tuple[int, Row]]:
        """Rows of the trades as they come, each with its position.

        A trade whose error misses the target is priced again by a finer rule, until the finest.
        """
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            pending = list(range(len(trades)))
            pricers = self._pricers(trades, pool)
            while pending:
                groups = group([trades[n] for n in pending], [pricers[n] for n in pending])
                missed = []
                for each, results in zip(groups, pool.map(self._results, groups), strict=True):
                    finer = each.pricer.finer()
                    for place, member in enumerate(each.members):
                        number, result = pending[member], _at(results, place)
                        error = float(result[0].checks.error)
                        if finer is None or not error > each.pricer.target():
                            yield number, self._row(trades[number], *result)
                        else:
                            pricers[number] = finer
                            missed.append(number)
                pending = missed

    def _pricers(
        self, trades: list[ResolvedTrade], pool: ThreadPoolExecutor
    ) -> list[BackwardInduction]:
        """Rule for each trade, from its calibrated variances."""
        pricers = [COARSEST] * len(trades)
        several = [n for n, trade in enumerate(trades) if len(trade.exercise_dates) > 1]
        groups = group([trades[n] for n in several])
        half_width = COARSEST.half_width()

        def look(each: Group) -> tuple[np.ndarray, ...]:
            return jax.tree.map(
                np.asarray, surveys(self.shape, each.trades, self.inputs, half_width)
            )

        for each, (widths, counts) in zip(groups, pool.map(look, groups), strict=True):
            for place, member in enumerate(each.members):
                pricers[several[member]] = pricer_for(float(widths[place]), int(counts[place]))
        return pricers

    def _results(self, each: Group) -> tuple:
        """Everything asked for of one group; Greeks of any order come from one compiled function."""
        first_order = bool(self.asked & (FIRST_ORDER | SECOND_ORDER))

        def assess_at(inputs: MarketInputs) -> Assessment:
            found = assess(each.pricer, self.shape, each.trades, inputs, first_order)
            return jax.tree.map(np.asarray, found)

        result = assess_at(self.inputs)
        second = gammas(assess_at, self.inputs) if "gamma" in self.asked else None
        crossed = cross_gammas(assess_at, self.inputs) if "cross_gamma" in self.asked else None
        later = None
        if "theta" in self.asked:
            tomorrow = self.inputs._replace(elapsed=as_array(DAY))
            later = assess_at(tomorrow).value - result.value
        return result, second, crossed, later

    def _row(self, trade: ResolvedTrade, result, second, crossed, later) -> Row:  # type: ignore[no-untyped-def]
        _, option = parts(trade)
        if option is not None:
            expiries = np.asarray(option.exercise_times)
            checks = result.checks
            alive = expiries.shape[0]
            try:
                check_fit(expiries, checks.variances[:alive], checks.misfit[:alive])
            except CalibrationError as error:
                return failed(trade, error)
        return priced(trade, self.market, self.asked, result, second, crossed, later)


def _at(results: tuple, place: int) -> tuple:
    """One trade's part of stacked results."""
    return jax.tree.map(lambda leaf: leaf[place], results)
