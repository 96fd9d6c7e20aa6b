"""Files that are read only where they are ordinary, and written whole or not at all."""

import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from neuralrates.core.errors import InputError

if sys.platform != "win32":
    import fcntl

LARGEST = 256 * 1024 * 1024
_TEMPORARY = ".neuralrates-"


def read_bytes(path: str | Path, *, largest: int = LARGEST) -> bytes:
    """Content of an ordinary file of bounded size; a pipe, a device or a folder is refused before it is read.

    Args:
        path: file name
        largest: most bytes to accept

    Returns:
        The content.

    Raises:
        InputError: where there is no such file, it is none of the ordinary kind, or it is too large
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read: {_reason(error)}", file=path) from None
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode):
        os.close(handle)
        raise InputError("cannot be read: expected an ordinary file", file=path)
    with os.fdopen(handle, "rb") as stream:
        content = stream.read(min(found.st_size, largest) + 1)
        if len(content) > found.st_size:  # it grew, or the system does not tell its size
            content += stream.read(largest + 1 - len(content))
    if len(content) > largest:
        raise InputError(f"expected at most {largest:,} bytes, found more", file=path)
    return content


def read_text(path: str | Path, *, largest: int = LARGEST) -> str:
    """Text of an ordinary UTF-8 file of bounded size.

    Args:
        path: file name
        largest: most bytes to accept

    Returns:
        The text, without a byte-order mark.

    Raises:
        InputError: as `read_bytes`, and where the content is not UTF-8

    Example:
        >>> from neuralrates.core.errors import InputError
        >>> from neuralrates.core.files import read_text
        >>> try:
        ...     read_text("/dev/null")
        ... except InputError as error:
        ...     print(error)
        /dev/null: cannot be read: expected an ordinary file
    """
    return decoded(read_bytes(path, largest=largest), path)


def decoded(content: bytes, path: str | Path) -> str:
    """UTF-8 text of a file's content, without a byte-order mark."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        expected = f"expected UTF-8 text, found another byte at {error.start}"
        raise InputError(expected, file=path) from None


def is_same(path: Path, other: Path) -> bool:
    """Whether two names are those of one file, through links of any kind; or the second is a folder around the first."""
    if other.is_dir():
        return path.parent.resolve().is_relative_to(other.resolve())
    with suppress(OSError):
        return path.samefile(other)
    return path.resolve() == other.resolve()


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """A temporary name in the folder of `path` that becomes `path` on leaving; nothing remains after an error.

    A file that is replaced keeps its mode; a link is followed. What a run that was killed left behind is removed by the
    next one that writes to the folder.

    Args:
        path: final name; an ordinary file of this name is replaced

    Yields:
        The name to write to.

    Raises:
        InputError: where the name is that of a folder, a pipe or a device
    """
    target = Path(path).resolve()
    mode = _mode(target, path)
    _sweep(target.parent)
    handle, name = _temporary(target)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(mode)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
        os.close(handle)


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


@contextmanager
def exclusive(path: str | Path, *, wait: bool = True) -> Iterator[None]:
    """Alone among all processes that enter by this name; it ends with the process, however that ends.

    Args:
        path: name of a file that holds nothing and stays
        wait: whether to wait for another process; else it is refused

    Raises:
        InputError: where the file cannot be opened
        BlockingIOError: where another process is in, and nobody waits
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise InputError(f"cannot be written: {_reason(error)}", file=path) from None
    try:
        if sys.platform != "win32":
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(handle)


def check_ordinary(path: str | Path) -> None:
    """Raise where the name is taken by something that is no ordinary file."""
    _mode(Path(path).resolve(), path)


def _mode(target: Path, path: str | Path) -> int:
    """Mode of the file that is to be replaced; that of a new file where there is none."""
    try:
        found = target.stat().st_mode
    except FileNotFoundError:
        return 0o666 & ~_umask()
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be written: {_reason(error)}", file=path) from None
    if not stat.S_ISREG(found):
        raise InputError("cannot be written: expected the name of an ordinary file", file=path)
    return stat.S_IMODE(found)


def _temporary(target: Path) -> tuple[int, str]:
    """An open temporary file beside the target, locked for as long as it is in use.

    Another run may take it for a leftover before it is locked; then another one is made.
    """
    while True:
        try:
            handle, name = tempfile.mkstemp(
                prefix=_TEMPORARY, suffix=target.suffix, dir=target.parent
            )
        except OSError as error:
            raise InputError(f"cannot be written: {_reason(error)}", file=target) from None
        if _locked(handle):
            return handle, name
        os.close(handle)


def _locked(handle: int) -> bool:
    """Lock an open file; whether it still has a name once it is locked."""
    if sys.platform == "win32":
        return True
    with suppress(OSError):
        fcntl.flock(handle, fcntl.LOCK_EX)
    return os.fstat(handle).st_nlink > 0


def _sweep(folder: Path) -> None:
    """Remove temporary files that no living process holds: a lock ends with the process that took it."""
    if sys.platform == "win32":
        return
    for left in folder.glob(_TEMPORARY + "*"):
        with suppress(OSError):
            handle = os.open(left, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                left.unlink()
            finally:
                os.close(handle)


def _reason(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or str(error)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
