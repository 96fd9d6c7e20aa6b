"""The tail of the errors as a drawing: which share of the points is off by more than e."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from markupsafe import Markup

from neuralrates.certificates.dossier.svg import line_from, picture, words_at
from neuralrates.core.units import basis_point

_WIDTH, _HEIGHT = 480.0, 260.0
_LEFT, _TOP, _RIGHT, _BELOW = 52.0, 12.0, 14.0, 40.0
_FOOT, _END = _HEIGHT - _BELOW, _WIDTH - _RIGHT
_STEP = 1.02
"""Ratio of shares below which two points of the curve look the same."""


@dataclass(frozen=True)
class _Axes:
    """Powers of ten: smallest and largest error in basis points, and smallest share."""

    low: int
    high: int
    rarest: int

    def across(self, error: float) -> float:
        return _LEFT + (_END - _LEFT) * (math.log10(error) - self.low) / (self.high - self.low)

    def down(self, share: float) -> float:
        return _TOP + (_FOOT - _TOP) * math.log10(share) / self.rarest

    def drawn(self) -> list[Markup]:
        """Lines at powers of ten, and what they are."""
        parts = []
        for power in range(self.low, self.high + 1):
            x = self.across(10.0**power)
            parts.append(line_from(x, _TOP, x, _FOOT, "grid"))
            parts.append(words_at(x, _FOOT + 15.0, f"{10.0**power:g}"))
        for power in range(self.rarest, 1):
            y = self.down(10.0**power)
            parts.append(line_from(_LEFT, y, _END, y, "grid"))
            parts.append(words_at(_LEFT - 6.0, y + 4.0, f"{100.0 * 10.0**power:g}%", "end"))
        title = "error larger than, bp of notional"
        return [*parts, words_at(_END, _FOOT + 32.0, title, "end", "title")]


def exceedance_drawing(
    errors: Float[np.ndarray, "samples"], marks: Sequence[tuple[str, float]]
) -> Markup:
    """Share of the points whose error is larger than e, both axes logarithmic; nothing where all errors are zero.

    Args:
        errors: per unit notional
        marks: names and sizes of errors at which a line stands
    """
    ordered = np.sort(errors[errors > 0.0])[::-1] / basis_point
    if not len(ordered):
        return Markup("")
    axes = _axes(ordered, [size / basis_point for _, size in marks], len(errors))
    shares = [(error, (k + 1) / len(errors)) for k, error in enumerate(ordered)]
    curve = _thinned([point for point in shares if point[0] > 10.0**axes.low])
    points = " ".join(f"{axes.across(error):.1f},{axes.down(share):.1f}" for error, share in curve)
    parts = [*axes.drawn(), Markup('<polyline class="curve" points="{}"/>').format(points)]
    for number, (name, size) in enumerate(marks):
        x = axes.across(size / basis_point)
        parts.append(line_from(x, _TOP, x, _FOOT, "mark"))
        parts.append(words_at(x - 5.0, _TOP + 14.0 + 15.0 * number, name, "end"))
    return picture("exceedance", "share of points beyond an error", _WIDTH, _HEIGHT, parts)


def _axes(ordered: Float[np.ndarray, "errors"], marks: list[float], count: int) -> _Axes:
    """Axes from below the median and every mark to above everything."""
    middle = 10.0**-0.5 * float(np.median(ordered))
    low = math.floor(math.log10(min(middle, *marks)))
    high = math.ceil(math.log10(max(float(ordered[0]), *marks)))
    return _Axes(low, max(high, low + 1), -math.ceil(math.log10(count)))


def _thinned(curve: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Points of a curve of which no two neighbours look the same; the rare ones all."""
    kept: list[tuple[float, float]] = []
    for error, share in curve:
        if not kept or share > _STEP * kept[-1][1]:
            kept.append((error, share))
    return kept
