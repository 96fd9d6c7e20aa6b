"""Inline SVG in the colours of the page: words, and the frame around a drawing."""

from markupsafe import Markup


def words_at(x: float, y: float, words: str, anchor: str = "middle", kind: str = "label") -> Markup:
    """Words at a place; `anchor` says which part of them stands there, `kind` is their class in the style."""
    text = '<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>'
    return Markup(text).format(kind, f"{x:.1f}", f"{y:.1f}", anchor, words)


def line_from(x: float, y: float, to_x: float, to_y: float, kind: str) -> Markup:
    """A straight line."""
    line = '<line class="{}" x1="{}" x2="{}" y1="{}" y2="{}"/>'
    return Markup(line).format(kind, *(f"{at:.1f}" for at in (x, to_x, y, to_y)))


def picture(kind: str, name: str, width: float, height: float, parts: list[Markup]) -> Markup:
    """A drawing of a size in pixels, with the name that is read out in its place."""
    svg = (
        '<svg class="{}" viewBox="0 0 {} {}" style="width:{}px" role="img" aria-label="{}">{}</svg>'
    )
    sizes = (f"{width:.0f}", f"{height:.0f}", f"{width:.0f}")
    return Markup(svg).format(kind, *sizes, name, Markup("").join(parts))
