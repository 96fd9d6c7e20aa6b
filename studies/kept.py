"""Results that are measured once: what was found for the same settings is read again."""

import fcntl
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from neuralrates.core.files import atomic_write

Result = dict[str, Any]


def kept(place: Path, run: Callable[[], Result], *decides: object) -> tuple[Result, bool]:
    """The result of an experiment, and whether it was measured now.

    Args:
        place: file without suffix
        run: measures, where nothing is kept
        decides: everything that decides the result; printed and compared

    Raises:
        ValueError: where the file was measured with other settings
    """
    file = place.with_name(f"{place.name}.json")
    wanted = json.loads(json.dumps([repr(part) for part in decides]))
    with made_once(place):
        return _read_or_run(file, run, wanted)


@contextmanager
def made_once(place: Path) -> Iterator[None]:
    """Of two processes that want what belongs here the second waits, and then finds it."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.with_name(f".{place.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _read_or_run(file: Path, run: Callable[[], Result], wanted: list[str]) -> tuple[Result, bool]:
    if file.exists():
        known = json.loads(file.read_text(encoding="utf-8"))
        if known.get("decides") != wanted:
            raise ValueError(
                f"File {file} was measured with other settings or by older code: remove it or work elsewhere."
            )
        return known["result"], False
    start = time.process_time()
    result = run() | {"processor_seconds": time.process_time() - start}
    atomic_write(file, json.dumps({"decides": wanted, "result": result}))
    return result, True
