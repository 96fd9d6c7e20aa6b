"""A server from the first request to the last: uvicorn with the limits of the settings."""

import dataclasses
import os
import sys
import tempfile

from neuralrates.core.extras import extra
from neuralrates.server.settings import Settings

with extra("server"):
    import uvicorn

_THREADS = "OPENBLAS_NUM_THREADS"
"""Of a matrix product, in workers that start from here: requests go beside each other, products of their matrices are small."""
_ARENAS = "MALLOC_ARENA_MAX"
"""Of glibc's memory, in workers that start from here: each thread's own keeps what a compilation or a large body took."""
_SWITCH = 0.0005
"""Seconds after which a thread that prices lets the loop have its turn."""


def run(settings: Settings, host: str, port: int, workers: int) -> None:
    """Serve until told to end; requests that have begun are answered first.

    Args:
        settings: limits and contents
        host: address to listen at
        port: of it
        workers: processes
    """
    os.environ.setdefault(_THREADS, "1")
    os.environ.setdefault(_ARENAS, "2")
    with tempfile.TemporaryDirectory(prefix="neuralrates-") as folder:
        counters = folder if workers > 1 else ""
        monitor = settings.monitor or folder
        dataclasses.replace(settings, counters=counters, monitor=monitor).to_environment()
        sys.setswitchinterval(_SWITCH)
        uvicorn.run(
            "neuralrates.server.app:from_environment",
            factory=True,
            host=host,
            port=port,
            workers=workers,
            http="neuralrates.server.connections:watched",  # type: ignore[arg-type]
            ws="none",
            access_log=False,
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=int(settings.timeout) + 1,
        )
