"""What kernels in C stand on: headers, and how the house finds a kernel.

A kernel lives in the room of the algorithm that it runs, as `_kernel.c` beside the same algorithm in NumPy, which answers where
the package was installed without a compiler, and is what the kernel is tested against. `setup.py` lists the kernels. A kernel
takes contiguous arrays, lets other threads run, and neither allocates what it returns nor keeps anything between calls, but for
what it hands out as an object, such as the checked program of a graph.
"""

import importlib
from types import ModuleType


def kernel(name: str) -> ModuleType | None:
    """The compiled kernel of this full name, or None where it was not compiled."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None
