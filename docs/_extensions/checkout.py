"""Links out of this folder: the README is the front page of the site, a study's README a page of it, dossiers go with it."""

import re
import shutil
from pathlib import Path

from sphinx.application import Sphinx

_STUDY = re.compile(r"\]\(\.\./studies/(\w+)/README\.md\)")
_DOSSIER = re.compile(r"\[([^\]]*)\]\(dossiers/(\w+)\.html\)")


def _links(app: Sphinx, name: str, source: list[str]) -> None:
    source[0] = _DOSSIER.sub(r'<a href="dossiers/\2.html">\1</a>', source[0])
    source[0] = _STUDY.sub(r"](studies/\1.md)", source[0]).replace("](../README.md)", "](index.md)")


def _dossiers(app: Sphinx, error: Exception | None) -> None:
    """Pages that are whole by themselves, beside those of the site."""
    if error is None:
        pages = Path(app.srcdir) / "dossiers"
        shutil.copytree(pages, Path(app.outdir) / "dossiers", dirs_exist_ok=True)


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to the pages as they are read."""
    app.connect("source-read", _links)
    app.connect("build-finished", _dossiers)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
