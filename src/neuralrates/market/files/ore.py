"""Market files in ORE's quote format."""

import dataclasses
import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neuralrates.core.errors import InputError, NeuralratesError
from neuralrates.market.bootstrapping.duplicates import settle
from neuralrates.market.bootstrapping.quotes import Quote
from neuralrates.market.files.ore_layouts import LAYOUTS, Layout, Pattern
from neuralrates.market.files.ore_lines import Line, read_lines
from neuralrates.market.files.ore_unread import curve_lines, unread_families, unread_notes
from neuralrates.market.files.ore_volatilities import cap_entry, swaption_entry
from neuralrates.market.files.schema import VERSION

Notes = dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class OreQuotes:
    """What a file of ORE quotes says.

    Args:
        content: entries of schema version 1
        notes: by currency, what was decided and not read
        general_notes: what was not read of other currencies and asset classes
        unread: how many quotes were not read
    """

    content: dict
    notes: Notes
    general_notes: tuple[str, ...]
    unread: int


def read_ore(
    text: str, file: str | Path, currency: str | None = None, date: datetime.date | None = None
) -> OreQuotes:
    """Entries of a market file from ORE's quotes.

    Where a currency has several standards in the file, the first complete one of `LAYOUTS` is used: SOFR before federal
    funds with LIBOR. A key's first tenor says nothing about conventions (as in ORE): the index does. A future's month is that
    in which its reference quarter ends. Contradictory quotes are settled by `duplicates.settle`.

    Args:
        text: content
        file: its name, for messages
        currency: ISO code; all complete currencies when not given
        date: which of several dates

    Returns:
        Entries of schema version 1, and notes on what was decided and what was not read.

    Raises:
        InputError: naming file and line, or the quotes that are missing
    """
    date, lines = read_lines(text, file, date)
    currencies: dict[str, dict] = {}
    notes: Notes = {}
    missing = []
    taken: set[int] = set()
    for layout in LAYOUTS:
        if layout.currency in currencies or currency not in (None, layout.currency):
            continue
        found = {index: _quotes(lines, index, keys, file) for index, keys in layout.curves}
        layout, quotes = _with_curves(layout, found)
        gaps = _gaps(layout, quotes)
        if gaps:
            missing.append(f"{layout.currency} lacks {gaps}")
            continue
        entry, notes[layout.currency] = _currency(date, layout, quotes, file)
        volatilities, used = _volatilities(lines, layout, file)
        currencies[layout.currency] = entry | volatilities
        taken |= curve_lines(lines, layout) | used
    if not currencies:
        reasons = "; ".join(missing) or f"unknown currency {currency!r}"
        raise InputError(f"expected a currency with complete quotes, but {reasons}", file=file)
    content = {"schema": VERSION, "valuation_date": date.isoformat(), "currencies": currencies}
    unread = unread_families(lines, taken, currency)
    for code in currencies:
        notes[code] += unread_notes(unread.pop(code, Counter()))
    general = [
        f"{where}, {line}" for where in sorted(unread) for line in unread_notes(unread[where])
    ]
    count = sum(1 for line in lines if line.number not in taken)
    return OreQuotes(content, notes, tuple(general), count)


def _quotes(
    lines: Sequence[Line], index: str, patterns: Sequence[Pattern], file: str | Path
) -> list[Quote]:
    quotes = []
    for line in lines:
        for pattern in patterns:
            match = pattern.expression.fullmatch(line.key)
            if match is None:
                continue
            try:
                start = _start(match.groupdict())
                given = (match["tenor"], line.value, start)
                pair = (pattern.against, pattern.spread_on)
                quotes.append(Quote(pattern.kind, index, *given, 0.0, *pair))
            except ValueError as problem:
                message = f"{line.key}: {problem}"
                raise InputError(message, file=file, line=line.number) from None
    return quotes


def _start(groups: dict[str, str]) -> str:
    """Start of a FRA as given; first month of a three-month future from its last."""
    if "end" not in groups:
        return groups.get("start", "")
    year, month = map(int, groups["end"].split("-"))
    months = 12 * year + month - 1 - 3
    return f"{months // 12}-{months % 12 + 1:02d}"


def _with_curves(layout: Layout, found: dict[str, list[Quote]]) -> tuple[Layout, list[list[Quote]]]:
    """The layout with those of its further curves that have swaps or basis swaps, and the quotes of all curves."""

    def is_built(index: str) -> bool:
        return any(quote.kind in ("swap", "basis") for quote in found[index])

    own = tuple(curve for curve in layout.further if is_built(curve[0]))
    layout = dataclasses.replace(layout, further=own)
    return layout, [found[index] for index, _ in layout.curves]


def _gaps(layout: Layout, quotes: Sequence[Sequence[Quote]]) -> str:
    """What is missing for a complete set of curves; empty when nothing is."""
    needed = {"ois": layout.discount_index, "swap": layout.projection_index}
    found = {quote.kind for curve in quotes for quote in curve}
    return " and ".join(
        f"{kind} quotes of {index}" for kind, index in needed.items() if index and kind not in found
    )


def _currency(
    date: datetime.date, layout: Layout, quotes: Sequence[Sequence[Quote]], file: str | Path
) -> tuple[dict, tuple[str, ...]]:
    try:
        others = [quote for several in quotes[1:] for quote in several]
        discount, projection, notes = settle(date, quotes[0], others)
    except NeuralratesError as problem:
        raise InputError(f"{layout.currency}: {problem}", file=file) from None
    entry: dict[str, Any] = {"discount": _curve(layout.discount_index, discount)}
    by_index = {
        quote.index: [q for q in projection if q.index == quote.index] for quote in projection
    }
    curves = [_curve(index, by_index[index]) for index, _ in layout.curves[1:] if index in by_index]
    if curves:
        entry["projection"] = curves if curves[1:] else curves[0]
    return entry, notes


def _curve(index: str, quotes: Sequence[Quote]) -> dict:
    names = ("kind", "tenor", "value", "start", "against", "spread_on")
    return {
        "index": index,
        "quotes": [{name: getattr(quote, name) for name in names} for quote in quotes],
    }


def _volatilities(
    lines: Sequence[Line], layout: Layout, file: str | Path
) -> tuple[dict, frozenset[int]]:
    """Entries of the volatilities that there are, and the numbers of the lines that they are made of."""
    found = {
        "swaption_volatility": swaption_entry(lines, layout, file),
        "cap_volatility": cap_entry(lines, layout, file),
    }
    entries = {name: one.entry for name, one in found.items() if one.entry is not None}
    return entries, frozenset().union(*(one.used for one in found.values()))
