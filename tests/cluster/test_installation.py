"""Whatever of JAX or of the code can change a label is in the plan, and refuses a store that was begun without it."""

from importlib import resources

import jax
import pytest

import neuralrates as nr
from cluster import small_problem
from neuralrates.cluster.installation import installation
from neuralrates.core.errors import InputError


def test_where_jax_computes_is_told():
    found = installation()
    assert (found["backend"], found["x64"]) == (jax.default_backend(), "True")
    assert found["device"] == jax.devices()[0].device_kind


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("matmul_precision", lambda: jax.default_matmul_precision("highest")),
        ("x64", lambda: jax.enable_x64(False)),
        ("threefry_partitionable", lambda: jax.threefry_partitionable(False)),
    ],
)
def test_settings_of_jax_are_told(field, other):
    before = installation()
    with other():
        found = installation()
    assert {name for name in before if before[name] != found[name]} == {field}
    assert installation() == before


@pytest.mark.parametrize("room", ["pricers", "cluster"])
def test_the_code_of_labels_is_told(monkeypatch, tmp_path, room):
    monkeypatch.setattr(resources, "files", lambda package: tmp_path)
    file = tmp_path / room / "module.py"
    file.parent.mkdir()
    told = []
    for text in ("a = 1", "a = 2"):
        file.write_text(text)
        told.append(installation()["code"])
    assert told[0] != told[1]


def test_a_store_of_another_precision_is_refused(tmp_path):
    pytest.importorskip("pyarrow", reason="the parquet extra is not installed")
    problem, key = nr.problems.load(small_problem.NAME), jax.random.key(3)
    nr.cluster.make_labels(problem, key, 5, tmp_path, slopes=False)
    with (
        jax.default_matmul_precision("highest"),
        pytest.raises(InputError, match="field `plan.installation.matmul_precision`"),
    ):
        nr.cluster.make_labels(problem, key, 5, tmp_path, slopes=False)
