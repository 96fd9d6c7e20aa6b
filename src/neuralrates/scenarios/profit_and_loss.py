"""Profit and loss of a book between two markets, by what it came from."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from neuralrates.core.doors import door
from neuralrates.core.errors import InputError, NeuralratesError
from neuralrates.core.requests import check_currencies, mean_reversion_of
from neuralrates.desk.index_desk import IndexDesk
from neuralrates.desk.pricing import price
from neuralrates.market.fixings import IndexFixings
from neuralrates.market.market import Market
from neuralrates.scenarios.cash import last_payment, paid_between
from neuralrates.scenarios.market_move import MoveOfValue, ValueMover
from neuralrates.scenarios.passing_days import carried, rolled
from neuralrates.scenarios.works import Work, works_of
from neuralrates.trades.book import Book

PARTS = (
    "carry", "roll", "delta", "gamma", "vega", "volga", "cross", "new_trades", "ended_trades",
)  # fmt: skip
REVALUED = ("rates", "volatility")
AMOUNTS = ("value_from", "value_to", "cash", "pnl", *PARTS, "unexplained", *REVALUED)
_TOLD = ("trade_id", "kind", "currency")


@door
def explain(
    book: Book,
    before: Market,
    after: Market,
    *,
    earlier: Book | None = None,
    model: str | None = None,
    mean_reversion: float | Mapping[str, float] | None = None,
    keep_going: bool = False,
    fixings: IndexFixings | None = None,
) -> pd.DataFrame:
    """Profit and loss of every trade between two markets, by what it came from, with what is left unexplained.

    Time passes first, then rates move, then volatilities. *Carry* is what a trade earns, cash included, where each forward
    rate comes true and fixings are those published; *roll* the rest of what it earns where each zero rate stays what it is
    at its time to maturity. The nodes of the second market then move from there: *delta* and *vega* are first derivatives
    times the moves, *gamma*, *volga* and *cross* the second ones, every pair of nodes and quotes included. *Rates* and
    *volatility* are the same moves revalued in full.

    Args:
        book: dated trades on the second date
        before: the first market
        after: the second, of the same date or a later one; curves and types of quotes as in the first
        earlier: dated trades on the first date, where they were others; a trade is the same by its `trade_id`
        model: as of `price`, for both dates; what the first market says unless given
        mean_reversion: as of `price`
        keep_going: give trades without a price a row that says why, instead of raising
        fixings: published rates up to the second date, for those that trades do not state

    Returns:
        One row a trade, those of `earlier` alone at the end: `trade_id`, `kind`, `currency`, `status`, then in currency
        `value_from`, `value_to`, `cash` paid between, `pnl` (their change and the cash), which is the sum of `carry`, `roll`,
        `delta`, `gamma`, `vega`, `volga`, `cross`, `new_trades` (the value of a trade of the book alone), `ended_trades`
        (less that of one of `earlier` alone) and `unexplained`; beside them `rates` and `volatility`.

    Raises:
        InputError: where the second market is earlier, or of other curves or types of quotes
        NeuralratesError: as of `price`; of an option that lapsed between the dates, whose outcome no book states

    Example:
        >>> import datetime, neuralrates as nr
        >>> day = datetime.date(2024, 3, 19)
        >>> def market(date, rate):
        ...     curve = nr.market.bootstrap(date, [nr.market.Quote("ois", "USD-SOFR", "10Y", rate)])
        ...     return nr.market.Market(date, {"USD": nr.market.CurrencyMarket("USD", curve)})
        >>> swap = nr.trades.SwapTrade(
        ...     trade_id="S1", currency="USD", index="USD-SOFR", side="payer", notional=1e6, strike=0.04,
        ...     start_date=datetime.date(2024, 3, 21), maturity_date=datetime.date(2034, 3, 21))
        >>> table = nr.scenarios.explain(
        ...     nr.trades.Book((swap,)), market(day, 0.04), market(day + datetime.timedelta(1), 0.041))
        >>> bool(abs(table.unexplained[0]) < 1e-4 * table.pnl[0]), bool(table.delta[0] > 800)
        (True, True)
    """
    if after.valuation_date < before.valuation_date:
        raise InputError(
            f"expected a second market on {before.valuation_date} or later, found {after.valuation_date}"
        )
    model = before.model if model is None else model
    between = _Between(book, earlier or book, before, after, model, mean_reversion, fixings)
    table = between.table()
    failed = table[table["status"] != "ok"]
    if len(failed) and not keep_going:
        row = failed.iloc[0]
        raise NeuralratesError(f"trade {row['trade_id']}: {row['status']}")
    table.attrs = {"model": model, "units": dict.fromkeys(AMOUNTS, "currency")}
    return table


class _Between:
    """The two dates of an explanation and what lies between them."""

    def __init__(
        self,
        book: Book,
        earlier: Book,
        before: Market,
        after: Market,
        model: str,
        mean_reversion: float | Mapping[str, float] | None,
        fixings: IndexFixings | None,
    ) -> None:
        self._before, self._after, self._fixings = before, after, fixings
        self._model, self._mean_reversion = model, mean_reversion
        self._earlier, self._book = earlier, book
        self._known = {one.trade_id: one for one in earlier}
        self._held = frozenset(one.trade_id for one in book)
        if fixings is not None:
            self._book = book.with_fixings(fixings, after.valuation_date)

    def table(self) -> pd.DataFrame:
        """A row a trade."""
        earlier, start = self._earlier, self._reversions(self._before)
        if self._fixings is not None:
            earlier = earlier.with_fixings(self._fixings, self._before.valuation_date)
        first = self._priced(earlier, self._before, start)
        last = self._priced(self._book, self._after, self._reversions(self._after))
        carry = self._priced(self._book, carried(self._before, self._after), start)
        here = rolled(self._before, self._after)
        moves = self._moves(here, self._priced(self._book, here, start), start)
        names = list(dict.fromkeys([*last.index, *first.index]))
        rows = [
            self._row(name, first, last, carry["value"].get(name, np.nan), moves.get(name))
            for name in names
        ]
        return pd.DataFrame(rows, columns=[*_TOLD, "status", *AMOUNTS])

    def _reversions(self, market: Market) -> float | Mapping[str, float]:
        own = self._mean_reversion
        if own is None:
            return market.mean_reversion(self._model)
        check_currencies(own, {**self._before.currencies, **self._after.currencies})
        return own

    def _priced(
        self, book: Book, market: Market, reversions: float | Mapping[str, float]
    ) -> pd.DataFrame:
        known = reversions
        if isinstance(reversions, Mapping):  # a currency may be in one of the two markets alone
            known = {code: one for code, one in reversions.items() if code in market.currencies}
        found = price(
            book,
            market,
            model=self._model,
            engine="reference",
            mean_reversion=known,
            keep_going=True,
        )
        return found.set_index("trade_id", drop=False)

    def _moves(
        self, here: Market, table: pd.DataFrame, reversions: float | Mapping[str, float]
    ) -> dict[str, dict[str, float]]:
        """What the move of the numbers to those of the second market does to each trade, in currency."""
        found: dict[str, dict[str, float]] = {}
        for work in works_of(self._book, here, table, reversions):
            currency = work.desk.market.currency
            reversion = mean_reversion_of(reversions, currency)
            rates = work.trades[0].floating_rates
            there = IndexDesk(self._after[currency], rates, reversion, frozenset(), ())
            for name, moved in _of_work(work, there):
                found[name] = moved
        return found

    def _row(
        self,
        name: str,
        first: pd.DataFrame,
        last: pd.DataFrame,
        carry: float,
        moved: dict[str, float] | None,
    ) -> dict[str, object]:
        held, known = self._held, self._known
        told = last.loc[name] if name in held else first.loc[name]
        row: dict[str, object] = {key: told[key] for key in _TOLD}
        amounts = dict.fromkeys(AMOUNTS, 0.0)
        start = first.loc[name] if name in known else None
        end = last.loc[name] if name in held else None
        if start is not None and start["status"] != "ok":
            return row | {"status": start["status"]} | dict.fromkeys(AMOUNTS, np.nan)
        if start is not None:
            amounts["value_from"] = start["value"]
            until = self._after.valuation_date
            amounts["cash"] = paid_between(known[name], self._before, until, self._fixings)
        left = end is not None and end["status"] == "ok"
        over = start is not None and end is not None and not left and self._is_over(name)
        if end is not None and not over:
            if not left:
                return row | {"status": end["status"]} | dict.fromkeys(AMOUNTS, np.nan)
            amounts["value_to"] = end["value"]
        amounts["pnl"] = amounts["value_to"] - amounts["value_from"] + amounts["cash"]
        if start is None or end is None:
            amounts["new_trades" if start is None else "ended_trades"] = amounts["pnl"]
        elif over:
            amounts["carry"] = amounts["pnl"]
        elif moved is not None and np.isfinite(carry):
            amounts["carry"] = carry - amounts["value_from"] + amounts["cash"]
            amounts["roll"] = moved["start"] - carry
            amounts |= {key: amount for key, amount in moved.items() if key != "start"}
        amounts["unexplained"] = amounts["pnl"] - sum(amounts[part] for part in PARTS)
        return row | {"status": "ok"} | amounts

    def _is_over(self, name: str) -> bool:
        """Whether all of a trade was paid by the second date."""
        book, today = Book((self._known[name],)), self._before.valuation_date
        if self._fixings is not None:
            book = book.with_fixings(self._fixings, today)
        days = (self._after.valuation_date - today).days
        return last_payment(book.resolve(today).trades[0]) <= (days + 0.5) / 365.0


def _of_work(work: Work, there: IndexDesk) -> list[tuple[str, dict[str, float]]]:
    desk, found = work.desk, []
    for batch, choices in work.batches:
        mover = ValueMover(work.engine, batch, choices, desk.shape, desk.inputs, there.inputs)
        moved: MoveOfValue = mover()
        for place, member in enumerate(batch.members):
            trade = work.trades[member]
            parts = {
                name: float(part[place]) * trade.signed_notional
                for name, part in moved._asdict().items()
            }
            if np.all(np.isfinite(list(parts.values()))):
                found.append((trade.trade_id, parts))
    return found


def explained_totals(table: pd.DataFrame) -> pd.DataFrame:
    """Profit and loss of a book by what it came from, a column a currency: of all its trades that have one."""
    return table.groupby("currency", sort=False)[list(AMOUNTS)].sum().T
