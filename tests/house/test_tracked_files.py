"""What is committed holds on any machine."""

import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve()
ABSOLUTE_PATHS = (b"/root/", b"/home/", b"/Users/", b"C:\\Users")
PACKAGE_INDEXES = (
    b"pypi.org",
    b"pythonhosted.org",
    b"conda.anaconda.org",
    b"--index-url",
    b"--extra-index-url",
)


@pytest.fixture(scope="module")
def tracked(root: Path) -> list[Path]:
    run = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True)
    if run.returncode != 0:
        pytest.skip("not a git checkout, so nothing says which files are tracked")
    paths = [root / name for name in run.stdout.split("\0") if name]
    return [path for path in paths if path.is_file() and path != HERE]


@pytest.mark.parametrize("banned", [*ABSOLUTE_PATHS, *PACKAGE_INDEXES], ids=bytes.decode)
def test_no_tracked_file_names(tracked: list[Path], banned: bytes) -> None:
    assert not [path.name for path in tracked if banned in path.read_bytes()]


def test_every_pinned_version_is_bare(root: Path) -> None:
    lines = (root / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert pins
    assert all(len(line.split("==")) == 2 and " " not in line for line in pins)
