"""Records on disk: the old or the new ones, never half, whenever the writer dies; and no demotion is lost to a damaged file."""

import subprocess
import sys

import pytest

from neuralrates.core.errors import InputError
from neuralrates.server.monitoring.record import Check, Record
from neuralrates.server.monitoring.state_file import StateFile

KILLED = 200
WRITER = """
import os, random, signal, sys, time
from pathlib import Path
from neuralrates.server.monitoring.record import Check
from neuralrates.server.monitoring.state_file import StateFile
folder, killed = Path(sys.argv[1]), int(sys.argv[2])
random.seed(7)
seen = 0
for _ in range(killed):
    child = os.fork()
    if child == 0:
        while True:
            check = Check(1.0, 0.0, 1.0)
            StateFile(folder).update("one", "digest", lambda before: before.after([check]))
    time.sleep(0.02 * random.random())
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    record = StateFile(folder).read().get("one")
    if record is not None:
        assert record.checked >= seen, (record.checked, seen)
        assert len(record.recent) == min(record.checked, 500)
        seen = record.checked
StateFile(folder).update("one", "digest", lambda before: before)
print(seen, *sorted(os.listdir(folder)))
"""


def test_killed_at_random_moments_it_is_the_old_or_the_new(tmp_path):
    run = subprocess.run(
        [sys.executable, "-c", WRITER, str(tmp_path), str(KILLED)], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    seen, *left = run.stdout.split()
    assert int(seen) > 0
    assert left == ["monitor.json", "monitor.json.lock"]


def test_two_writers_do_not_lose_what_the_other_wrote(tmp_path):
    one, other = StateFile(tmp_path), StateFile(tmp_path)
    for number in range(4):
        writer = one if number % 2 else other
        writer.update("a", "digest", lambda before: before.after([Check(1.0, 2.0, 1.0)]))
    assert one.read()["a"].checked == other.read()["a"].checked == 4
    assert one.read()["a"].demoted == 1.0


@pytest.mark.parametrize(
    "content", ["", "{", '{"a": {"surrogate": 1}}', "[]", '{"a": {}, "a": {}}']
)
def test_a_damaged_file_is_refused_by_name(tmp_path, content):
    (tmp_path / "monitor.json").write_text(content)
    with pytest.raises(InputError, match=r"monitor\.json"):
        StateFile(tmp_path)


def test_there_need_be_no_file(tmp_path):
    assert StateFile(tmp_path).read() == {}
    assert Record("digest").reason == ""
