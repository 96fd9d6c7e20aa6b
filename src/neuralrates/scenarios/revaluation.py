"""A book revalued in full under each scenario."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import jax
import numpy as np
import pandas as pd

from neuralrates.core.doors import door
from neuralrates.core.errors import InputError
from neuralrates.core.processors import num_processors
from neuralrates.desk.pricing import price
from neuralrates.market.fixings import IndexFixings
from neuralrates.market.market import Market
from neuralrates.scenarios.scenario import Scenario
from neuralrates.scenarios.works import Work, works_of
from neuralrates.trades.book import Book

UNITS = "currency, change of value"
Progress = Callable[[int, int], None]


@door
def revalue(
    book: Book,
    market: Market,
    scenarios: Sequence[Scenario],
    *,
    model: str | None = None,
    mean_reversion: float | Mapping[str, float] | None = None,
    keep_going: bool = False,
    fixings: IndexFixings | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Change of value of every trade of a book under each scenario, priced exactly and calibrated anew.

    Rates move as continuous zero rates at the nodes of today's curves; mean reversions and correlation stay.

    Args:
        book: dated trades
        market: today's
        scenarios: each with a name of its own
        model: as of `price`
        mean_reversion: as of `price`
        keep_going: as of `price`
        fixings: as of `price`
        progress: called with the number of scenarios done and in all

    Returns:
        One row a trade in the book's order: `trade_id`, `kind`, `currency`, `value` today, `status`, and a column for each
        scenario; not a number where the trade, or its price there, is none: `attrs["reasons"]` says why, by trade and scenario.

    Raises:
        InputError: where two scenarios share a name, or there are none
        NeuralratesError: as of `price`

    Example:
        >>> import datetime, neuralrates as nr
        >>> today = datetime.date(2024, 3, 19)
        >>> quote = nr.market.Quote("ois", "USD-SOFR", "10Y", 0.04)
        >>> usd = nr.market.CurrencyMarket("USD", nr.market.bootstrap(today, [quote]))
        >>> swap = nr.trades.SwapTrade(
        ...     trade_id="S1", currency="USD", index="USD-SOFR", side="payer", notional=1e6, strike=0.04,
        ...     start_date=datetime.date(2024, 3, 21), maturity_date=datetime.date(2034, 3, 21))
        >>> moves = (nr.scenarios.parallel(0.01), nr.scenarios.parallel(-0.01))
        >>> table = nr.scenarios.revalue(nr.trades.Book((swap,)), nr.market.Market(today, {"USD": usd}), moves)
        >>> bool(table["rates +100 bp"][0] > 0.0 > table["rates -100 bp"][0])
        True
    """
    names = [scenario.name for scenario in scenarios]
    if not names or len(set(names)) < len(names):
        raise InputError("expected scenarios, each with a name of its own")
    book = book if fixings is None else book.with_fixings(fixings, market.valuation_date)
    today = price(
        book,
        market,
        model=model,
        engine="reference",
        mean_reversion=mean_reversion,
        keep_going=keep_going,
    )
    reversions = market.mean_reversion(today.attrs["model"], mean_reversion)
    values = np.full((len(today), len(names)), np.nan)
    reasons: dict[str, dict[str, str]] = {}
    works = works_of(book, market, today, reversions)
    with ThreadPoolExecutor(num_processors()) as pool:
        done = pool.map(lambda scenario: [_under(scenario, work) for work in works], scenarios)
        for column, (scenario, found) in enumerate(zip(scenarios, done, strict=True)):
            for work, (worth, faults) in zip(works, found, strict=True):
                values[work.rows, column] = worth
                for place, fault in faults.items():
                    reasons.setdefault(work.trades[place].trade_id, {})[scenario.name] = fault
            if progress is not None:
                progress(column + 1, len(names))
    table = today[["trade_id", "kind", "currency", "value", "status"]].copy()
    moves = pd.DataFrame(values - table["value"].to_numpy()[:, None], table.index, names)
    table = pd.concat([table, moves], axis=1)
    table.attrs = {
        "model": today.attrs["model"],
        "reasons": reasons,
        "units": {"value": "currency"} | dict.fromkeys(names, UNITS),
    }
    return table


def _under(scenario: Scenario, work: Work) -> tuple[np.ndarray, dict[int, str]]:
    """Values of some trades in currency under a scenario, and why those that have none have none."""
    desk, engine, trades = work.desk, work.engine, work.trades
    inputs = desk.inputs
    if scenario.currency in (None, desk.market.currency):
        inputs = scenario.applied(inputs, desk.shape)
    worth, faults = np.full(len(trades), np.nan), dict[int, str]()
    for batch, choices in work.batches:
        found = engine.assess(batch, inputs, desk.shape, False, choices)
        signed = [trades[member].signed_notional for member in batch.members]
        worth[list(batch.members)] = found.value * np.array(signed)
        for place in np.flatnonzero(~np.isfinite(found.value)):
            checks = jax.tree.map(lambda part, at=place: part[at], found.checks)
            member = batch.members[place]
            reason = engine.objection(trades[member], checks)
            faults[member] = str(reason) if reason else "its value is no number"
    return worth, faults


def totals(table: pd.DataFrame) -> pd.DataFrame:
    """Change of value of a book under each scenario, by currency: those of all its trades that have one."""
    names = list(itertools.islice(table.columns, 5, None))
    return table.groupby("currency", sort=False)[names].sum().T
