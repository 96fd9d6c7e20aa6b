"""The process of a command: what is set before it starts, and how it ends."""

import gc
import signal
import sys
from types import FrameType

from neuralrates.cli.app import app
from neuralrates.cli.terminal import prepare

_ALLOCATIONS = 200_000
"""Objects made between two collections: a million live as long as the process, and to look for garbage among them, while they
load and once more at the end, took a large part of a short command."""


def main() -> None:
    """Run the command line; a request to end (SIGTERM) leaves no half-written file."""
    usual = gc.get_threshold()
    gc.set_threshold(_ALLOCATIONS)
    prepare()
    signal.signal(signal.SIGTERM, _end)
    try:
        app()
    finally:
        gc.set_threshold(*usual)
        gc.freeze()


def _end(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)
