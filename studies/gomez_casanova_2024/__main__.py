"""`python -m studies.gomez_casanova_2024 --quick`: every experiment, its figure and its verdict."""

import argparse
import json
import sys
import time
from pathlib import Path

import neuralrates as nr
from neuralrates.core.files import atomic_write
from studies.gomez_casanova_2024 import exact, sampled
from studies.gomez_casanova_2024.claims import as_markdown, claims
from studies.gomez_casanova_2024.figures import draw
from studies.gomez_casanova_2024.settings import PRESETS
from studies.gomez_casanova_2024.study import Study

HERE = Path(__file__).resolve().parent
EXPERIMENTS = (
    sampled.rejections,
    sampled.joint_against_plain,
    exact.exact_joint,
    exact.future_dates,
    exact.states,
    sampled.paper_at_its_best,
    sampled.hedged_network,
    sampled.hedged_anchored,
    sampled.compensated_network,
    sampled.compensated_anchored,
    sampled.label_costs,
    exact.grid_bundling,
    sampled.convergence,
)


def main(arguments: list[str] | None = None) -> int:
    """Run one preset; what was measured before, with the same settings, is read again."""
    options = _options(arguments)
    settings = PRESETS[options.preset]
    out = options.out or HERE / "results" / settings.name
    out.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()

    def say(line: str) -> None:
        print(f"{time.perf_counter() - began:6.0f} s  {line}", file=sys.stderr, flush=True)

    try:
        study = Study(settings, options.work, say)
        found = {}
        chosen = [e for e in EXPERIMENTS if not options.only or e.__name__ in options.only]
        for number, experiment in enumerate(chosen, 1):
            name = experiment.__name__
            say(f"{number}/{len(chosen)} {name}")
            found[name] = experiment(study)
    except (nr.training.DivergenceError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    apart = HERE / "results" / f"five_factor_{settings.name}.json"
    if apart.exists():
        found["five_factor"] = json.loads(apart.read_text(encoding="utf-8"))
    rows = claims(found)
    table = as_markdown(rows)
    atomic_write(out / "results.json", json.dumps({"claims": rows, **found}, indent=1) + "\n")
    atomic_write(out / "claims.md", table)
    draw(found, out / "figures")
    print(table)
    print(f"{time.perf_counter() - began:.0f} s; results and figures in {out}")
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m studies.gomez_casanova_2024")
    preset = parser.add_mutually_exclusive_group()
    for name in PRESETS:
        preset.add_argument(f"--{name}", dest="preset", action="store_const", const=name)
    parser.set_defaults(preset="quick")
    work = HERE.parents[1] / "build" / HERE.name
    parser.add_argument("--work", type=Path, default=work, help="folder of labels and checkpoints")
    names = [experiment.__name__ for experiment in EXPERIMENTS]
    parser.add_argument("--only", nargs="+", choices=names, help="these experiments alone")
    parser.add_argument("--out", type=Path, help="folder of results and figures")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
