"""Folders that are written whole or not at all, whenever their writer dies."""

import ctypes
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

if sys.platform != "win32":
    import fcntl

_HERE = -100  # AT_FDCWD of Linux
_EXCHANGE = 2  # RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS


@contextmanager
def atomic_folder(folder: str | Path) -> Iterator[Path]:
    """An empty folder beside another that takes its place on leaving; nothing remains after an error.

    Where the system can exchange two names, there is the old content or the new at every moment. What a writer that was killed
    left behind is removed by the next one that writes to this name.

    Args:
        folder: final name; a folder of this name is replaced, a link to one is followed

    Yields:
        The folder to fill.

    Example:
        >>> import pathlib, tempfile
        >>> from neuralrates.core.folders import atomic_folder
        >>> with tempfile.TemporaryDirectory() as place:
        ...     for content in ("old", "new"):
        ...         with atomic_folder(place + "/a") as filled:
        ...             _ = (filled / "text").write_text(content)
        ...     (pathlib.Path(place) / "a" / "text").read_text(), len(list(pathlib.Path(place).iterdir()))
        ('new', 1)
    """
    target = Path(folder).resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    _sweep(target)
    staged = Path(tempfile.mkdtemp(prefix=_prefix(target), dir=target.parent))
    try:
        with _held(staged):
            staged.chmod(0o755)
            yield staged
            _put(staged, target)
    finally:
        shutil.rmtree(staged, ignore_errors=True)


@contextmanager
def _held(staged: Path) -> Iterator[None]:
    """A lock that ends with the process: without it a folder is a leftover."""
    if sys.platform == "win32":
        yield
        return
    handle = os.open(staged, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _put(staged: Path, target: Path) -> None:
    """Put the staged folder in place; what was there is left under the staged name."""
    if not target.exists():
        staged.replace(target)
    elif not _exchanged(staged, target):
        aside = Path(tempfile.mkdtemp(prefix=_prefix(target), dir=target.parent))
        target.replace(aside / "old")
        staged.replace(target)
        shutil.rmtree(aside, ignore_errors=True)


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two names at one stroke; whether the system could."""
    if sys.platform == "win32":
        return False
    library = ctypes.CDLL(None)
    names = os.fsencode(one), os.fsencode(other)
    if sys.platform == "darwin":
        return bool(library.renamex_np(*names, _EXCHANGE) == 0)
    if not hasattr(library, "renameat2"):
        return False
    return bool(library.renameat2(_HERE, names[0], _HERE, names[1], _EXCHANGE) == 0)


def _prefix(target: Path) -> str:
    return f".{target.name}-writing-"


def _sweep(target: Path) -> None:
    """Remove folders that no living process fills."""
    if sys.platform == "win32":
        return
    for left in target.parent.glob(_prefix(target) + "*"):
        with suppress(OSError):
            handle = os.open(left, os.O_RDONLY | os.O_NOFOLLOW)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left, ignore_errors=True)
            finally:
                os.close(handle)
