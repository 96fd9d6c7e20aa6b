"""What of an installation, its settings and its processor can change the last bit of a result."""

import functools
import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jax

from neuralrates.core.digest import digest_of_sources

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


def installation_of(rooms: tuple[str, ...]) -> dict[str, str]:
    """Versions, digest of the code, processor, device, precision and compiler flags of this process, as JAX is set now.

    Args:
        rooms: of this package, whose code the result goes through

    Example:
        >>> from neuralrates.core.installation import installation_of
        >>> sorted(installation_of(("core",)))[:3]
        ['backend', 'code', 'compiler_flags']
    """
    optimised = "no" if jax.config.read("jax_disable_most_optimizations") else "yes"
    settings: Any = jax.config  # which its type does not list
    device = next(iter(jax.numpy.zeros(()).devices()))  # where JAX computes, whatever chose it
    return {
        **{name: version(name) for name in _PACKAGES},
        "code": digest_of_sources(rooms),
        "processor": _processor(),
        "compiler_flags": os.environ.get("XLA_FLAGS", ""),
        "optimised": optimised,
        "backend": device.platform,
        "device": device.device_kind,
        "x64": str(settings.x64_enabled),
        "matmul_precision": str(settings.jax_default_matmul_precision or "default"),
        "threefry_partitionable": str(settings.jax_threefry_partitionable),
    }


@functools.cache
def _processor() -> str:
    """Architecture and those vector instructions that the system lists."""
    information = Path("/proc/cpuinfo")
    words = set(information.read_text().split()) if information.exists() else set()
    return " ".join([platform.machine(), *(name for name in _INSTRUCTIONS if name in words)])
