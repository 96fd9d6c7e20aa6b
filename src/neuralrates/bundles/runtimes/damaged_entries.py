"""Entries of the compile cache that were cut off or overwritten: removed, so that they are compiled and kept anew.

JAX warns of an entry that it cannot read, compiles, and leaves the entry as it is: without this each later run would compile
again.
"""

import importlib
import os
import time
import zlib
from pathlib import Path

_CHECKED = ".checked"
_ZSTD = b"\x28\xb5\x2f\xfd"


def remove_damaged(folder: Path) -> None:
    """Remove entries that cannot be unpacked; those that lay there unchanged when last checked are not read again.

    Args:
        folder: of the cache, which can be written to

    Raises:
        OSError: where the folder cannot be read or written
    """
    stamp, now = folder / _CHECKED, time.time_ns()
    before = stamp.stat().st_mtime_ns if stamp.exists() else 0
    for entry in folder.glob("*-cache"):
        if entry.stat().st_ctime_ns > before and not _can_be_unpacked(entry.read_bytes()):
            entry.unlink(missing_ok=True)
    stamp.touch()
    os.utime(stamp, ns=(now, now))


def _can_be_unpacked(packed: bytes) -> bool:
    """Whether the checksum or the length that an entry ends in is right."""
    if packed.startswith(_ZSTD):
        return _zstd_can_be_unpacked(packed)
    try:
        zlib.decompress(packed)
    except zlib.error:
        return False
    return True


def _zstd_can_be_unpacked(packed: bytes) -> bool:
    """The same of an entry that JAX packed where `zstandard` is installed; elsewhere nothing can be said against it."""
    try:
        zstandard = importlib.import_module("zstandard")
    except ImportError:
        return True  # it may be a good one of another environment
    try:
        zstandard.ZstdDecompressor().decompress(packed)
    except zstandard.ZstdError:
        return False
    return True
