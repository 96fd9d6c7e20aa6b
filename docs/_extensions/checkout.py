"""Links out of this folder: the README is the front page of the site, a study's README a page of it."""

import re

from sphinx.application import Sphinx

_STUDY = re.compile(r"\]\(\.\./studies/(\w+)/README\.md\)")


def _links(app: Sphinx, name: str, source: list[str]) -> None:
    source[0] = _STUDY.sub(r"](studies/\1.md)", source[0]).replace("](../README.md)", "](index.md)")


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to the pages as they are read."""
    app.connect("source-read", _links)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
