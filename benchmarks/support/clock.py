"""Run time apart from compile time."""

import os
import statistics
import time
from collections.abc import Callable

import jax


def use_one_core() -> None:
    """Keep this process on one core, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def processor_seconds(run: Callable[[], object], repeats: int) -> float:
    """Median processor time of a call, after one that compiles: other work on the machine does not count."""
    jax.block_until_ready(run())
    return statistics.median(_seconds(run) for _ in range(repeats))


def _seconds(run: Callable[[], object]) -> float:
    start = time.process_time()
    jax.block_until_ready(run())
    return time.process_time() - start
