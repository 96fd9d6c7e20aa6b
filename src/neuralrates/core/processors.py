"""How many processors this process may use."""

import os
import sys


def num_processors() -> int:
    """Processors that the process may run on, fewer than the machine has where it is held to some; at least one."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
