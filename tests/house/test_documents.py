"""Everything shown to a reader runs: python blocks in order, console sessions where they are marked as checked.

A `text` block right after a python block shows what it prints; `...` stands for anything.
"""

import contextlib
import doctest
import io
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from house.documents import Block, blocks, sessions

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)


def _assert_output(got: str, shown: str, where: str) -> None:
    same = doctest.OutputChecker().check_output(shown, got, FLAGS)
    assert same, f"{where} shows\n{shown}\nbut the output is\n{got}"


def _run(block: Block, names: dict[str, object], page: Path) -> str:
    code = compile("\n" * block.line + block.code, str(page), "exec")
    with contextlib.redirect_stdout(io.StringIO()) as output:
        exec(code, names)
    return output.getvalue()


@each_page
def test_python_blocks_run(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {"__name__": page.stem}
    found = blocks(page)
    for position, block in enumerate(found):
        if block.language == "python" and block.mark != "not run":
            output = _run(block, names, page)
            for shown in found[position + 1 : position + 2]:
                if shown.language == "text":
                    _assert_output(output, shown.code, f"{page.name}:{shown.line}")


@each_page
def test_checked_sessions_show_what_is_printed(page: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1"}
    environment |= {"XLA_FLAGS": "", "JAX_DISABLE_MOST_OPTIMIZATIONS": "0"}  # as readers compile
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    for block in blocks(page):
        if block.language != "console" or block.mark != "checked":
            continue
        for command, shown in sessions(block.code):
            run = subprocess.run(
                shlex.split(command), cwd=tmp_path, env=environment, capture_output=True, text=True
            )
            assert run.returncode == 0, f"{command}\n{run.stderr}"
            _assert_output(run.stdout, shown, f"{page.name}:{block.line} `{command}`")


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    broken = [link for link in links if not (page.parent / link).exists()]
    assert not broken
