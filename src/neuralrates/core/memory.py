"""Memory given back to the system."""

import ctypes
import functools
from collections.abc import Callable


def give_back_freed() -> None:
    """Return what was freed to the system, where the C library would keep it.

    Threads that make and drop many arrays of a megabyte leave the heaps of the GNU C library full of holes: a thousand trades
    with all Greeks held 1.5 GB of which 0.6 GB were free. Elsewhere nothing is done.
    """
    trim = _trim()
    if trim is not None:
        trim(0)


@functools.cache
def _trim() -> Callable[[int], int] | None:
    try:
        found: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    except (OSError, TypeError):
        return None
    return found
