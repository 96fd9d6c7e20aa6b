"""The command line of a study: what it runs in which size, on two processes where it may, and where its results go."""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import neuralrates as nr
from neuralrates.core.files import atomic_write
from studies.kept import Result

Say = Callable[[str], None]
Experiment = Callable[[Any], Result]
Rows = list[dict[str, str]]
Options = argparse.Namespace


@dataclass(frozen=True)
class Program:
    """A study as it is called.

    Every experiment takes the run of the study and gives its result; one that has nothing to tell gives an empty one. An
    experiment keeps what it has measured (`kept`), so that a run that was cut short goes on, and the second process's
    results are read by the first.

    Args:
        folder: of the study, which names its module
        presets: settings by name, each with a `name`
        begin: makes a run of the study from settings, options (`work`, `data`) and what it says
        experiments: in the order in which they are reported
        claims: rows of the table of claims from results by experiment
        draw: figures from the same results into a folder
        data: folder of data that the study reads, where it does
        ready: makes what both processes need
        apart: experiments that a second process runs meanwhile
        after: experiments that wait for the second process, since they need its results or are clocked
        long: experiments of the full preset alone
    """

    folder: Path
    presets: Mapping[str, Any]
    begin: Callable[[Any, Options, Say], Any]
    experiments: tuple[Experiment, ...]
    claims: Callable[[Result], Rows]
    draw: Callable[[Result, Path], object]
    data: Path | None = None
    ready: Callable[[Any], object] | None = None
    apart: tuple[Experiment, ...] = ()
    after: tuple[Experiment, ...] = ()
    long: tuple[Experiment, ...] = ()

    @property
    def module(self) -> str:
        """Name under which Python runs the study."""
        return f"studies.{self.folder.name}"


def run(program: Program, arguments: list[str] | None = None) -> int:
    """Run one preset; what was measured before, with the same settings, is read again.

    Where some experiments alone are asked for, the others' results stay in the file as they are.

    Args:
        program: the study
        arguments: of the command line; those of the process by default

    Returns:
        Exit code: 2 where something is missing or was measured otherwise.
    """
    options = _options(program, arguments)
    out = options.out or program.folder / "results" / options.preset
    began = time.perf_counter()

    def say(line: str) -> None:
        print(f"{time.perf_counter() - began:6.0f} s  {line}", file=sys.stderr, flush=True)

    try:
        study = program.begin(program.presets[options.preset], options, say)
        found = _kept_beside(program, options, out) | _found(program, options, study, say)
        rows = _claims(program, options, found, out)
    except (nr.core.NeuralratesError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    table = as_markdown(rows)
    out.mkdir(parents=True, exist_ok=True)
    atomic_write(out / "results.json", json.dumps({"claims": rows, **found}, indent=1) + "\n")
    atomic_write(out / "claims.md", table)
    program.draw(found, out / "figures")
    print(table)
    print(f"{time.perf_counter() - began:.0f} s; results and figures in {out}")
    return 0


def as_markdown(rows: Rows) -> str:
    """The rows as a table; without rows an empty one."""
    lines = [list(row.values()) for row in rows]
    head = [list(rows[0]), ["---"] * len(rows[0])] if rows else []
    return "".join("| " + " | ".join(line) + " |\n" for line in head + lines)


def _found(program: Program, options: Options, study: Any, say: Say) -> Result:
    """Results by experiment, of all that were asked for."""
    chosen = _chosen(program, options)
    shared = [e for e in chosen if e in program.apart and not options.only]
    first = [e for e in chosen if e not in shared and e not in program.after]
    found: Result = {}
    with _beside(program, options, study, shared):
        for experiment in first:
            say(f"{len(found) + 1}/{len(chosen)} {experiment.__name__}")
            found[experiment.__name__] = experiment(study)
    for experiment in (e for e in chosen if e not in first):
        say(f"{len(found) + 1}/{len(chosen)} {experiment.__name__}")
        found[experiment.__name__] = experiment(study)
    return {e.__name__: found[e.__name__] for e in chosen if found[e.__name__]}


def _kept_beside(program: Program, options: Options, out: Path) -> Result:
    """What the results file has of experiments that are not run this time; nothing where all are."""
    file = out / "results.json"
    if not options.only or not file.exists():
        return {}
    known: Result = json.loads(file.read_text(encoding="utf-8"))
    names = (experiment.__name__ for experiment in program.experiments)
    return {name: known[name] for name in names if name in known}


def _claims(program: Program, options: Options, found: Result, out: Path) -> Rows:
    """Rows of the table; one that a kept result cannot fill says which file is older than the code."""
    try:
        return program.claims(found)
    except KeyError as error:
        fresh = options.only or found
        others = ", ".join(name for name in found if name not in fresh) or "none"
        raise ValueError(
            f"File {out / 'results.json'} was measured by older code: a claim needs {error}, which no result has. "
            f"Kept from it: {others}; run those again."
        ) from error


def _chosen(program: Program, options: Options) -> list[Experiment]:
    """The experiments asked for; without a wish all that belong to the preset."""
    if options.only:
        return [e for e in program.experiments if e.__name__ in options.only]
    return [e for e in program.experiments if options.preset == "full" or e not in program.long]


@contextmanager
def _beside(program: Program, options: Options, study: Any, apart: list[Experiment]) -> Any:
    """A second process for some experiments; it has ended on leaving, and does not outlive an error."""
    if not apart:
        yield
        return
    if program.ready is not None:
        program.ready(study)
    command = [sys.executable, "-m", program.module, f"--{options.preset}"]
    command += ["--work", str(options.work), "--out", str(options.work / options.preset / "apart")]
    command += [] if program.data is None else ["--data", str(options.data)]
    command += ["--only", *(experiment.__name__ for experiment in apart)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield
        process.wait()
    finally:
        process.terminate()


def _options(program: Program, arguments: list[str] | None) -> Options:
    parser = argparse.ArgumentParser(prog=f"python -m {program.module}")
    preset = parser.add_mutually_exclusive_group()
    for name in program.presets:
        preset.add_argument(f"--{name}", dest="preset", action="store_const", const=name)
    parser.set_defaults(preset="quick")
    work = program.folder.parents[1] / "build" / program.folder.name
    parser.add_argument("--work", type=Path, default=work, help="folder of all that is kept")
    if program.data is not None:
        parser.add_argument("--data", type=Path, default=program.data, help="folder of the data")
    names = [experiment.__name__ for experiment in program.experiments]
    parser.add_argument("--only", nargs="+", choices=names, help="these experiments alone")
    parser.add_argument("--out", type=Path, help="folder of results and figures")
    return parser.parse_args(arguments)
