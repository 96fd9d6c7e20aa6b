"""What of an installation and its processor can change the last bit of a label."""

import functools
import os
import platform
from importlib.metadata import version
from pathlib import Path

import jax

from neuralrates.certificates.digests import code_digest

_PACKAGES = ("neuralrates", "jax", "jaxlib", "equinox", "optimistix", "numpy")
_INSTRUCTIONS = (
    "avx",
    "avx2",
    "fma",
    "avx512f",
    "avx512vl",
    "avx512bw",
    "avx512dq",
    "asimd",
    "sve",
)
"""Vector instructions that XLA compiles for where they are there."""


def installation() -> dict[str, str]:
    """Versions, digest of the code that prices, processor and compiler flags of this process.

    Example:
        >>> from neuralrates.cluster.installation import installation
        >>> sorted(installation())[:3]
        ['code', 'compiler_flags', 'equinox']
    """
    optimised = "no" if jax.config.read("jax_disable_most_optimizations") else "yes"
    return {
        **{name: version(name) for name in _PACKAGES},
        "code": code_digest(),
        "processor": _processor(),
        "compiler_flags": os.environ.get("XLA_FLAGS", ""),
        "optimised": optimised,
    }


@functools.cache
def _processor() -> str:
    """Architecture and those vector instructions that the system lists."""
    information = Path("/proc/cpuinfo")
    words = set(information.read_text().split()) if information.exists() else set()
    return " ".join([platform.machine(), *(name for name in _INSTRUCTIONS if name in words)])
