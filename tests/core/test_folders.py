"""Folders on disk: the old or the new content, never half and never none, whenever the writer dies."""

import subprocess
import sys

import pytest

from neuralrates.core.folders import atomic_folder

KILLED = 200
WRITER = """
import os, random, signal, sys, time
import numpy as np
from neuralrates.core.archive import read_archive, write_archive
folder, killed = sys.argv[1], int(sys.argv[2])
random.seed(7)
def write(number):
    arrays = {"x": np.full(20_000, float(number))}
    texts = {"certificate.json": str(number) * 1000}
    write_archive(folder, arrays, {"kind": "example", "number": number}, texts, {"a.onnx": bytes(50_000)})
write(0)
seen = 0
for _ in range(killed):
    child = os.fork()
    if child == 0:
        number = seen
        while True:
            number += 1
            write(number)
    time.sleep(0.03 * random.random())
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    arrays, record, texts = read_archive(folder, "example")  # every file against its digest
    number = record["number"]
    assert number >= seen, (number, seen)
    assert set(arrays["x"]) == {float(number)}
    assert texts["certificate.json"] == str(number) * 1000
    seen = number
write(seen)
print(seen, *sorted(os.listdir(os.path.dirname(folder))))
"""


def test_an_archive_killed_at_random_moments_is_the_old_or_the_new(tmp_path):
    run = subprocess.run(
        [sys.executable, "-c", WRITER, str(tmp_path / "one"), str(KILLED)],
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    seen, *left = run.stdout.split()
    assert int(seen) > KILLED // 4
    assert left == ["one"]


def test_after_an_error_all_is_as_it_was(tmp_path):
    with atomic_folder(tmp_path / "a") as filled:
        (filled / "text").write_text("old")

    def fail() -> None:
        with atomic_folder(tmp_path / "a") as filled:
            (filled / "text").write_text("new")
            raise OSError("no more")

    with pytest.raises(OSError, match="no more"):
        fail()
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a" / "text").read_text() == "old"


def test_a_link_is_followed(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with atomic_folder(tmp_path / "link") as filled:
        (filled / "text").write_text("new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "text").read_text() == "new"


def test_a_folder_that_another_process_fills_is_left_alone(tmp_path):
    with atomic_folder(tmp_path / "a") as first:
        (first / "text").write_text("first")
        with atomic_folder(tmp_path / "a") as second:
            (second / "text").write_text("second")
        assert (first / "text").is_file()
    assert (tmp_path / "a" / "text").read_text() == "first"
