"""The market of a command: read, its warnings printed, and how much of its file is not used."""

import datetime
from pathlib import Path

from neuralrates.cli.outcome import note, warn
from neuralrates.core.errors import InputError
from neuralrates.market.files.market_file import load
from neuralrates.market.market import Market


def read_market(path: Path, date: str = "") -> Market:
    """The market of a file; slips, and the count of quotes left out, are lines on standard error.

    Args:
        path: file name
        date: which of several dates of the file, in ISO form

    Returns:
        The market.
    """
    market = load(path, _date(date))
    warn(*market.warnings)
    if line := _left_out(market):
        note(f"{line}; neuralrates calibrate --curves --market {path} names them")
    return market


def _date(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text) if text else None
    except ValueError:
        message = f"expected a date such as 2024-03-19, found {text!r}"
        raise InputError(message, column="--date") from None


def _left_out(market: Market) -> str:
    unused = sum(len(one.curves.unused) for one in market.currencies.values())
    parts = [f"{unused} quotes build no curve"] if unused else []
    parts += [f"{market.source.unread} quotes of the file are not read"] * bool(
        market.source.unread
    )
    return ", ".join(parts)
