"""Drawings of the dossier as inline SVG, in the colours of the page."""

import math
from collections.abc import Iterable

import numpy as np
from jaxtyping import Float
from markupsafe import Markup

from neuralrates.certificates.dossier.classes import Classes
from neuralrates.certificates.dossier.numerals import in_basis_points, plain
from neuralrates.certificates.dossier.regions import HeatMap
from neuralrates.core.units import basis_point

_SHADE, _FAINTEST, _DEEPEST = "37, 99, 178", 0.05, 0.75
_CELL, _HEIGHT, _LEFT, _TOP, _BELOW = 64.0, 30.0, 76.0, 8.0, 44.0
_CURVE_WIDTH, _CURVE_HEIGHT = 480.0, 260.0
_MARGIN = (52.0, 12.0, 14.0, 40.0)
_SMALLEST_SHARE_SHOWN = 0.5


def heat_map_drawing(found: HeatMap) -> Markup:
    """A heat map: mean error in each cell, deeper where larger; what lies in a cell is said when it is pointed at."""
    rows, columns = found.mean.shape
    deepest = float(np.nanmax(found.mean))
    parts = []
    for row in range(rows):
        top = _TOP + (rows - 1 - row) * _HEIGHT
        middle = f"{top + 0.5 * _HEIGHT + 4.0:.0f}"
        parts.append(_text(_LEFT - 8.0, middle, plain(found.rows.middle[row]), "end"))
        for column in range(columns):
            left = _LEFT + column * _CELL
            parts.append(_cell(found, row, column, left, top, deepest))
    foot = _TOP + rows * _HEIGHT
    for column in range(columns):
        middle = _LEFT + (column + 0.5) * _CELL
        parts.append(_text(middle, f"{foot + 15.0:.0f}", plain(found.columns.middle[column])))
    width = _LEFT + columns * _CELL + 4.0
    parts.append(_text(_LEFT, f"{foot + 36.0:.0f}", f"across: {found.across}", "start", "title"))
    parts.append(_text(width - 4.0, f"{foot + 36.0:.0f}", f"up: {found.down}", "end", "title"))
    name = f"mean error over {found.across} and {found.down}"
    return _picture("map", name, width, foot + _BELOW, parts)


def exceedance_drawing(
    errors: Float[np.ndarray, "samples"], marks: Iterable[tuple[str, float]]
) -> Markup:
    """Share of the points whose error is larger than e, both axes logarithmic.

    Args:
        errors: per unit notional
        marks: names and sizes of errors at which a line stands
    """
    ordered = np.sort(errors[errors > 0.0])[::-1] / basis_point
    count = len(errors)
    if not len(ordered):
        return Markup("")
    low = math.floor(math.log10(ordered[int(_SMALLEST_SHARE_SHOWN * (len(ordered) - 1))]) - 0.5)
    high = math.ceil(math.log10(max(ordered[0], *(size / basis_point for _, size in marks))))
    high = max(high, low + 1)
    bottom = -math.ceil(math.log10(count))
    left, top, right, below = _MARGIN
    wide, tall = _CURVE_WIDTH - left - right, _CURVE_HEIGHT - top - below

    def across(size: float) -> float:
        return left + wide * (math.log10(size) - low) / (high - low)

    def down(share: float) -> float:
        return top + tall * math.log10(share) / bottom

    parts = _axes(low, high, bottom, across, down)
    shown = [(e, (k + 1) / count) for k, e in enumerate(ordered) if e > 10.0**low]
    points = " ".join(f"{across(e):.1f},{down(share):.1f}" for e, share in _thinned(shown))
    parts.append(Markup('<polyline class="curve" points="{}"/>').format(points))
    for number, (name, size) in enumerate(marks):
        x = f"{across(size / basis_point):.1f}"
        line = '<line class="mark" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>'
        parts.append(Markup(line).format(x, f"{top:.0f}", f"{top + tall:.0f}"))
        parts.append(_text(float(x) - 5.0, f"{top + 14.0 + 15.0 * number:.0f}", name, "end"))
    return _picture(
        "exceedance", "share of points beyond an error", _CURVE_WIDTH, _CURVE_HEIGHT, parts
    )


def _axes(low: int, high: int, bottom: int, across, down) -> list[Markup]:  # type: ignore[no-untyped-def]
    """Grid lines at powers of ten, and what they are."""
    left, top, right, below = _MARGIN
    foot, end = _CURVE_HEIGHT - below, _CURVE_WIDTH - right
    line = '<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>'
    parts = []
    for power in range(low, high + 1):
        x = f"{across(10.0**power):.1f}"
        parts.append(Markup(line).format(x, x, f"{top:.0f}", f"{foot:.0f}"))
        parts.append(_text(float(x), f"{foot + 15.0:.0f}", f"{10.0**power:g}"))
    for power in range(bottom, 1):
        y = f"{down(10.0**power):.1f}"
        parts.append(Markup(line).format(f"{left:.0f}", f"{end:.0f}", y, y))
        parts.append(_text(left - 6.0, f"{float(y) + 4.0:.1f}", f"{100.0 * 10.0**power:g}%", "end"))
    title = "error larger than, bp of notional"
    return [*parts, _text(end, f"{foot + 32.0:.0f}", title, "end", "title")]


def _thinned(curve: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Points of a curve of which no two neighbours look the same; the rare ones all."""
    kept: list[tuple[float, float]] = []
    for error, share in curve:
        if not kept or share > 1.02 * kept[-1][1]:
            kept.append((error, share))
    return kept


def _cell(found: HeatMap, row: int, column: int, left: float, top: float, deepest: float) -> Markup:
    count, mean = int(found.count[row, column]), float(found.mean[row, column])
    box = (f"{left + 1.0:.0f}", f"{top + 1.0:.0f}", f"{_CELL - 2.0:.0f}", f"{_HEIGHT - 2.0:.0f}")
    if not count:
        empty = '<rect class="empty" x="{}" y="{}" width="{}" height="{}"><title>no points</title></rect>'
        return Markup(empty).format(*box)
    depth = _FAINTEST + (_DEEPEST - _FAINTEST) * (mean / deepest if deepest > 0.0 else 0.0)
    largest = in_basis_points(float(found.largest[row, column]))
    ranges = f"{_span(found.columns, column)} by {_span(found.rows, row)}"
    said = f"{ranges}: {count} points, mean {in_basis_points(mean)} bp, largest {largest} bp"
    rect = '<rect x="{}" y="{}" width="{}" height="{}" fill="rgba({}, {})"><title>{}</title></rect>'
    drawn = Markup(rect).format(*box, _SHADE, f"{depth:.2f}", said)
    middle = (left + 0.5 * _CELL, f"{top + 0.5 * _HEIGHT + 4.0:.0f}")
    return drawn + _text(*middle, in_basis_points(mean), "middle", "value")


def _span(sorted_in: Classes, which: int) -> str:
    first, last = plain(sorted_in.low[which]), plain(sorted_in.high[which])
    return first if first == last else f"{first} to {last}"


def _text(x: float, y: str, words: str, anchor: str = "middle", kind: str = "label") -> Markup:
    text = '<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>'
    return Markup(text).format(kind, f"{x:.0f}", y, anchor, words)


def _picture(kind: str, name: str, width: float, height: float, parts: list[Markup]) -> Markup:
    svg = (
        '<svg class="{}" viewBox="0 0 {} {}" style="width:{}px" role="img" aria-label="{}">{}</svg>'
    )
    sizes = (f"{width:.0f}", f"{height:.0f}", f"{width:.0f}")
    return Markup(svg).format(kind, *sizes, name, Markup("").join(parts))
