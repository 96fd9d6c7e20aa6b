"""The command `data fetch`."""

import json
from dataclasses import asdict
from pathlib import Path

from neuralrates.cli.outcome import Outcome
from neuralrates.histories.publishers import fetch


def run(source: str, cache: Path | None, *, as_json: bool) -> Outcome:
    """Fetch the files of a publisher and say where they are."""
    files = fetch(source, cache=cache)
    if as_json:
        print(json.dumps([asdict(file) for file in files], indent=1))
        return Outcome.DONE
    for file in files:
        print(
            f"{'downloaded' if file.fresh else 'unchanged '}  {file.path}  sha256 {file.sha256[:12]}"
        )
    return Outcome.DONE
