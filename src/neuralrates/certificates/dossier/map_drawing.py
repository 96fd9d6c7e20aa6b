"""A heat map as a drawing: mean error in each cell, deeper where larger."""

import numpy as np
from markupsafe import Markup

from neuralrates.certificates.dossier.classes import Classes
from neuralrates.certificates.dossier.numerals import in_basis_points, plain
from neuralrates.certificates.dossier.regions import HeatMap
from neuralrates.certificates.dossier.svg import picture, words_at

_SHADE, _FAINTEST, _DEEPEST = "37, 99, 178", 0.05, 0.75
_CELL, _HEIGHT, _LEFT, _TOP, _BELOW = 55.0, 30.0, 72.0, 8.0, 44.0
_DOWN_TO_MIDDLE = 0.5 * _HEIGHT + 4.0


def heat_map_drawing(found: HeatMap) -> Markup:
    """A heat map; rows and columns are named by their medians, and a cell says what lies in it when it is pointed at."""
    rows, columns = found.mean.shape
    deepest = float(np.nanmax(found.mean))
    parts = []
    for row in range(rows):
        top = _TOP + (rows - 1 - row) * _HEIGHT
        parts.append(
            words_at(_LEFT - 8.0, top + _DOWN_TO_MIDDLE, plain(found.rows.middle[row]), "end")
        )
        parts += [_cell(found, row, column, top, deepest) for column in range(columns)]
    foot, width = _TOP + rows * _HEIGHT, _LEFT + columns * _CELL + 4.0
    for column, middle in enumerate(found.columns.middle):
        parts.append(words_at(_LEFT + (column + 0.5) * _CELL, foot + 15.0, plain(middle)))
    parts.append(words_at(_LEFT, foot + 36.0, f"across: {found.across}", "start", "title"))
    parts.append(words_at(width - 4.0, foot + 36.0, f"up: {found.down}", "end", "title"))
    name = f"mean error over {found.across} and {found.down}"
    return picture("map", name, width, foot + _BELOW, parts)


def _cell(found: HeatMap, row: int, column: int, top: float, deepest: float) -> Markup:
    count, mean = int(found.count[row, column]), float(found.mean[row, column])
    left = _LEFT + column * _CELL
    box = [f"{size:.0f}" for size in (left + 1.0, top + 1.0, _CELL - 2.0, _HEIGHT - 2.0)]
    if not count:
        empty = '<rect class="empty" x="{}" y="{}" width="{}" height="{}"><title>no points</title></rect>'
        return Markup(empty).format(*box)
    depth = _FAINTEST + (_DEEPEST - _FAINTEST) * (mean / deepest if deepest > 0.0 else 0.0)
    ranges = f"{_span(found.columns, column)} by {_span(found.rows, row)}"
    sizes = [in_basis_points(size) for size in (mean, float(found.largest[row, column]))]
    said = f"{ranges}: {count} points, mean {sizes[0]} bp, largest {sizes[1]} bp"
    rect = '<rect x="{}" y="{}" width="{}" height="{}" fill="rgba({}, {})"><title>{}</title></rect>'
    drawn = Markup(rect).format(*box, _SHADE, f"{depth:.2f}", said)
    return drawn + words_at(left + 0.5 * _CELL, top + _DOWN_TO_MIDDLE, sizes[0], "middle", "value")


def _span(sorted_in: Classes, which: int) -> str:
    first, last = plain(sorted_in.low[which]), plain(sorted_in.high[which])
    return first if first == last else f"{first} to {last}"
