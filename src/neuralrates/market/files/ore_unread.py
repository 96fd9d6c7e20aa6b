"""Quotes of a file that nothing reads, counted by what their keys begin with."""

import re
from collections import Counter
from collections.abc import Collection, Sequence

from neuralrates.market.files.ore_layouts import Layout
from neuralrates.market.files.ore_lines import Line

_CODE = re.compile(r"[A-Z]{3}")
_NO_CURRENCY = ("COMMODITY", "CORRELATION", "EQUITY", "RATING", "SEASONALITY")
_OTHERS = "without a currency"


def curve_lines(lines: Sequence[Line], layout: Layout) -> set[int]:
    """Numbers of the lines that a currency's curves are made of.

    Args:
        lines: all quotes
        layout: keys of the currency

    Returns:
        Line numbers.
    """
    expressions = [pattern.expression for _, patterns in layout.curves for pattern in patterns]
    return {line.number for line in lines if any(e.fullmatch(line.key) for e in expressions)}


def unread_families(
    lines: Sequence[Line], taken: Collection[int], currency: str | None = None
) -> dict[str, Counter[str]]:
    """Counts of quotes that were not taken, by currency and by instrument and unit, such as `SWAPTION/RATE_SLNVOL`.

    Args:
        lines: all quotes
        taken: numbers of those that were read
        currency: the only one that was asked for, if so

    Returns:
        Counts; quotes whose keys name no currency are under one name of their own.
    """
    found: dict[str, Counter[str]] = {}
    for line in lines:
        parts = line.key.split("/")
        code = _OTHERS if parts[0].startswith(_NO_CURRENCY) else _currency(parts)
        if line.number not in taken and currency in (None, code):
            found.setdefault(code, Counter())["/".join(parts[:2])] += 1
    return found


def unread_notes(families: Counter[str]) -> tuple[str, ...]:
    """One line per currency, with the count of every family."""
    if not families:
        return ()
    named = ", ".join(f"{family} {count}" for family, count in sorted(families.items()))
    return (f"not read: {families.total()} quotes ({named})",)


def _currency(parts: Sequence[str]) -> str:
    return next(filter(_CODE.fullmatch, parts[2:]), _OTHERS)
