"""Only ordinary files are read, and what is written is whole, keeps its mode and leaves nothing behind."""

import errno
import os
import subprocess
import sys
import tempfile

import pytest

from neuralrates.core import files
from neuralrates.core.errors import InputError, printable
from neuralrates.core.files import atomic_path, atomic_write, is_same, read_bytes, read_text
from neuralrates.core.strict_json import parse_json

KILLED = """
import os, signal, sys
from neuralrates.core.files import atomic_path
with atomic_path(sys.argv[1]) as temporary:
    temporary.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def one_line(caught):
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("kind", ["pipe", "folder", "device", "nothing", "long", "null"])
def test_what_is_no_ordinary_file_is_refused_at_once(tmp_path, kind):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    names = {"device": "/dev/zero", "long": "a" * 5000, "null": "a\0b"}
    with pytest.raises(InputError, match="cannot be read") as caught:
        read_bytes(names.get(kind, tmp_path / kind))
    one_line(caught)


def test_size_and_encoding_are_checked(tmp_path):
    file = tmp_path / "a.txt"
    file.write_bytes(b"12345")
    assert read_text(file, largest=5) == "12345"
    with pytest.raises(InputError, match="at most 4 bytes"):
        read_text(file, largest=4)
    file.write_bytes(b"\xff")
    with pytest.raises(InputError, match="UTF-8"):
        read_text(file)


def test_a_replaced_file_keeps_its_mode_and_a_link_stays_one(tmp_path):
    file, link = tmp_path / "a.csv", tmp_path / "link.csv"
    file.write_text("old")
    file.chmod(0o600)
    link.symlink_to(file)
    atomic_write(link, "new")
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("new", 0o600)
    assert link.is_symlink()


@pytest.mark.parametrize("kind", ["pipe", "folder", "/dev/null"])
def test_only_ordinary_files_are_replaced(tmp_path, kind):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match="ordinary file"):
        atomic_write(tmp_path / kind, "text")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["folder", "pipe"]


def test_what_a_killed_run_leaves_is_removed_by_the_next(tmp_path):
    target = tmp_path / "a.csv"
    for _ in range(2):
        subprocess.run([sys.executable, "-c", KILLED, str(target)], check=False)
    assert len(list(tmp_path.iterdir())) == 1
    assert not target.exists()
    atomic_write(target, "whole")
    assert list(tmp_path.iterdir()) == [target]


def test_another_run_never_removes_what_this_one_is_about_to_write(tmp_path, monkeypatch):
    """It looks for leftovers just after the temporary file is made, before that is locked, and while it is written."""
    target, make, made = tmp_path / "a.csv", tempfile.mkstemp, []

    def interrupted(**where):
        made.append(make(**where))
        if len(made) == 1:
            files._sweep(tmp_path)
        return made[-1]

    monkeypatch.setattr(tempfile, "mkstemp", interrupted)
    with atomic_path(target) as temporary:
        temporary.write_text("whole")
        files._sweep(tmp_path)
    assert target.read_text() == "whole"
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_that_takes_no_file_is_named_by_the_file_asked_for(tmp_path, monkeypatch):
    """Whoever runs as root may write anywhere, so that the system's answer is played."""

    def refused(**where):
        raise PermissionError(errno.EACCES, "Permission denied", f"{tmp_path}/.neuralrates-x.csv")

    monkeypatch.setattr(tempfile, "mkstemp", refused)
    with pytest.raises(InputError, match=r"/a\.csv: cannot be written: Permission denied$"):
        atomic_write(tmp_path / "a.csv", "text")


def test_one_file_under_many_names(tmp_path):
    file, other = tmp_path / "a.csv", tmp_path / "b.csv"
    file.write_text("a")
    other.write_text("a")
    (tmp_path / "soft.csv").symlink_to(file)
    (tmp_path / "hard.csv").hardlink_to(file)
    (tmp_path / "folder").mkdir()
    for name in ("a.csv", "soft.csv", "hard.csv", "folder/../a.csv"):
        assert is_same(tmp_path / name, file)
    assert not is_same(other, file)
    assert is_same(tmp_path / "folder" / "new.csv", tmp_path / "folder")


def test_messages_are_bounded():
    assert len(printable("a" * 5_000_000)) < 1100
    lines = printable("fault\n" * 200_000).splitlines()
    assert len(lines) == 101
    assert lines[-1] == "and 199901 more"


def test_json_is_strict(tmp_path):
    many = ",".join(f'"k{number}": 0' for number in range(60_000))
    for text, told in {
        '{"a": 1, "a": 2}': "`a`: expected each field once",
        f'{{{many}, "k7": 1}}': "`k7`: expected each field once",
        '{"a": NaN}': "finite number",
        "[" * 100_000: "ordinary size",
        '{"a": ' + "1" * 10_000 + "}": "ordinary size",
        "{": "line 1",
    }.items():
        with pytest.raises(InputError, match=told) as caught:
            parse_json(text, "a.json")
        assert one_line(caught).startswith("a.json")
