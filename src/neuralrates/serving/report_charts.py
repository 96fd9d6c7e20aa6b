"""Small drawings for the report: bars as inline SVG, shades for tables of numbers."""

from collections.abc import Mapping

from markupsafe import Markup

_HEIGHT, _BAR, _GAP = 30.0, 7.0, 2.0
_WIDEST = 170.0
_UP, _DOWN = "37, 99, 178", "190, 75, 35"


def probability_bars(probabilities: Mapping[str, float]) -> Markup:
    """Bars of exercise probabilities in the order of their dates; each names its date and value when pointed at.

    Args:
        probabilities: ISO date to probability

    Returns:
        SVG, as high as a line of the table.
    """
    count = len(probabilities)
    pitch = min(_BAR + _GAP, _WIDEST / count)
    top = max(*probabilities.values(), 1e-12)
    bars = [
        _bar(place * pitch, pitch - min(_GAP, 0.25 * pitch), chance / top, f"{date}: {chance:.1%}")
        for place, (date, chance) in enumerate(probabilities.items())
    ]
    return Markup(
        '<svg class="bars" width="{}" height="{}" role="img" aria-label="exercise probabilities">{}</svg>'
    ).format(f"{count * pitch:.1f}", f"{_HEIGHT:.0f}", Markup("").join(bars))


def _bar(left: float, width: float, share: float, title: str) -> Markup:
    height = max(1.0, share * _HEIGHT)
    return Markup('<rect x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>').format(
        f"{left:.1f}", f"{_HEIGHT - height:.1f}", f"{width:.1f}", f"{height:.1f}", title
    )


def shade(value: float, largest: float) -> str:
    """Background of a number: blue above zero, rust below, deeper where larger."""
    if not largest > 0.0 or value != value:
        return "transparent"
    depth = 0.06 + 0.6 * min(abs(value) / largest, 1.0) if value else 0.0
    return f"rgba({_UP if value > 0.0 else _DOWN}, {depth:.2f})"
