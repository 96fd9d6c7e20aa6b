"""Compiled code kept between runs, so that the second one starts at once."""

import os
from pathlib import Path

import jax

from neuralrates.market.publishers import cache_folder

_WORTH_KEEPING = 0.3


def enable_compilation_cache(folder: str | Path | None = None) -> Path | None:
    """Keep compiled code on disk; where nothing can be written, nothing is kept.

    Args:
        folder: where; the folder `xla` in the cache of the library when not given

    Returns:
        The folder, or None where nothing is kept.
    """
    folder = cache_folder() / "xla" if folder is None else Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    if not os.access(folder, os.W_OK):
        return None
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", _WORTH_KEEPING)
    return folder
