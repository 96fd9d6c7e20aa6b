"""What a server is told when it starts."""

import dataclasses
import json
import os
from dataclasses import dataclass
from pathlib import Path

from neuralrates.core.errors import InputError
from neuralrates.core.files import read_text

VARIABLE = "NEURALRATES_SERVER"
"""Where a process that serves finds the settings: workers are started anew and share nothing else."""
_SHORTEST_KEY, _LARGEST_KEY_FILE = 16, 4096


@dataclass(frozen=True)
class Settings:
    """Limits and contents of a server.

    Args:
        bundles: names or folders of the bundles it serves; none stands for all that the package ships
        key: what a request must bring, where anything is asked
        largest_body: bytes that a request may have
        largest_points: points of one request
        largest_book: trades of one request
        timeout: seconds for a request to arrive, for it to be priced, and for its answer to be taken
        threads: requests that are priced at the same time; as many again wait for each
        check_share: share of the learned prices that is held against the reference
        monitor: folder in which what comes of that is kept; none where nothing is checked
        counters: folder in which the workers of one server count together; none where there is one
    """

    bundles: tuple[str, ...] = ()
    key: str = dataclasses.field(default="", repr=False)
    largest_body: int = 16 << 20
    largest_points: int = 100_000
    largest_book: int = 2_000
    timeout: float = 60.0
    threads: int = 2
    check_share: float = 0.001
    monitor: str = ""
    counters: str = ""

    def to_environment(self) -> None:
        """Leave the settings where processes that are started from here find them."""
        os.environ[VARIABLE] = json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_environment(cls) -> "Settings":
        """The settings that were left by `to_environment`; the usual ones where none were."""
        found = json.loads(os.environ.get(VARIABLE, "{}"))
        return cls(**{**found, "bundles": tuple(found.get("bundles", ()))})


def read_key(path: Path) -> str:
    """The key in a file: one line of at least 16 printable characters.

    Args:
        path: file name

    Raises:
        InputError: where there is no such line; the message never shows it
    """
    key = read_text(path, largest=_LARGEST_KEY_FILE).strip()
    if len(key) < _SHORTEST_KEY or not key.isascii() or not key.isprintable() or " " in key:
        raise InputError(
            f"expected one line of at least {_SHORTEST_KEY} printable characters without spaces",
            file=path,
        )
    return key
