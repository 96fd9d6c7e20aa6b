"""`python -m studies.gomez_casanova_2024 --quick`: every experiment, its figure and its verdict."""

import argparse
import json
import subprocess
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
    sampled.compensated_network,
    sampled.compensated_anchored,
    sampled.label_costs,
    exact.grid_bundling,
    sampled.convergence,
)
APART = (
    exact.exact_joint,
    exact.future_dates,
    exact.grid_bundling,
    sampled.compensated_network,
    sampled.compensated_anchored,
    sampled.label_costs,
)
"""Experiments that share nothing with the others, so that a second process may run them meanwhile."""


def main(arguments: list[str] | None = None) -> int:
    """Run one preset; what was measured before, with the same settings, is read again."""
    options = _options(arguments)
    settings = PRESETS[options.preset]
    out = options.out or HERE / "results" / settings.name
    out.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()

    def say(line: str) -> None:
        print(f"{time.perf_counter() - began:6.0f} s  {line}", file=sys.stderr, flush=True)

    study = Study(settings, options.work, say)
    beside = _beside(options, study)
    try:
        if beside is not None:
            for experiment in EXPERIMENTS:
                if experiment not in (*APART, exact.states):
                    experiment(study)
            beside.wait()
        chosen = [e for e in EXPERIMENTS if not options.only or e.__name__ in options.only]
        found = {e.__name__: e(study) for e in chosen}
    except (nr.training.DivergenceError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    finally:
        if beside is not None:
            beside.terminate()
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


def _beside(options: argparse.Namespace, study: Study) -> subprocess.Popen[bytes] | None:
    """A second process for the experiments apart, once the fresh points that both judge by are there."""
    if options.only:
        return None
    study.truth()
    names = [experiment.__name__ for experiment in APART]
    command = [sys.executable, "-m", "studies.gomez_casanova_2024", f"--{options.preset}"]
    command += ["--work", str(options.work), "--out", str(study.work / "apart"), "--only", *names]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)


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
