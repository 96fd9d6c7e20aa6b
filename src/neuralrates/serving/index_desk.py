"""Pricing the trades of one floating rate, group by group."""

from collections.abc import Iterator

import jax
import jax.numpy as jnp
import numpy as np

from neuralrates.calibration.volatility import check_fit
from neuralrates.core.errors import CalibrationError
from neuralrates.market.market import CurrencyMarket
from neuralrates.products.resolved import ResolvedTrade
from neuralrates.risk.greeks import assess, cross_gammas, gammas, values
from neuralrates.risk.inputs import MarketInputs, MarketShape
from neuralrates.risk.padding import parts
from neuralrates.serving.groups import Group, group
from neuralrates.serving.requests import FIRST_ORDER
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
        for each in group(trades):
            yield from zip(each.members, self._group_rows(each, trades), strict=True)

    def _group_rows(self, each: Group, trades: list[ResolvedTrade]) -> list[Row]:
        """Rows of one group's trades, in the group's order."""
        arguments = (each.pricer, self.shape, each.trades, self.inputs)
        result = jax.tree.map(np.asarray, assess(*arguments, bool(self.asked & FIRST_ORDER)))
        second = np.asarray(gammas(*arguments)) if "gamma" in self.asked else None
        crossed = np.asarray(cross_gammas(*arguments)) if "cross_gamma" in self.asked else None
        later = self._tomorrow(each) - result.value if "theta" in self.asked else None
        results = (result, second, crossed, later)
        return [
            self._row(trades[number], *_at(results, place))
            for place, number in enumerate(each.members)
        ]

    def _tomorrow(self, each: Group) -> np.ndarray:
        moved: MarketInputs = self.inputs._replace(elapsed=jnp.asarray(DAY))
        return np.asarray(values(each.pricer, self.shape, each.trades, moved))

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
