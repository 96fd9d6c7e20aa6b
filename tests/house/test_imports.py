"""Importing: quick at the root, and possible for every module alone."""

import ast
import graphlib
import importlib
import re
import subprocess
import sys
from pathlib import Path

import grimp

HEAVY = ("jax", "equinox", "numpy", "scipy", "pandas", "QuantLib", "sklearn", "onnxruntime", "rich")

ROOT_ALONE = """
import sys
import neuralrates
print(*(name for name in {heavy} if name in sys.modules))
"""

EVERY_NAME = """
import importlib, sys, types
import neuralrates
for room in sorted({path.partition(".")[0] for path in sys.argv[1:]}):
    page = importlib.import_module(f"neuralrates.{room}")
    for name in getattr(page, "__all__", ()):
        assert not isinstance(getattr(page, name), types.ModuleType), (room, name)
import jax
for name in sys.argv[1:]:
    module = importlib.import_module(f"neuralrates.{name}")
    # A module that is first imported while something is traced would keep the tracer.
    for held, value in vars(module).items():
        parts = [value, *value] if isinstance(value, (tuple, list)) else [value]
        assert not any(isinstance(part, jax.Array) for part in parts), (name, held)
assert jax.config.jax_enable_x64
"""


def _python(*arguments: str) -> str:
    run = subprocess.run([sys.executable, *arguments], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def test_package_root_loads_nothing_heavy() -> None:
    assert _python("-c", ROOT_ALONE.format(heavy=HEAVY)) == ""


def modules(root: Path) -> list[str]:
    """Dotted names below the package's root."""
    source = root / "src" / "neuralrates"
    paths = [p.relative_to(source).with_suffix("") for p in sorted(source.rglob("*.py"))]
    return [".".join(p.parts).removesuffix(".__init__") for p in paths if p.name[0] != "_"]


def test_every_public_name_and_every_module_is_found(root: Path) -> None:
    assert _python("-c", EVERY_NAME, *modules(root)) == ""


def test_no_public_name_is_hidden_by_a_module(root: Path) -> None:
    """Python binds a module to its room once it is imported: a name that is found on first use must not be called like it."""
    source = root / "src" / "neuralrates"
    for page in source.glob("*/__init__.py"):
        names = getattr(importlib.import_module(f"neuralrates.{page.parent.name}"), "__all__", ())
        inside = [*page.parent.glob("*.py"), *(p.parent for p in page.parent.glob("*/__init__.py"))]
        hidden = {path.stem for path in inside} & set(names)
        assert not hidden, page.parent.name


def test_pages_tell_type_checkers_what_they_find(root: Path) -> None:
    found = 0
    for page in (root / "src" / "neuralrates").glob("*/__init__.py"):
        room = importlib.import_module(f"neuralrates.{page.parent.name}")
        where = getattr(room, "_WHERE", {})
        told = re.findall(
            r"from neuralrates\.([\w.]+) import (?:\(\s*)?(\w+) as \2\b", page.read_text()
        )
        assert not where or {name: module for module, name in told} == where, page.parent.name
        found += len(where)
    assert found > 100


def test_no_module_needs_one_that_needs_it() -> None:
    """Where no circle of imports exists, every module can be the first that is imported."""
    graph = grimp.build_graph("neuralrates", exclude_type_checking_imports=True, cache_dir=None)
    order = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    graphlib.TopologicalSorter(order).prepare()


def test_type_checkers_see_only_the_names_that_exist(root: Path) -> None:
    """A module-level `__getattr__` that a checker sees makes every misspelt name a known one."""
    pages = [*(root / "src" / "neuralrates").glob("*/__init__.py")]
    pages.append(root / "src" / "neuralrates" / "__init__.py")
    for page in pages:
        for statement in ast.parse(page.read_text()).body:
            shown = statement.test if isinstance(statement, ast.If) else None
            hidden = shown is not None and ast.unparse(shown) == "not TYPE_CHECKING"
            assert hidden or "__getattr__" not in ast.unparse(statement), page
