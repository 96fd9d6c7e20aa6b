"""Stores hold the reference's labels, say when they do not, and are whole again after another run."""

import errno
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import jax
import numpy as np
import pytest

import neuralrates as nr
from cluster import small_problem
from cluster.watching import Watching
from neuralrates.cluster.store import SHARDS, shard_file
from neuralrates.core.errors import InputError
from neuralrates.core.files import exclusive

pytest.importorskip("pyarrow", reason="the parquet extra is not installed")

KEY = jax.random.key(3)
SAMPLES, SHARD = 700, 256
HOLDS_LOCK = """
import os, signal, sys
from neuralrates.core.files import exclusive
with exclusive(sys.argv[1]):
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def problem():
    return nr.problems.load(small_problem.NAME)


@pytest.fixture(scope="module")
def digest(problem, tmp_path_factory):
    return label(problem, tmp_path_factory.mktemp("first")).sha256


def label(problem, folder, executor=None, **others):
    arguments = {"key": KEY, "num_samples": SAMPLES, "shard_samples": SHARD} | others
    return nr.cluster.make_labels(problem, folder=folder, executor=executor, **arguments)


def files(folder):
    return sorted((Path(folder) / SHARDS).iterdir())


def test_labels_are_the_references_at_points_of_each_shards_own_key(problem, digest, tmp_path):
    store = label(problem, tmp_path)
    assert store.sha256 == digest
    labels = store.labels()
    assert len(labels) == len(store) == SAMPLES
    for number in range(3):
        expected = nr.learning.exact_labels(problem, jax.random.fold_in(KEY, number), SHARD)
        rows = slice(number * SHARD, min((number + 1) * SHARD, SAMPLES))
        for name in ("x", "value", "gradient", "error"):
            found = np.asarray(getattr(labels, name))[rows]
            np.testing.assert_array_equal(found, np.asarray(getattr(expected, name))[: len(found)])


@pytest.mark.parametrize("size", [1, 100, 256, 300, 5000])
def test_batches_hold_every_sample_once_in_order(problem, digest, tmp_path, size):
    if size == 1:
        store, size = label(problem, tmp_path, num_samples=5, slopes=False), 1
    else:
        store = label(problem, tmp_path)
    batches = list(store.batches(size))
    assert {len(batch) for batch in batches[:-1]} <= {size}
    found = np.concatenate([np.asarray(batch.x) for batch in batches])
    np.testing.assert_array_equal(found, np.asarray(store.labels().x))


def test_other_programs_read_columns_with_units(problem, tmp_path):
    import pyarrow.parquet as pq

    label(problem, tmp_path)
    table = pq.read_table(tmp_path / SHARDS)
    assert table.num_rows == SAMPLES
    units = {field.name: field.metadata[b"unit"].decode() for field in table.schema}
    assert units["rate"] == "decimal"
    assert units["d price / d rate"] == "currency per unit notional per decimal"
    assert set(units) == {
        *("rate", "volatility", "price", "error of price"),
        *("d price / d rate", "d price / d volatility"),
    }


def test_manifest_says_what_decided_the_labels(problem, digest, tmp_path):
    store = label(problem, tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["sha256"] == store.sha256
    plan = manifest["plan"]
    assert plan["problem"]["reference"] == repr(problem.pricer)
    assert plan["installation"]["neuralrates"] == nr.__version__
    assert len(manifest["shards"]) == 3


def change_a_byte(file):
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def cut(file):
    file.write_bytes(file.read_bytes()[:-100])


@pytest.mark.parametrize("harm", [change_a_byte, cut, Path.unlink])
def test_a_harmed_shard_is_found_and_alone_made_anew(problem, digest, tmp_path, harm):
    store = label(problem, tmp_path)
    harm(files(tmp_path)[1])
    with pytest.raises(InputError, match="shard (was altered|is missing).*run again"):
        store.labels()
    again = Watching()
    assert label(problem, tmp_path, again).sha256 == digest
    assert again.made == [1]
    assert len(files(tmp_path)) == 3


def foreign_key(problem, folder):
    """Shard 0 of another key."""
    label(problem, folder, key=jax.random.key(4))
    return files(folder)[0]


def foreign_number(problem, folder):
    """Shard 1 under the name of shard 0."""
    label(problem, folder)
    other = files(folder)[1]
    return other.rename(other.with_name(other.name.replace("000001", "000000")))


@pytest.mark.parametrize("foreign", [foreign_key, foreign_number])
def test_a_shard_of_other_labels_is_made_anew(problem, digest, tmp_path, foreign):
    mine = tmp_path / "mine"
    with pytest.raises(KeyboardInterrupt):
        label(problem, mine, Watching(stop_after=2))
    other = foreign(problem, tmp_path / "other")
    shutil.copy(other, mine / SHARDS / other.name)
    again = Watching()
    assert label(problem, mine, again).sha256 == digest
    assert again.made == [0]
    assert not (mine / SHARDS / other.name).exists()


def test_files_that_name_themselves_rightly_but_hold_nothing_are_made_anew(
    problem, digest, tmp_path
):
    with pytest.raises(KeyboardInterrupt):
        label(problem, tmp_path, Watching(stop_after=2))
    shard_file(tmp_path, 0, hashlib.sha256(b"").hexdigest()).write_bytes(b"")
    assert label(problem, tmp_path).sha256 == digest
    assert len(files(tmp_path)) == 3


def test_order_changes_nothing_and_a_stopped_run_goes_on(problem, digest, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        label(problem, tmp_path, Watching(stop_after=2))
    with pytest.raises(InputError, match="found 2 of 3 shards"):
        nr.cluster.LabelStore.load(tmp_path)
    again = Watching()
    assert label(problem, tmp_path, again).sha256 == digest
    assert again.made == [0]  # the last tasks came first
    untouched = Watching()
    assert label(problem, tmp_path, untouched).sha256 == digest
    assert untouched.made == []


def test_another_plan_is_refused_by_the_field_that_differs(problem, tmp_path):
    label(problem, tmp_path)
    wider = small_problem.make(0.06)
    for field, asked in [
        ("plan.samples", {"num_samples": 900}),
        ("plan.key.1", {"key": jax.random.key(4)}),
        ("plan.slopes", {"slopes": False}),
        ("plan.sampling", {"sampling": "sobol"}),
        ("plan.problem.domain.0.high", {"problem": wider}),
    ]:
        arguments = {"problem": problem} | asked
        with pytest.raises(InputError, match=f"field `{re.escape(field)}`.*name another folder"):
            label(folder=tmp_path, **arguments)


def test_a_manifest_that_was_altered_is_refused(problem, tmp_path):
    label(problem, tmp_path)
    manifest = tmp_path / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"samples": 700', '"samples": 701'))
    with pytest.raises(InputError, match="manifest was altered"):
        label(problem, tmp_path, num_samples=701)


def test_two_writers_are_refused_and_a_dead_one_holds_nothing(problem, digest, tmp_path):
    with (
        exclusive(tmp_path / ".lock"),
        pytest.raises(InputError, match="another process writes to this store"),
    ):
        label(problem, tmp_path)
    dead = subprocess.run([sys.executable, "-c", HOLDS_LOCK, str(tmp_path / ".lock")])
    assert dead.returncode == -signal.SIGKILL
    assert label(problem, tmp_path).sha256 == digest


def test_a_full_disk_loses_nothing(problem, digest, tmp_path, monkeypatch):
    write = Path.write_bytes

    def full(path, content):
        if len(list((tmp_path / SHARDS).glob("shard-*"))) == 2:
            write(path, content[:1000])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        return write(path, content)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", full)
        with pytest.raises(InputError, match="No space left.*finished shards are kept"):
            label(problem, tmp_path)
    assert len(files(tmp_path)) == 2
    assert label(problem, tmp_path).sha256 == digest


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no file system that refuses files")
def test_a_folder_that_cannot_be_written_is_refused_in_one_line(problem):
    with pytest.raises(InputError, match="^/proc/labels: cannot be written: [^\n]*$"):
        label(problem, Path("/proc/labels"))


def test_a_folder_of_something_else_is_refused(problem, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="expected a folder, found a file"):
        label(problem, tmp_path / "file")
    with pytest.raises(InputError, match="a store, found 'file' in it"):
        label(problem, tmp_path)
    (tmp_path / "file").unlink()
    (tmp_path / SHARDS).mkdir()
    (tmp_path / SHARDS / "other.parquet").write_text("")
    with pytest.raises(InputError, match="found shards without a manifest"):
        label(problem, tmp_path)
    with pytest.raises(ValueError, match="multiple of 256"):
        label(problem, tmp_path / "new", shard_samples=100)


@pytest.mark.parametrize("name", ["paper.pdf", "manifest.json", "shards/other.parquet"])
def test_nothing_is_made_among_other_files(problem, tmp_path, name):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("{}")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(InputError, match="^[^\n]*(expected|field `kind`)[^\n]*$"):
        label(problem, tmp_path)
    assert sorted(tmp_path.rglob("*")) == before


def test_hidden_files_and_a_run_that_ended_before_its_manifest_are_no_hindrance(
    problem, digest, tmp_path
):
    (tmp_path / ".hidden").write_text("")
    (tmp_path / SHARDS).mkdir()
    (tmp_path / ".lock").write_text("")
    assert label(problem, tmp_path).sha256 == digest


@pytest.mark.parametrize("field", ["num_samples", "shard_samples"])
@pytest.mark.parametrize("count", [0, 256 * 2**40])
def test_numbers_that_no_store_holds_are_refused(problem, tmp_path, field, count):
    told = f"`{field}` must be from 1 to 1,000,000,000, but is {count:,}"
    with pytest.raises(ValueError, match=told):
        label(problem, tmp_path / "new", **{field: count})
    assert not (tmp_path / "new").exists()
