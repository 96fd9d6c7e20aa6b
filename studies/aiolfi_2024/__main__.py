"""`python -m studies.aiolfi_2024 --quick`: all tables and figures of the study."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from threadpoolctl import threadpool_limits

import neuralrates as nr
from neuralrates.cli.progress import progress
from neuralrates.core.files import atomic_write
from studies.aiolfi_2024.claims import as_markdown, claims
from studies.aiolfi_2024.figures import draw
from studies.aiolfi_2024.markdown import tables
from studies.aiolfi_2024.samples import FOLDER
from studies.aiolfi_2024.settings import PRESETS
from studies.aiolfi_2024.setup import Study
from studies.aiolfi_2024.study import run, steps

HERE = Path(__file__).resolve().parent


def main(arguments: list[str] | None = None) -> int:
    """Run one preset; exit code 2 where something is missing or was measured otherwise."""
    options = _options(arguments)
    settings = PRESETS[options.preset]
    out = options.out or HERE / "results" / settings.name
    try:
        # Several threads on samples so few wait for each other.
        with threadpool_limits(1, user_api="openmp"), _steps(steps(settings)) as tell:
            study = Study.of(settings, options.samples, out, tell)
            found = run(study)
    except (nr.core.NeuralratesError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    found["processor_seconds"] = study.processor_seconds
    rows = claims(found)
    files = {"claims.md": as_markdown(rows), **tables(found)}
    atomic_write(out / "results.json", json.dumps({**found, "claims": rows}, indent=1) + "\n")
    for name, table in files.items():
        atomic_write(out / name, table)
    draw(found, out / "figures")
    print(files["claims.md"])
    print(f"{found['processor_seconds']:.0f} s of a processor; results and figures in {out}")
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m studies.aiolfi_2024", description=__doc__)
    preset = parser.add_mutually_exclusive_group()
    for name in PRESETS:
        preset.add_argument(f"--{name}", dest="preset", action="store_const", const=name)
    parser.set_defaults(preset="quick")
    parser.add_argument("--samples", type=Path, default=FOLDER, help="folder of both baskets")
    parser.add_argument("--out", type=Path, help="folder of the results; finished steps are kept")
    return parser.parse_args(arguments)


@contextmanager
def _steps(total: int) -> Iterator[Callable[[str], None]]:
    """Progress by steps, named as they begin."""
    with progress("steps") as step:
        done = 0

        def tell(name: str) -> None:
            nonlocal done
            step(done, total)
            done += 1
            print(f"{done}/{total} {name}", file=sys.stderr, flush=True)

        yield tell
        step(total, total)


if __name__ == "__main__":
    raise SystemExit(main())
