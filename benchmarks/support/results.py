"""Results on disk, with the machine and the versions that made them."""

import json
import os
import platform
from importlib.metadata import version
from pathlib import Path

_FOLDER = Path(__file__).resolve().parents[1] / "results"
_PACKAGES = ("neuralrates", "jax", "jaxlib", "equinox", "numpy", "QuantLib")


def save(name: str, results: dict[str, object]) -> Path:
    """Write results as JSON, whole or not at all.

    Args:
        name: file name without suffix
        results: what was measured, with units in the keys

    Returns:
        File written.
    """
    _FOLDER.mkdir(exist_ok=True)
    path = _FOLDER / f"{name}.json"
    record = {"machine": _machine(), "versions": _versions(), "results": results}
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    temporary.replace(path)
    return path


def save_part(name: str, part: str, results: dict[str, object]) -> Path:
    """Write one part of a file of results anew, with the machine and the versions that made this part.

    Args:
        name: file name without suffix; the file must be there
        part: key of the part
        results: what was measured, with units in the keys

    Returns:
        File written.
    """
    path = _FOLDER / f"{name}.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    record["results"][part] = {"machine": _machine(), "versions": _versions(), **results}
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    temporary.replace(path)
    return path


def _machine() -> dict[str, object]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"processor": _processor(), "cores": cores, "system": platform.system()}


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}}
