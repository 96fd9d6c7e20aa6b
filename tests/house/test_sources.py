"""Every author and year that a docstring cites has a full reference in docs/sources.md."""

import ast
import re
from pathlib import Path

_PARAGRAPH = re.compile(r"Source: (.*?)(?:\n\s*\n|\Z)", re.DOTALL)
_AUTHOR = re.compile(r"([A-Z][\w-]+)[^();]*?\((\d{4})\)")


def _citations(source: Path) -> set[tuple[str, str]]:
    tree = ast.parse(source.read_text(encoding="utf-8"))
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = [ast.get_docstring(n) or "" for n in ast.walk(tree) if isinstance(n, kinds)]
    return {
        found
        for docstring in docstrings
        for paragraph in _PARAGRAPH.findall(docstring)
        for found in _AUTHOR.findall(paragraph)
    }


def test_every_citation_has_its_reference(root: Path) -> None:
    entries = (root / "docs" / "sources.md").read_text(encoding="utf-8").split("\n- ")
    missing = {
        f"{source.name}: {author} ({year})"
        for source in (root / "src").rglob("*.py")
        for author, year in _citations(source)
        if not any(author in entry and year in entry for entry in entries)
    }
    assert not missing, f"add to docs/sources.md: {sorted(missing)}"
