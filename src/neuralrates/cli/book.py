"""The command `book show`."""

import datetime
import json
from dataclasses import asdict
from pathlib import Path

from neuralrates.cli.market import read_market
from neuralrates.cli.outcome import Outcome, complain, warn
from neuralrates.cli.tables import console, new_table
from neuralrates.core.errors import InputError
from neuralrates.trades.basis_swap import BasisSwapTrade
from neuralrates.trades.book import Book
from neuralrates.trades.book import load as load_book
from neuralrates.trades.trade import AbstractTrade
from neuralrates.trades.trade_dates import Timetable, timetable
from neuralrates.trades.warnings import warnings_of

SCHEMA = "neuralrates.timetable/1"
_RULE = (
    "An exercise enters every period, of both legs, that starts on or after the date it enters from; "
    "of a period that has begun it enters nothing, and no accrued interest is exchanged."
)


def show(book: Path, name: str, market: Path | None, date: str | None, *, as_json: bool) -> Outcome:
    """Print the timetable of one trade."""
    day = valuation_date(market, date)
    trade = named(load_book(book, keep_going=True), name)
    found = timetable(trade, day)
    if as_json:
        print(_as_json(trade, day, found))
    else:
        _print(trade, day, found)
    if day is not None:
        warn(*warnings_of(trade, day))
    return Outcome.DONE


def valuation_date(market: Path | None, date: str | None) -> datetime.date | None:
    """That of the market, of which `date` may choose one; without a market the date itself."""
    if market is not None:
        return read_market(market, date or "").valuation_date
    try:
        return None if date is None else datetime.date.fromisoformat(date)
    except ValueError:
        raise InputError(f"expected a --date like 2024-03-19, found {date}") from None


def named(book: Book, name: str) -> AbstractTrade:
    """The trade of a book that has a name."""
    for trade in book.trades:
        if trade.trade_id == name:
            return trade
    complain(*book.errors)
    known = ", ".join(trade.trade_id for trade in book.trades[:10])
    more = f" and {len(book) - 10} more" if len(book) > 10 else ""
    raise InputError(f"expected a trade among {known}{more}, found {name}", file=book.source)


def _as_json(trade: AbstractTrade, day: datetime.date | None, found: Timetable) -> str:
    content = {
        "schema": SCHEMA,
        "trade": trade.model_dump(mode="json", exclude_defaults=True) | {"kind": trade.kind},
        "valuation_date": day,
        **asdict(found),
    }
    return json.dumps(content, indent=1, default=str, allow_nan=False)


def _exchanged(trade: AbstractTrade) -> str:
    """What is exchanged for what."""
    floating = _plus(trade.index, trade.spread)
    if isinstance(trade, BasisSwapTrade):
        return f"{floating} against {_plus(trade.second_index, trade.second_spread)}"
    return f"{trade.strike:.4%}" + (f" against {floating}" if trade.floats else "")


def _plus(index: str, spread: float) -> str:
    return index + (f" plus {spread:.4%}" if spread else "")


def _print(trade: AbstractTrade, day: datetime.date | None, found: Timetable) -> None:
    seen = "" if day is None else f", seen from {day}"
    sold = "short " if trade.position == "short" else ""
    print(
        f"{trade.trade_id}: {sold}{trade.kind}, {trade.side} of {_exchanged(trade)}, "
        f"{trade.currency} {trade.notional:,.2f}{seen}"
    )
    if trade.premium is not None:
        print(f"premium: {trade.currency} {trade.premium:,.2f} on {trade.premium_date}")
    if found.exercises:
        names = ("exercise", "as given", "enters from", "fixed periods", "floating periods", "")
        shown = new_table(*names)
        for one in found.exercises:
            periods = (str(one.fixed_periods), str(one.floating_periods))
            shown.add_row(str(one.exercise), str(one.given), str(one.enters), *periods, one.state)
        console().print(shown)
        print(_RULE)
    shown = new_table(
        "leg", "", "start", "end", "accrual", "fixing", "payment", "notional", "rate", ""
    )
    for period in found.periods:
        shown.add_row(
            period.leg,
            str(period.number),
            str(period.start),
            str(period.end),
            f"{period.accrual:.6f}",
            "" if period.fixing is None else str(period.fixing),
            str(period.payment),
            f"{period.notional:,.2f}",
            "" if period.rate is None else f"{period.rate:.4%}",
            period.state,
        )
    console().print(shown)
