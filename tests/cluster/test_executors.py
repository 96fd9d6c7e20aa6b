"""Whoever makes the labels, and whatever dies meanwhile: the same store to the last bit."""

import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time

import jax
import pytest

import neuralrates as nr
from cluster import small_problem
from neuralrates.cli import labels
from neuralrates.cluster.store import SHARDS
from neuralrates.core.errors import InputError
from neuralrates.core.extras import is_installed

pytest.importorskip("pyarrow", reason="the parquet extra is not installed")

SAMPLES, SHARD = 5000, 256
COMMAND = [
    *(
        sys.executable,
        "-c",
        "from neuralrates.cli import main; main()",
        "labels",
        small_problem.NAME,
        "--json",
    ),
    *("--samples", str(SAMPLES), "--shard-samples", str(SHARD), "--seed", "3"),
]
needs_ray = pytest.mark.skipif(not is_installed("ray"), reason="the cluster extra is not installed")


@pytest.fixture(scope="module")
def problem():
    return nr.problems.load(small_problem.NAME)


@pytest.fixture(scope="module")
def digest(problem, tmp_path_factory):
    return label(problem, tmp_path_factory.mktemp("first")).sha256


def label(problem, folder, executor=None, progress=None):
    return nr.cluster.make_labels(
        problem,
        jax.random.key(3),
        SAMPLES,
        folder,
        executor=executor,
        shard_samples=SHARD,
        progress=progress,
    )


def started(folder, *options):
    environment = {**os.environ, "NEURALRATES_MODULES": small_problem.__name__}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    return subprocess.Popen(
        [*COMMAND, "--out", str(folder), *options],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def ended(process):
    out, errors = process.communicate(timeout=600)
    if "No Ray on this machine" in errors:
        pytest.skip(" ".join(errors.split())[:200])
    assert process.returncode == 0, errors
    return json.loads(out)["sha256"]


def shards(folder):
    return {file.name: file.stat().st_mtime_ns for file in (folder / SHARDS).glob("shard-*")}


def members(session):
    """Processes of a session that live."""
    found = subprocess.run(
        ["ps", "-o", "pid=,stat=", "-s", str(session)], capture_output=True, text=True
    )
    return [line for line in found.stdout.splitlines() if " Z" not in line]


def test_one_process_more(problem, digest, tmp_path):
    assert label(problem, tmp_path, nr.cluster.LocalProcesses(1)).sha256 == digest


def test_a_killed_worker_loses_no_work(problem, digest, tmp_path):
    killed = []

    def kill_one(done, total):
        if done and not killed:
            killed.append(multiprocessing.active_children()[0])
            killed[0].kill()

    assert label(problem, tmp_path, nr.cluster.LocalProcesses(2), kill_one).sha256 == digest
    assert killed
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("on", [("process", 1), ("processes", 3)])
def test_a_killed_run_goes_on_and_ends_the_same(digest, tmp_path, on):
    how, seed = on
    options = ["--on", how, *(["--workers", "1"] if how == "processes" else [])]
    wanted = random.Random(seed).randint(1, 15)
    first = started(tmp_path, *options)
    while len(shards(tmp_path)) < wanted and first.poll() is None:
        time.sleep(0.001)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    assert first.returncode == -signal.SIGKILL, "it ended before it was killed"
    kept = shards(tmp_path)
    assert wanted <= len(kept) < 20
    assert ended(started(tmp_path)) == digest
    assert kept.items() <= shards(tmp_path).items()  # none was made twice
    for _ in range(100):
        if not members(first.pid):
            break
        time.sleep(0.1)
    assert not members(first.pid), "workers outlive the run that started them"


@needs_ray
def test_ray_makes_the_same(digest, tmp_path):
    assert ended(started(tmp_path, "--on", "ray", "--workers", "2")) == digest


@pytest.mark.parametrize(
    ("on", "workers", "told"),
    [
        (
            "elsewhere",
            None,
            "expected process, processes, ray or ray://HOST:PORT, found 'elsewhere'",
        ),
        ("ray://", None, "expected process, processes, ray or ray://HOST:PORT"),
        ("process", 2, "expected --on processes or ray beside --workers"),
    ],
)
def test_options_that_say_nothing_are_refused(tmp_path, on, workers, told):
    request = labels.Request(small_problem.NAME, SAMPLES, tmp_path, on, workers, 3, SHARD)
    with pytest.raises(InputError, match=told):
        labels.run(request, joint=False, slopes=True, as_json=False)
    assert not any(tmp_path.iterdir())
