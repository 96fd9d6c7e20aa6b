"""Run time apart from compile time."""

import os
import time
from collections.abc import Callable

import jax


def use_one_core() -> None:
    """Keep this process on one core, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def fastest_seconds(run: Callable[[], object], repeats: int) -> float:
    """Fastest of some calls, after one that compiles: other work on the machine slows a call, nothing speeds it up."""
    jax.block_until_ready(run())
    return min(_seconds(run) for _ in range(repeats))


def _seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    jax.block_until_ready(run())
    return time.perf_counter() - start
