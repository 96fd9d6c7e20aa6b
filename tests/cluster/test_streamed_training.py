"""Training from a store: killed at any moment it ends with the same weights, and it reads no harmed or foreign store."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time

import jax
import numpy as np
import pytest

import neuralrates as nr
from cluster import small_problem, training
from neuralrates.core.archive import read_archive
from neuralrates.core.errors import InputError
from neuralrates.learning.checkpoints import KIND
from neuralrates.learning.data.stream import ShardedLabels
from neuralrates.surrogates.surrogate import named_leaves

pytest.importorskip("pyarrow", reason="the parquet extra is not installed")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    problem, folder = nr.problems.load(small_problem.NAME), tmp_path_factory.mktemp("store")
    return nr.cluster.make_labels(problem, jax.random.key(3), 1000, folder, shard_samples=256)


@pytest.fixture(scope="module")
def uninterrupted(store):
    return training.train(store.folder)


def killed(store, checkpoint, after):
    """Run the training as a program, and kill it some seconds after its first checkpoint; the steps that it told of."""
    command = [sys.executable, training.__file__, str(store.folder), str(checkpoint)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        first = process.stdout.readline()
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
        told = (first + process.stdout.read()).split()
    assert process.returncode == -signal.SIGKILL
    return int(told[-1])


def test_runs_that_are_killed_end_with_the_weights_of_one_that_is_not(
    store, uninterrupted, tmp_path
):
    moments, told = random.Random(1), [0]
    for _ in range(2):
        told.append(killed(store, tmp_path / "run", moments.uniform(0.0, 0.25)))
    assert 0 < told[1] < told[2] < training.STEPS
    begun = []
    found, course = training.train(
        store.folder, tmp_path / "run", lambda history, _: begun.append(history.num_steps)
    )
    assert told[2] < begun[0] <= told[2] + 2 * training.CHUNK
    network, history = uninterrupted
    assert nr.surrogates.digest(found) == nr.surrogates.digest(network)
    np.testing.assert_array_equal(course.losses, history.losses)


def test_a_store_is_a_source_of_batches_and_is_learned(store, uninterrupted):
    assert isinstance(store, ShardedLabels)
    assert store.sizes == (256, 256, 256, 232)
    _, history = uninterrupted
    assert history.losses[-1] < 0.1 * history.losses[0]


def test_a_changed_byte_ends_the_training_by_the_file(store, tmp_path):
    shutil.copytree(store.folder, tmp_path / "mine")
    file = sorted((tmp_path / "mine" / "shards").iterdir())[2]
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(InputError, match=f"{file.name}: the shard was altered or cut: run again"):
        training.train(tmp_path / "mine")
    file.unlink()
    with pytest.raises(InputError, match=f"{file.name}: the shard is missing: run again"):
        training.train(tmp_path / "mine")


def test_a_checkpoint_of_another_store_is_refused(store, tmp_path):
    problem = nr.problems.load(small_problem.NAME)
    nr.cluster.make_labels(problem, jax.random.key(4), 1000, tmp_path / "other", shard_samples=256)
    training.train(store.folder, tmp_path / "run")
    with pytest.raises(InputError, match="field `record.settings.batches.labels`: "):
        training.train(tmp_path / "other", tmp_path / "run")


def test_two_devices_share_each_batch_and_come_to_the_same_numbers(
    store, uninterrupted, tmp_path, monkeypatch
):
    flags = f"{os.environ['XLA_FLAGS']} --xla_force_host_platform_device_count=2"
    monkeypatch.setenv("XLA_FLAGS", flags)
    subprocess.run(
        [sys.executable, training.__file__, str(store.folder), str(tmp_path / "run")], check=True
    )
    arrays, record, _ = read_archive(tmp_path / "run", KIND)
    assert record["settings"]["batches.devices"] == "2"
    alone = named_leaves(uninterrupted[0].layers)
    assert len(alone) == 4
    for name, part in alone.items():
        found = arrays[f".parameters.layers{name}"]
        np.testing.assert_allclose(found, part, rtol=1e-8, atol=1e-10)
    with pytest.raises(InputError, match="field `record.settings.batches.devices`: "):
        training.train(store.folder, tmp_path / "run")
