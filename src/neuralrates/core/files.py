"""Files that are either whole or not there."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """A temporary name in the folder of `path` that becomes `path` on leaving; nothing remains after an error.

    Args:
        path: final name; a file of this name is replaced

    Yields:
        The name to write to.
    """
    path = Path(path)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def atomic_write(path: str | Path, content: str | bytes) -> None:
    """Write a whole file, or leave things as they were.

    Args:
        path: file name
        content: text (written as UTF-8) or bytes

    Example:
        >>> import pathlib, tempfile
        >>> from neuralrates.core.files import atomic_write
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     atomic_write(pathlib.Path(folder) / "a.txt", "whole")
        ...     (pathlib.Path(folder) / "a.txt").read_text()
        'whole'
    """
    with atomic_path(path) as temporary:
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
