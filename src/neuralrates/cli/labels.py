"""The command `labels`."""

import json
from pathlib import Path
from typing import NamedTuple

import jax

from neuralrates.cli.outcome import Outcome
from neuralrates.cli.progress import progress
from neuralrates.cluster.executor import AbstractExecutor, InProcess
from neuralrates.cluster.labelling import make_labels
from neuralrates.cluster.local_processes import LocalProcesses
from neuralrates.cluster.plan import BATCH
from neuralrates.cluster.ray_cluster import RayCluster
from neuralrates.core.errors import InputError
from neuralrates.problems.catalogue import PROBLEMS, load

_RAY = "ray://"


class Request(NamedTuple):
    """What is asked for, as typed; names as `neuralrates.cluster.make_labels` has them."""

    problem: str
    samples: int
    out: Path
    on: str
    workers: int | None
    seed: int
    shard_samples: int


def run(request: Request, *, joint: bool, slopes: bool, as_json: bool) -> Outcome:
    """Make the labels, or the rest of them, and say where they are."""
    if request.problem not in PROBLEMS:
        known = ", ".join(PROBLEMS)
        raise InputError(f"expected a problem among {known}, found {request.problem!r}")
    if request.shard_samples % BATCH:
        expected = f"expected a multiple of {BATCH}, found {request.shard_samples}"
        raise InputError(expected, column="--shard-samples")
    workers = _executor(request.on, request.workers)
    with progress("labelling") as step:
        store = make_labels(
            load(request.problem),
            jax.random.key(request.seed),
            request.samples,
            request.out,
            executor=workers,
            shard_samples=request.shard_samples,
            joint=joint,
            slopes=slopes,
            progress=step,
        )
    told = {
        "folder": str(store.folder),
        "problem": request.problem,
        "samples": len(store),
        "shards": len(store.shards),
        "sha256": store.sha256,
    }
    if as_json:
        print(json.dumps(told, indent=1))
    else:
        print(f"{len(store):,} labels of {request.problem} in {store.folder}")
        print(f"digest {store.sha256}")
    return Outcome.DONE


def _executor(on: str, workers: int | None) -> AbstractExecutor:
    """Who makes the labels, by the word for it."""
    match on:
        case "process":
            if workers is not None:
                raise InputError("expected --on processes or ray beside --workers")
            return InProcess()
        case "processes":
            return LocalProcesses(workers)
        case "ray":
            return RayCluster(None, workers)
    if on.startswith(_RAY) and on != _RAY:
        return RayCluster(on, workers)
    expected = f"expected process, processes, ray or ray://HOST:PORT, found {on!r}"
    raise InputError(expected, column="--on")
