"""Real markets, read once for all tests."""

import functools
from pathlib import Path

import neuralrates as nr


@functools.cache
def real_market(path: Path) -> "nr.market.Market":
    """The market of a file."""
    return nr.market.load(path)
