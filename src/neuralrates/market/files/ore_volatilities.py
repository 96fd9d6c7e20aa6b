"""Volatility matrices from the keys of ORE's quote format."""

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from neuralrates.core.errors import InputError
from neuralrates.market.bootstrapping.quotes import check_tenor, tenor_years
from neuralrates.market.files.ore_layouts import Layout
from neuralrates.market.files.ore_lines import Line
from neuralrates.market.volatility.swaption_volatility import QuoteType, check_volatility

_Point = tuple[Any, ...]
_Found = dict[_Point, Line]


class Volatilities(NamedTuple):
    """What a file holds of one kind of volatility.

    Args:
        entry: of the market file; None where there is nothing
        used: numbers of the lines that it was made of, repeated ones included
    """

    entry: dict | None
    used: frozenset[int]


def swaption_entry(lines: Sequence[Line], layout: Layout, file: str | Path) -> Volatilities:
    """Entry of the swaption volatilities: normal ones, or else shifted lognormal, or else lognormal ones.

    Raises:
        InputError: for a hole, a missing shift, or a point quoted twice with different values
    """
    kinds: tuple[tuple[QuoteType, re.Pattern[str]], ...] = (
        ("normal", layout.normal_swaptions),
        ("shifted_lognormal", layout.shifted_swaptions),
        ("lognormal", layout.lognormal_swaptions),
    )
    for kind, pattern in kinds:
        points = _points(lines, pattern, _swaption_point, file, kind)
        at_the_money = {point[1:]: line for point, line in points.items() if point[0] is None}
        if at_the_money:
            smile = {point: line for point, line in points.items() if point[0] is not None}
            entry, used = _matrix(kind, at_the_money, smile, file), _used(lines, pattern)
            if kind != "shifted_lognormal":
                return Volatilities(entry, used)
            shifts = _points(lines, layout.shifts, _shift_point, file)
            entry["shift"] = [_value(shifts, (t,), file, "shift") for t in entry["tenors"]]
            return Volatilities(entry, used | _used(lines, layout.shifts))
    return Volatilities(None, frozenset())


def cap_entry(lines: Sequence[Line], layout: Layout, file: str | Path) -> Volatilities:
    """Entry of the cap volatilities, where there are normal ones."""
    points = _points(lines, layout.caps, _cap_point, file, "normal")
    if not points:
        return Volatilities(None, frozenset())
    terms, strikes = _axis(points, 0, tenor_years), _axis(points, 1, float)
    table = [[_value(points, (term, strike), file) for strike in strikes] for term in terms]
    entry = {"terms": terms, "strikes": strikes, "volatilities": table}
    return Volatilities(entry, _used(lines, layout.caps))


def _used(lines: Sequence[Line], pattern: re.Pattern[str]) -> frozenset[int]:
    return frozenset(line.number for line in lines if pattern.fullmatch(line.key))


def _matrix(kind: str, at_the_money: _Found, smile: _Found, file: str | Path) -> dict:
    expiries, tenors = _axis(at_the_money, 0, tenor_years), _axis(at_the_money, 1, tenor_years)
    entry = {
        "type": kind,
        "expiries": expiries,
        "tenors": tenors,
        "volatilities": [[_value(at_the_money, (e, t), file) for t in tenors] for e in expiries],
    }
    return entry | ({"smile": _smile(smile, file)} if smile else {})


def _smile(points: _Found, file: str | Path) -> dict:
    offsets = _axis(points, 0, float)
    expiries, tenors = _axis(points, 1, tenor_years), _axis(points, 2, tenor_years)
    table = [[[_value(points, (o, e, t), file) for t in tenors] for e in expiries] for o in offsets]
    return {"offsets": offsets, "expiries": expiries, "tenors": tenors, "volatilities": table}


def _swaption_point(match: re.Match[str]) -> _Point:
    for name in ("expiry", "tenor"):
        check_tenor(name, match[name])
    offset = match["offset"]
    return (None if offset is None else float(offset), match["expiry"], match["tenor"])


def _shift_point(match: re.Match[str]) -> _Point:
    check_tenor("tenor", match["tenor"])
    return (match["tenor"],)


def _cap_point(match: re.Match[str]) -> _Point:
    check_tenor("term", match["term"])
    return (match["term"], float(match["strike"]))


def _points(
    lines: Iterable[Line],
    pattern: re.Pattern[str],
    point: Callable[[re.Match[str]], _Point],
    file: str | Path,
    volatility: QuoteType | None = None,
) -> _Found:
    """Quotes by what they are of; each is checked by itself where it is a volatility."""
    found: _Found = {}
    for line in lines:
        match = pattern.fullmatch(line.key)
        if match is None:
            continue
        try:
            earlier = found.setdefault(point(match), line)
            if volatility is not None:
                check_volatility("volatility", line.value, volatility)
        except ValueError as problem:
            message = f"{line.key}: {problem}"
            raise InputError(message, file=file, line=line.number) from None
        if earlier.value != line.value:
            message = f"{line.key} is quoted with another value in line {earlier.number}"
            raise InputError(message, file=file, line=line.number)
    return found


def _axis(points: _Found, place: int, size: Callable[[Any], float]) -> list:
    """Distinct coordinates in increasing order; of equally long tenors (12M, 1Y) one remains a hole."""
    return sorted({point[place] for point in points}, key=size)


def _value(points: _Found, point: _Point, file: str | Path, what: str = "volatility") -> float:
    if point not in points:
        where = " x ".join(map(str, point))
        raise InputError(f"expected a {what} at {where}, found a hole", file=file)
    return points[point].value
