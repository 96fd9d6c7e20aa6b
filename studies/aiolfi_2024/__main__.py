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
from studies.aiolfi_2024.basket_labels import BasketLabels
from studies.aiolfi_2024.claims import as_markdown, claims
from studies.aiolfi_2024.figures import draw
from studies.aiolfi_2024.samples import make
from studies.aiolfi_2024.settings import PRESETS, Settings
from studies.aiolfi_2024.setup import Study
from studies.aiolfi_2024.study import run, steps

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SAMPLES = HERE / "samples"


def main(arguments: list[str] | None = None) -> int:
    """Run one preset; exit code 2 where something is missing."""
    options = _options(arguments)
    settings = PRESETS[options.preset]
    out = options.out or HERE / "results" / settings.name
    try:
        samples, num_paths = _samples(settings, options.data, out, options.fresh)
    except nr.core.NeuralratesError as error:
        print(error, file=sys.stderr)
        return 2
    # Several threads on samples so few wait for each other.
    with threadpool_limits(1, user_api="openmp"), _steps(steps(settings)) as tell:
        study = Study.of(settings, samples, num_paths, out, tell)
        found = run(study)
    found["seconds"] = study.seconds
    rows = claims(found)
    table = as_markdown(rows)
    atomic_write(out / "results.json", json.dumps({**found, "claims": rows}, indent=1) + "\n")
    atomic_write(out / "claims.md", table)
    draw(found, out / "figures")
    print(table)
    print(f"{found['seconds']:.0f} s; results and figures in {out}")
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m studies.aiolfi_2024", description=__doc__)
    preset = parser.add_mutually_exclusive_group()
    for name in PRESETS:
        preset.add_argument(f"--{name}", dest="preset", action="store_const", const=name)
    parser.set_defaults(preset="quick")
    data = ROOT.parent / "shared" / "data"
    parser.add_argument("--data", type=Path, default=data, help="folder of market data")
    parser.add_argument("--out", type=Path, help="folder of the results; finished steps are kept")
    parser.add_argument(
        "--fresh", action="store_true", help="price the basket again instead of reading its samples"
    )
    return parser.parse_args(arguments)


def _samples(settings: Settings, data: Path, out: Path, fresh: bool) -> tuple[BasketLabels, int]:
    """The samples of a preset and the paths of their simulation: those at hand, or priced anew."""
    made = out / "samples"
    if made.exists():
        samples, record = BasketLabels.load(made)
        return samples, record["num_paths"]
    if SAMPLES.exists() and not fresh:
        samples, record = BasketLabels.load(SAMPLES)
        few = samples.take(samples.groups % 10 == 0) if settings.tiny else samples
        return few, record["num_paths"]
    with progress("pricing contracts") as step:
        samples, record = make(data, settings.contracts_per_market, settings.num_paths, step)
    samples.save(made, record)
    return samples, settings.num_paths


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
