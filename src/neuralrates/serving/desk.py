"""The desk: a book and a market in, a table out."""

from collections.abc import Callable, Iterable, Iterator, Mapping

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd

from neuralrates.calibration.volatility import check_fit
from neuralrates.core.errors import CalibrationError, RefusalError
from neuralrates.market.market import CurrencyMarket, Market
from neuralrates.products.book import Book
from neuralrates.products.resolved import ResolvedTrade
from neuralrates.risk.greeks import assess, cross_gammas, gammas, values
from neuralrates.risk.inputs import MarketInputs, MarketShape
from neuralrates.risk.padding import parts
from neuralrates.serving.compilation_cache import enable_compilation_cache
from neuralrates.serving.groups import Group, group
from neuralrates.serving.requests import (
    FIRST_ORDER,
    check_engine,
    check_greeks,
    mean_reversion_of,
)
from neuralrates.serving.table import Row, failed, priced, tabulate

Progress = Callable[[int, int], None]
DAY = 1.0 / 365.0
LARGEST_MISFIT = 1e-8


def price(
    book: Book,
    market: Market,
    *,
    engine: str = "auto",
    greeks: Iterable[str] = (),
    mean_reversion: float | Mapping[str, float] = 0.03,
    keep_going: bool = False,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Values, error bands, exercise probabilities and market Greeks of every trade of a book.

    Each option gets a one-factor Gaussian model of its own, calibrated to the European swaptions of its exercise dates
    at its strike; Greeks hold the mean reversion fixed and refit everything else.

    Args:
        book: dated trades
        market: curves and volatilities of one valuation date
        engine: `reference` prices everything exactly, `surrogate` wherever a certified surrogate covers the trade,
            `auto` wherever one covers the trade and beats the reference at equal cost; what is left goes to the reference
        greeks: any of `zero_delta`, `par_delta`, `vega`, `gamma`, `cross_gamma`, `theta`, `mean_reversion`
        mean_reversion: per year, for all currencies or by currency
        keep_going: give trades that cannot be priced a row that says why, instead of raising
        progress: called with the number of trades done and in all

    Returns:
        One row a trade, in the book's order; `attrs["units"]` has the unit of every column.

    Raises:
        NeuralratesError: naming the trade, and what was expected

    Example:
        >>> import datetime, neuralrates as nr
        >>> today = datetime.date(2024, 3, 19)
        >>> quote = nr.market.Quote("ois", "USD-SOFR", "10Y", 0.04)
        >>> usd = nr.market.CurrencyMarket("USD", nr.market.bootstrap(today, [quote]))
        >>> swap = nr.products.SwapTrade(
        ...     trade_id="S1", currency="USD", index="USD-SOFR", side="payer", notional=1e6, strike=0.04,
        ...     start_date=datetime.date(2024, 3, 21), maturity_date=datetime.date(2034, 3, 21))
        >>> table = nr.price(nr.products.Book((swap,)), nr.market.Market(today, {"USD": usd}))
        >>> abs(table.value[0]) < 1e-3
        True
    """
    check_engine(engine)
    asked = check_greeks(greeks)
    enable_compilation_cache()
    trades = book.resolve(market.valuation_date, keep_going=keep_going).trades
    rows: dict[int, Row] = {}
    for currency in dict.fromkeys(trade.currency for trade in trades):
        numbers = [n for n, trade in enumerate(trades) if trade.currency == currency]
        same = [trades[n] for n in numbers]
        reversion = mean_reversion_of(mean_reversion, currency)
        for place, row in _rows(same, market, reversion, asked):
            rows[numbers[place]] = row
            if row.reason is not None and not keep_going:
                raise type(row.reason)(f"trade {row.trade.trade_id}: {row.reason}")
            if progress is not None:
                progress(len(rows), len(trades))
    return tabulate([rows[n] for n in range(len(trades))], asked)


def _rows(
    trades: list[ResolvedTrade], market: Market, mean_reversion: float, asked: frozenset[str]
) -> Iterator[tuple[int, Row]]:
    """Rows of the trades of one currency as they come, each with its position."""
    try:
        desk = _CurrencyDesk(market[trades[0].currency], mean_reversion, asked)
        for each in group(trades):
            yield from zip(each.members, desk.rows(each, trades), strict=True)
    except RefusalError as error:
        yield from ((place, failed(trade, error)) for place, trade in enumerate(trades))


class _CurrencyDesk:
    """Everything needed to price the trades of one currency."""

    def __init__(
        self, market: CurrencyMarket, mean_reversion: float, asked: frozenset[str]
    ) -> None:
        self.market, self.asked = market, asked
        self.shape = MarketShape.of(market.curves, market.swaption_volatility)
        self.inputs = self.shape.inputs(mean_reversion)

    def rows(self, each: Group, trades: list[ResolvedTrade]) -> list[Row]:
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
