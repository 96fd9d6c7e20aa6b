"""Compiled code kept between runs, so that the second one starts at once."""

import contextlib
import functools
import os
import stat
import warnings
from pathlib import Path

import jax

from neuralrates.bundles.runtimes.damaged_entries import remove_damaged
from neuralrates.histories.publishers import cache_folder

_WORTH_KEEPING = 0.3
_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH


def enable_compilation_cache(folder: str | Path | None = None) -> Path | None:
    """Keep compiled code on disk; where nothing can be written, nothing is kept.

    What lies in the folder is run as it is: it must be the user's own, and nobody else may write to it. Where that is not so,
    a warning says it and everything is compiled afresh. Entries that are damaged are removed, to be compiled and kept again.

    Args:
        folder: where; the folder `xla` in the cache of the library when not given

    Returns:
        The folder, or None where nothing is kept.
    """
    folder = cache_folder() / "xla" if folder is None else Path(folder)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        reason = _distrust(folder)
    except (OSError, ValueError):
        return None
    if reason:
        warnings.warn(
            f"{folder}: compiled code is neither read nor kept, because the folder {reason}",
            stacklevel=2,
        )
        return None
    if not os.access(folder, os.W_OK):
        return None
    with contextlib.suppress(OSError):  # another process may remove an entry while it is looked at
        _looked_at(folder, folder.stat().st_mtime_ns)
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", _WORTH_KEEPING)
    return folder


@functools.lru_cache(maxsize=8)
def _looked_at(folder: Path, _changed: int) -> None:
    """Remove damaged entries; not again while no entry has come or gone."""
    remove_damaged(folder)


def _distrust(folder: Path) -> str:
    """Why code from a folder must not be run; empty where it may."""
    if not hasattr(os, "getuid"):
        return ""
    found = folder.stat()
    if found.st_uid != os.getuid():
        return "belongs to somebody else"
    if found.st_mode & _OTHERS_MAY_WRITE:
        return "can be written to by others (chmod go-w mends it)"
    return ""
