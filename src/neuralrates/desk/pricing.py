"""The desk: a book and a market in, a table out."""

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from neuralrates.bundles.runtimes.compilation_cache import enable_compilation_cache
from neuralrates.core.doors import door
from neuralrates.core.errors import InputError
from neuralrates.core.requests import check_engine, check_greeks, mean_reversion_of
from neuralrates.desk.index_desk import IndexDesk
from neuralrates.desk.quoted_rate import on_other_rates
from neuralrates.desk.smile_range import beyond_the_smile
from neuralrates.desk.table import Row, failed, tabulate
from neuralrates.engines.catalogue import candidates, check_model
from neuralrates.market.fixings import IndexFixings
from neuralrates.market.market import Market
from neuralrates.trades.book import Book
from neuralrates.trades.coverage import refusal
from neuralrates.trades.resolved import ResolvedTrade
from neuralrates.trades.trade import AbstractTrade
from neuralrates.trades.warnings import warnings_of

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Unresolved:
    """A trade of which nothing is left on the valuation date, or that lacks what it needs there."""

    trade: AbstractTrade
    reason: InputError


@door
def price(
    book: Book,
    market: Market,
    *,
    model: str | None = None,
    engine: str = "auto",
    greeks: Iterable[str] = (),
    mean_reversion: float | Mapping[str, float] | None = None,
    keep_going: bool = False,
    progress: Progress | None = None,
    fixings: IndexFixings | None = None,
) -> pd.DataFrame:
    """Values, error bands, exercise probabilities and market Greeks of every trade of a book.

    Each option gets a Gaussian model of its own, calibrated to the European swaptions of its exercise dates at its strike;
    Greeks hold mean reversions and correlation fixed and refit everything else.

    Args:
        book: dated trades
        market: curves and volatilities of one valuation date
        model: `one_factor`, `two_factor`, `forward_curve`, or one that was registered
            (`neuralrates.engines.catalogue.register_model`); what the market says unless given
        engine: `reference` prices everything exactly; `learned` (or `surrogate`) whatever a certified surrogate takes, the
            reference the rest; `auto` the same where the certified error is no larger than the reference aims at: of
            Bermudans under `forward_curve`, whose reference is a simulation, each within the band of its own price
        greeks: any of `zero_delta`, `par_delta`, `vega`, `gamma`, `cross_gamma`, `theta`, `mean_reversion`; the total of
            `par_delta` is that of a move of all rates, over which the spreads of basis quotes stay
        mean_reversion: per year, for all currencies or by currency; 0.03 unless given, or under two factors what the market
            says of them
        keep_going: give trades that cannot be priced a row that says why, instead of raising; also those of which nothing is
            left on the valuation date
        progress: called with the number of trades done and in all
        fixings: published rates (`neuralrates.market.load_fixings`), for those that trades do not state

    Returns:
        One row a trade, in the book's order; `attrs["units"]` has the unit of every column, `attrs["warnings"]` a line for
        every likely slip, and for options priced on a smile beyond where it is quoted, or on volatilities of another floating
        rate; `attrs["passed_over"]` says of the trades that a learned engine was asked for and did not price why, by trade, and
        `attrs["bundles"]` whose surrogate priced those that one did; `attrs["model"]` names the model.

    Raises:
        NeuralratesError: naming the trade, and what was expected

    Example:
        >>> import datetime, neuralrates as nr
        >>> today = datetime.date(2024, 3, 19)
        >>> quote = nr.market.Quote("ois", "USD-SOFR", "10Y", 0.04)
        >>> usd = nr.market.CurrencyMarket("USD", nr.market.bootstrap(today, [quote]))
        >>> swap = nr.trades.SwapTrade(
        ...     trade_id="S1", currency="USD", index="USD-SOFR", side="payer", notional=1e6, strike=0.04,
        ...     start_date=datetime.date(2024, 3, 21), maturity_date=datetime.date(2034, 3, 21))
        >>> table = nr.price(nr.trades.Book((swap,)), nr.market.Market(today, {"USD": usd}))
        >>> bool(abs(table.value[0]) < 1e-3)
        True
    """
    chosen = check_model(market.model if model is None else model)
    engines = candidates(chosen, check_engine(engine))
    asked = check_greeks(greeks)
    enable_compilation_cache()
    book = book if fixings is None else book.with_fixings(fixings, market.valuation_date)
    trades = _seen_from(market.valuation_date, book, keep_going)
    rows: dict[int, Row] = {}

    def add(number: int, found: Row) -> None:
        row = found
        if row.reason is not None and not keep_going:
            raise type(row.reason)(f"trade {row.trade.trade_id}: {row.reason}")
        rows[number] = row
        if progress is not None:
            progress(len(rows), len(trades))

    alike: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    priceable: dict[int, ResolvedTrade] = {}
    for number, trade in enumerate(trades):
        match trade:
            case Unresolved():
                add(number, failed(trade.trade, trade.reason))
            case _ if reason := refusal(trade, market):
                add(number, failed(trade, reason))
            case _:
                priceable[number] = trade
                alike.setdefault((trade.currency, trade.floating_rates), []).append(number)
    reversions = market.mean_reversion(chosen, mean_reversion)
    for (currency, rates), numbers in alike.items():
        reversion = mean_reversion_of(reversions, currency)
        desk = IndexDesk(market[currency], rates, reversion, asked, engines)
        for place, row in desk.rows([priceable[number] for number in numbers]):
            add(numbers[place], row)
    table = tabulate([rows[number] for number in range(len(trades))], asked)
    table.attrs["model"] = chosen
    table.attrs["warnings"] = [
        *(line for trade in book.trades for line in warnings_of(trade, market.valuation_date)),
        *beyond_the_smile(list(priceable.values()), market),
        *on_other_rates(list(priceable.values()), market),
    ]
    table.attrs["passed_over"] = {
        row.trade.trade_id: row.passed_over for row in rows.values() if row.passed_over
    }
    table.attrs["bundles"] = {row.trade.trade_id: row.bundle for row in rows.values() if row.bundle}
    return table


def _seen_from(
    today: datetime.date, book: Book, keep_going: bool
) -> list[ResolvedTrade | Unresolved]:
    """Every trade of a book on a day; those that cannot be seen from there with the reason."""
    if not keep_going:
        return list(book.resolve(today).trades)
    found: list[ResolvedTrade | Unresolved] = []
    for number, trade in enumerate(book.trades):
        places = book.places[number : number + 1]
        alone = Book((trade,), book.source, places, faults=book.faults)
        seen = alone.resolve(today, keep_going=True)
        found += seen.trades or (Unresolved(trade, seen.errors[0]),)
    return found
