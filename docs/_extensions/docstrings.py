"""Docstrings as this house writes them, made into what Sphinx reads.

Code stands in single backticks, formulas in dollars, a section's text may begin on the line of its name, and what would be
markup elsewhere (a bar, a star, an underscore at the end of a word) is meant as it is.
"""

import itertools
import re
from collections.abc import Iterator
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.logging import getLogger

_LOG = getLogger(__name__)
SECTIONS = ("Source", "Measure")
_PIECES = re.compile(r"(``[^`]+``|`[^`]+`|\$[^$]+\$)")
_MARKUP = re.compile(r"([\\*|]|(?<=\w)_(?!\w))")
_SECTION = re.compile(rf"^({'|'.join(SECTIONS)}): *(\S.*(?:\n.*\S.*)*)", re.MULTILINE)


def rewritten(lines: list[str]) -> list[str]:
    """Lines of a docstring with its prose escaped and sections on lines of their own; examples stay as they are."""
    result: list[str] = []
    for is_example, group in itertools.groupby(_marked(lines), key=lambda pair: pair[0]):
        text = "\n".join(line for _, line in group)
        result += (text if is_example else _sections(_prose(text))).split("\n")
    return result


def _marked(lines: list[str]) -> Iterator[tuple[bool, str]]:
    """Lines, and whether they belong to an example."""
    example = False
    for line in lines:
        example = line.lstrip().startswith(">>>") or (example and bool(line.strip()))
        yield example, line


def _prose(text: str) -> str:
    """Prose with its code and formulas marked, and all else escaped."""
    return "".join(map(_piece, _PIECES.split(text)))


def _piece(piece: str) -> str:
    if piece.startswith("``"):
        return piece
    if len(piece) > 2 and piece[0] == piece[-1] == "`":
        return f"`{piece}`"
    if len(piece) > 2 and piece[0] == piece[-1] == "$":
        return f":math:`{' '.join(piece[1:-1].split())}`"
    return _MARKUP.sub(r"\\\1", piece)


def _sections(text: str) -> str:
    """The text of a section that begins beside its name, indented below it."""
    return _SECTION.sub(lambda m: f"{m[1]}:\n    " + m[2].replace("\n", "\n    "), text)


def _rewrite(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    lines[:] = rewritten(lines)


def _skip(app: Sphinx, what: str, name: str, thing: Any, skip: bool, options: Any) -> bool | None:
    """Leave out of a room's page what another room documents as its own."""
    if what != "module" or not getattr(thing, "__module__", "").startswith("neuralrates."):
        return None
    room = app.env.current_document.docname.rpartition("/")[2]
    own = thing.__module__.split(".")[1]
    return True if own != room and name in _public(own) else None


def _load(app: Sphinx) -> None:
    """Import every room before autodoc reads one: it changes the annotations of a model's bases, pydantic's own among them,
    and a model that is defined after that has none that pydantic accepts."""
    import neuralrates

    for room in neuralrates._ROOMS:
        for name in _public(room):
            getattr(getattr(neuralrates, room), name)


def _complete(app: Sphinx, environment: BuildEnvironment) -> None:
    """Warn of public names that no room's page documents."""
    import neuralrates

    shown = {name for name, *_ in environment.get_domain("py").get_objects()}
    for room in neuralrates._ROOMS:
        for name in _public(room):
            thing = getattr(getattr(neuralrates, room), name)
            own = getattr(thing, "__module__", "").split(".")
            homes = {room, *own[1:2]}
            if not shown & {f"neuralrates.{home}.{name}" for home in homes}:
                _LOG.warning("nothing documents neuralrates.%s.%s", room, name)


def _public(room: str) -> list[str]:
    import neuralrates

    return getattr(getattr(neuralrates, room), "__all__", [])


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect before napoleon, which makes sections of what comes out."""
    app.connect("builder-inited", _load)
    app.connect("autodoc-process-docstring", _rewrite, priority=400)
    app.connect("autodoc-skip-member", _skip)
    app.connect("env-check-consistency", _complete)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
