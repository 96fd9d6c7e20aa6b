"""The package imports what it declares: its core at once, everything else within `with extra(...)`."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import jax
import numpy as np
import pytest

import neuralrates as nr
from house.without import WITHOUT_EXTRAS
from neuralrates.bundles.runtimes.graph_runtime import GraphRuntime

MODULES = {"quantlib": "QuantLib", "scikit_learn": "sklearn"}
"""Distributions that are imported under another name than their own."""


@pytest.fixture(scope="module")
def project(root: Path) -> dict:
    return tomllib.loads((root / "pyproject.toml").read_text())["project"]


def modules(requirements: list[str]) -> set[str]:
    """Names under which requirements are imported; references to the package's own extras apart."""
    names = {re.split(r"[^\w-]", one)[0].replace("-", "_").lower() for one in requirements}
    return {MODULES.get(name, name) for name in names - {"neuralrates"}}


def imports(node: ast.AST, extra: str = "") -> Iterator[tuple[str, str]]:
    """Top-level packages that a tree imports, each with the extra in whose block that stands."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.Import(names=names):
                yield from ((one.name.partition(".")[0], extra) for one in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module.partition(".")[0], extra
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                pass
            case ast.With(
                items=[
                    ast.withitem(
                        context_expr=ast.Call(
                            func=ast.Name(id="extra"), args=[ast.Constant(value=str(name))]
                        )
                    )
                ]
            ):
                yield from imports(child, name)
            case _:
                yield from imports(child, extra)


@pytest.fixture(scope="module")
def found(root: Path) -> set[tuple[str, str]]:
    files = (root / "src").rglob("*.py")
    pairs = {pair for file in files for pair in imports(ast.parse(file.read_text()))}
    ours = {*sys.stdlib_module_names, "neuralrates"}
    return {(name, extra) for name, extra in pairs if name not in ours}


def test_the_core_is_what_is_imported_without_an_extra(project: dict, found: set) -> None:
    assert {name for name, extra in found if not extra} == modules(project["dependencies"])


def test_an_extra_installs_what_its_blocks_import(project: dict, found: set) -> None:
    extras = project["optional-dependencies"]
    assert {extra for _, extra in found} > {"", "onnx", "search", "regressors", "parquet"}
    for name, extra in found:
        assert not extra or name in modules(extras[extra]), (name, extra)


def test_the_core_is_small(project: dict) -> None:
    assert len(project["dependencies"]) <= 16


def test_the_core_alone_prices_a_book_and_serves_a_bundle(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT_EXTRAS], cwd=tmp_path, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    printed = json.loads(run.stdout.splitlines()[-1])
    assert printed["trades"] == 12
    bundle = nr.bundles.load("bermudan")
    answers = GraphRuntime(bundle.graph)(np.asarray(bundle.domain.sample(jax.random.key(0), 3)))
    np.testing.assert_allclose(printed["values"], answers.value, atol=1e-7)
    slopes = answers.jacobian[:, bundle.domain.index("tau")]
    np.testing.assert_allclose(printed["slopes"], slopes, atol=1e-6)
