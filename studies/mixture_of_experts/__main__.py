"""`python -m studies.mixture_of_experts --quick`: every experiment, its figure and its verdict."""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import neuralrates as nr
from neuralrates.core.files import atomic_write
from studies.kept import Result
from studies.mixture_of_experts import (
    budget,
    comparison,
    gates,
    hedging,
    notes_at_auction,
    timing,
    transfer,
)
from studies.mixture_of_experts.claims import as_markdown, claims
from studies.mixture_of_experts.figures import draw
from studies.mixture_of_experts.regimes import DATA
from studies.mixture_of_experts.settings import PRESETS
from studies.mixture_of_experts.study import Study

HERE = Path(__file__).resolve().parent


def notes(study: Study) -> Result:
    """Reopenings of floating rate notes."""
    return study.once("notes-at-auction", lambda: notes_at_auction.experiment(study.data))


EXPERIMENTS = (
    comparison.comparison,
    timing.speed,
    budget.time_budget,
    notes,
    gates.reliability,
    gates.regime_changes,
    comparison.unseen_regime,
    transfer.transfer,
    hedging.hedging,
    comparison.sizes,
)
LONG = (comparison.sizes,)
"""Of the full preset only."""


def main(arguments: list[str] | None = None) -> int:
    """Run one preset; what was measured before, with the same settings, is read again."""
    options = _options(arguments)
    settings = PRESETS[options.preset]
    out = options.out or HERE / "results" / settings.name
    began = time.perf_counter()

    def say(line: str) -> None:
        print(f"{time.perf_counter() - began:6.0f} s  {line}", file=sys.stderr, flush=True)

    try:
        study = Study(settings, options.work, options.data, say)
        found = {}
        chosen = _chosen(options.only, settings.name)
        for number, experiment in enumerate(chosen, 1):
            say(f"{number}/{len(chosen)} {experiment.__name__}")
            found[experiment.__name__] = experiment(study)
    except (nr.core.NeuralratesError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    rows = claims(found)
    table = as_markdown(rows)
    out.mkdir(parents=True, exist_ok=True)
    atomic_write(out / "results.json", json.dumps({"claims": rows, **found}, indent=1) + "\n")
    atomic_write(out / "claims.md", table)
    draw(found, out / "figures")
    print(table)
    print(f"{time.perf_counter() - began:.0f} s; results and figures in {out}")
    return 0


def _chosen(only: list[str] | None, preset: str) -> list[Callable[[Study], Result]]:
    """The experiments asked for; without a wish all that belong to the preset."""
    if only:
        return [experiment for experiment in EXPERIMENTS if experiment.__name__ in only]
    return [e for e in EXPERIMENTS if preset == "full" or e not in LONG]


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m studies.mixture_of_experts")
    preset = parser.add_mutually_exclusive_group()
    for name in PRESETS:
        preset.add_argument(f"--{name}", dest="preset", action="store_const", const=name)
    parser.set_defaults(preset="quick")
    work = HERE.parents[1] / "build" / HERE.name
    parser.add_argument("--work", type=Path, default=work, help="folder of panels and networks")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the published series")
    names = [experiment.__name__ for experiment in EXPERIMENTS]
    parser.add_argument("--only", nargs="+", choices=names, help="these experiments alone")
    parser.add_argument("--out", type=Path, help="folder of results and figures")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
