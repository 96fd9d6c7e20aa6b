"""A user's own problem and surrogate from the command line: the bundle says which module it needs, the user has it imported."""

import importlib
import json
import sys

import jax
import pytest
from typer.testing import CliRunner

import neuralrates as nr
from neuralrates.cli.app import app
from neuralrates.core.archive import MANIFEST
from neuralrates.problems.catalogue import PROBLEMS
from neuralrates.surrogates.registry import ARCHITECTURES

MODULE = "level_of_my_own"
SOURCE = f'''
import jax.numpy as jnp
import neuralrates as nr

@nr.surrogates.register("{MODULE}")
class Level(nr.surrogates.AbstractSurrogate):
    level: object

    def __call__(self, x):
        return self.level

    def record(self):
        return {{"architecture": "{MODULE}"}}

    @classmethod
    def blank(cls, record):
        return cls(jnp.zeros(1))

def build(x):
    model = nr.models.HullWhite(nr.market.FlatCurve(x[0]), 0.03, 0.01)
    return model, nr.products.Swaption([1.0], [2.0], [1.0], strike=0.03, side="payer")

def make():
    axes = (nr.problems.Axis("rate", "decimal per year", 0.02, 0.03),)
    return nr.problems.Problem("{MODULE}", nr.problems.Domain(axes), build, nr.pricers.Jamshidian())

nr.problems.register("{MODULE}", make)
'''


def forget():
    """What a new process would not know."""
    for registry in (PROBLEMS, ARCHITECTURES):
        registry._entries.pop(MODULE, None)
    sys.modules.pop(MODULE, None)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A bundle of a module that lies where Python finds it, and that nobody has imported."""
    (tmp_path / f"{MODULE}.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    forget()
    own = importlib.import_module(MODULE)
    problem, surrogate = own.make(), own.Level(jax.numpy.full(1, 0.004))
    found = nr.certificates.certify(surrogate, problem, key=jax.random.key(0), num_samples=459)
    nr.bundles.save(tmp_path / "mine", surrogate, problem, found)
    forget()
    yield tmp_path / "mine"
    forget()


def test_the_bundle_names_its_module_and_loads_when_the_user_does(folder, monkeypatch):
    assert json.loads((folder / MANIFEST).read_text())["record"]["modules"] == [MODULE]
    refused = CliRunner().invoke(app, ["models", str(folder)])
    assert refused.exit_code == 2
    (line,) = refused.stderr.splitlines()
    assert line.startswith(f"neuralrates: {folder / MANIFEST}: expected {MODULE}")
    assert f"import {MODULE} first" in line
    assert MODULE not in sys.modules
    monkeypatch.setenv("NEURALRATES_MODULES", MODULE)
    shown = CliRunner().invoke(app, ["models", str(folder)])
    assert shown.exit_code == 0, shown.output
    assert MODULE in shown.stdout


def test_a_module_that_cannot_be_imported_is_one_line(monkeypatch):
    monkeypatch.setenv("NEURALRATES_MODULES", "no.such.module")
    refused = CliRunner().invoke(app, ["models"])
    assert refused.exit_code == 2
    (line,) = refused.stderr.splitlines()
    told = (
        "field `NEURALRATES_MODULES`: expected modules that can be imported, found no.such.module"
    )
    assert told in line


def test_bundles_of_the_package_need_no_module(tmp_path):
    for name in nr.bundles.shipped():
        assert nr.bundles.load(name).name == name
