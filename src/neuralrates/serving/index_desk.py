"""Pricing the trades of one floating rate, group by group."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import jax
import numpy as np

from neuralrates.calibration.volatility import check_fit
from neuralrates.core.checks import as_array
from neuralrates.core.errors import CalibrationError
from neuralrates.market.market import CurrencyMarket
from neuralrates.products.resolved import ResolvedTrade
from neuralrates.risk.greeks import Assessment, assess, cross_gammas, gammas
from neuralrates.risk.inputs import MarketInputs, MarketShape
from neuralrates.risk.padding import parts
from neuralrates.serving.groups import Group, group
from neuralrates.serving.requests import FIRST_ORDER, SECOND_ORDER
from neuralrates.serving.table import Row, failed, priced

DAY = 1.0 / 365.0
LARGEST_MISFIT = 1e-8


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
        """Rows of the trades as they come, each with its position."""
        groups = group(trades)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for each, results in zip(groups, pool.map(self._results, groups), strict=True):
                for place, number in enumerate(each.members):
                    yield number, self._row(trades[number], *_at(results, place))

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
                check_fit(expiries, checks.variances[:alive], checks.misfit[:alive], LARGEST_MISFIT)
            except CalibrationError as error:
                return failed(trade, error)
        return priced(trade, self.market, self.asked, result, second, crossed, later)


def _at(results: tuple, place: int) -> tuple:
    """One trade's part of stacked results."""
    return jax.tree.map(lambda leaf: leaf[place], results)
