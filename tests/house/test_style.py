"""Rules of the house that a linter does not know."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

MAX_LINES = 300
MAX_ISINSTANCE = 2
PICKLES = {"pickle", "cloudpickle", "dill", "joblib", "shelve"}
NAMELESS = {"utils", "util", "helpers", "misc", "common"}

Sources = dict[str, str]
Trees = dict[str, ast.Module]


@pytest.fixture(scope="module")
def sources(root: Path) -> Sources:
    package = root / "src" / "neuralrates"
    paths = sorted(package.rglob("*.py"))
    return {str(p.relative_to(package)): p.read_text(encoding="utf-8") for p in paths}


@pytest.fixture(scope="module")
def trees(sources: Sources) -> Trees:
    return {path: ast.parse(text) for path, text in sources.items()}


def _calls(node: ast.AST, name: str) -> int:
    return sum(
        isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id == name
        for part in ast.walk(node)
    )


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


def _imported(tree: ast.AST) -> set[str]:
    names = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    names |= {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    return {name.partition(".")[0] for name in names}


def test_files_are_short(sources: Sources) -> None:
    lines = {path: text.count("\n") for path, text in sources.items()}
    assert not {path: n for path, n in lines.items() if n > MAX_LINES}, "make two concepts of it"


def test_no_isinstance_ladders(trees: Trees) -> None:
    ladders = [
        f"{path}: {function.name}"
        for path, tree in trees.items()
        for function in _functions(tree)
        if _calls(function, "isinstance") > MAX_ISINSTANCE
    ]
    assert not ladders, "give the types a method, or one function each"


def test_no_class_builds_on_another(trees: Trees) -> None:
    builders = [path for path, tree in trees.items() if _calls(tree, "super")]
    assert not builders, "a class is abstract or final: compose by wrapping"


def test_no_pickle(trees: Trees) -> None:
    assert not [path for path, tree in trees.items() if _imported(tree) & PICKLES]


def test_names_say_what_is_inside(sources: Sources) -> None:
    assert not [path for path in sources if Path(path).stem in NAMELESS]
