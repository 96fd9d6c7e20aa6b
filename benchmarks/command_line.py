"""The command line as a user meets it: wall time of new processes, with nothing compiled on disk and with everything.

    python -m benchmarks.command_line

One Bermudan is `neuralrates price` of a book of one trade on the example market.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.support.results import save

from neuralrates.desk.example import example_files

TRADE = "BRM-10NC1-PAY"
WARM_RUNS = 3
_NOT_A_USERS = ("JAX_", "PYTHONDONTWRITEBYTECODE")
"""Beginnings of environment variables that a user has not set, and that change what is timed."""


def seconds(arguments: list[str], cache: Path, folder: Path) -> float:
    """Wall seconds of one run of the command line in a new process."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(_NOT_A_USERS)}
    start = time.perf_counter()
    subprocess.run(
        [str(Path(sys.executable).parent / "neuralrates"), *arguments],
        env=environment | {"NEURALRATES_CACHE": str(cache)},
        cwd=folder,
        capture_output=True,
        check=True,
    )
    return time.perf_counter() - start


def cold_and_warm(arguments: list[str]) -> dict[str, float]:
    """The first run with an empty cache, and the best of those after it."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        cold = seconds(arguments, folder / "cache", folder)
        warm = min(seconds(arguments, folder / "cache", folder) for _ in range(WARM_RUNS))
    return {"cold_seconds": cold, "warm_seconds": warm}


def main() -> None:
    """Measure, print and save."""
    book, market = example_files()
    header, *rows = book.read_text().splitlines()
    with tempfile.TemporaryDirectory() as made:
        one = Path(made) / "one.csv"
        one.write_text("\n".join([header, *(row for row in rows if TRADE in row)]) + "\n")
        commands = {
            "models": ["models"],
            "one_bermudan": ["price", str(one), "--market", str(market)],
            "quickstart": ["quickstart"],
        }
        results = {}
        for name, arguments in commands.items():
            results[name] = cold_and_warm(arguments)
            print(f"{name}: {results[name]}", flush=True)
    print(f"saved to {save('command_line', results)}")


if __name__ == "__main__":
    main()
