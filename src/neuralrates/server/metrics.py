"""Counters of a server in the text format of Prometheus, summed over its workers."""

import os
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np

ENDPOINTS = ("points", "book", "trade", "models", "other")
_ENGINES = ("learned", "reference")
_PER_ENDPOINT = (
    ("requests_total", "Requests answered.", "counter"),
    ("errors_total", "Requests answered by a fault.", "counter"),
    ("request_seconds_total", "Seconds from a request to its answer.", "counter"),
)
_ROWS = ("rows_total", "Points and trades priced.", "counter")
_SIZE = len(_PER_ENDPOINT) * len(ENDPOINTS) + len(_ENGINES)


class Metrics:
    """Counts of one worker; where a folder is given, in a file of it, so that any worker can add up all.

    Args:
        folder: shared by the workers; none where there is one
    """

    def __init__(self, folder: str = "") -> None:
        self._folder, self._lock = folder, threading.Lock()
        self._counts = np.zeros(_SIZE) if not folder else _mapped(Path(folder))

    def answered(self, endpoint: str, seconds: float, *, fault: bool) -> None:
        """Count one request."""
        place = ENDPOINTS.index(endpoint if endpoint in ENDPOINTS else "other")
        with self._lock:
            counts = self._counts[: -len(_ENGINES)].reshape(len(_PER_ENDPOINT), len(ENDPOINTS))
            counts[:, place] += (1.0, float(fault), seconds)

    def priced(self, learned: int, reference: int) -> None:
        """Count rows by the engine that answered."""
        with self._lock:
            self._counts[-len(_ENGINES) :] += (learned, reference)

    def text(self) -> str:
        """Everything counted so far, by all workers."""
        return "\n".join(_lines(self._sum())) + "\n"

    def _sum(self) -> np.ndarray:
        if not self._folder:
            return self._counts
        found = (np.fromfile(file, np.float64) for file in Path(self._folder).glob("*.counts"))
        return np.sum([counts for counts in found if len(counts) == _SIZE], axis=0)


def _mapped(folder: Path) -> np.ndarray:
    """Counters in a file of this process's own, which stays when the process ends: counts never fall."""
    handle, name = tempfile.mkstemp(".counts", f"{os.getpid()}-", folder)
    os.truncate(handle, 8 * _SIZE)
    os.close(handle)
    return np.memmap(name, np.float64, "r+", shape=(_SIZE,))


def _lines(counts: np.ndarray) -> Iterator[str]:
    tables = counts[: -len(_ENGINES)].reshape(len(_PER_ENDPOINT), len(ENDPOINTS))
    for described, row in zip(_PER_ENDPOINT, tables, strict=True):
        yield from _metric(described, "endpoint", ENDPOINTS, row)
    yield from _metric(_ROWS, "engine", _ENGINES, counts[-len(_ENGINES) :])


def _metric(
    described: tuple[str, str, str], label: str, names: tuple[str, ...], row: np.ndarray
) -> Iterator[str]:
    name, said, kind = described
    yield f"# HELP neuralrates_{name} {said}"
    yield f"# TYPE neuralrates_{name} {kind}"
    for one, count in zip(names, row.tolist(), strict=True):
        yield f'neuralrates_{name}{{{label}="{one}"}} {count:.15g}'
