"""Lines of ORE's quote format: date, key and value, separated by spaces or commas."""

import datetime
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from neuralrates.core.errors import InputError

_SEPARATOR = re.compile(r"[,;\s]+")
_FEW = 10
_DATE = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)")


@dataclass(frozen=True)
class Line:
    """One quote of the file.

    Args:
        number: line number, counted from 1
        key: what is quoted
        value: its value
    """

    number: int
    key: str
    value: float


def read_lines(
    text: str, file: str | Path, date: datetime.date | None = None
) -> tuple[datetime.date, list[Line]]:
    """A date of a file, and its quotes; blank lines and lines that begin with `#` are comments.

    Args:
        text: content
        file: its name, for messages
        date: which date to take; the only one where not given

    Returns:
        Date, and quotes in order.

    Raises:
        InputError: naming the first malformed line, or the dates to choose from
    """
    lines: dict[datetime.date, list[Line]] = {}
    for number, raw in enumerate(text.split("\n"), start=1):
        if not raw or raw.isspace() or raw.lstrip().startswith("#"):
            continue
        try:
            day, line = read_line(raw, number)
        except ValueError as problem:
            raise InputError(str(problem), file=file, line=number) from None
        lines.setdefault(day, []).append(line)
    if not lines:
        raise InputError("expected lines of date, key and value, found none", file=file)
    chosen = _chosen(sorted(lines), date, file)
    return chosen, lines[chosen]


def _chosen(
    days: Sequence[datetime.date], date: datetime.date | None, file: str | Path
) -> datetime.date:
    found = ", ".join(map(str, days[:_FEW])) + (
        f" and {len(days) - _FEW} more" * (len(days) > _FEW)
    )
    if date is None and len(days) > 1:
        message = f"expected one date, or a choice of one (--date), found {len(days)}: {found}"
        raise InputError(message, file=file)
    if date is not None and date not in days:
        raise InputError(f"expected quotes of {date}, found those of {found}", file=file)
    return date or days[0]


def read_line(raw: str, number: int) -> tuple[datetime.date, Line]:
    """Date and quote of one line; a ValueError says what was expected."""
    parts = _SEPARATOR.split(raw.strip())
    if len(parts) != 3:
        raise ValueError(f"expected date, key and value, found {len(parts)} columns")
    return _date(parts[0]), Line(number, parts[1], _number(parts[2]))


def _date(text: str) -> datetime.date:
    match = _DATE.fullmatch(text)
    try:
        return datetime.date(*map(int, match.groups() if match else ()))
    except (TypeError, ValueError):
        raise ValueError(f"expected a date (2024-03-19 or 20240319), found {text!r}") from None


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"expected a finite number, found {text!r}")
    return value
