"""What a worker does: the labels of one shard, from nothing but plain values."""

import functools
import importlib
import os
from typing import NamedTuple

import numpy as np

from neuralrates.cluster.installation import installation
from neuralrates.cluster.parquet import Arrays
from neuralrates.cluster.plan import BATCH, Plan, first_difference
from neuralrates.core.errors import RefusalError
from neuralrates.problems.catalogue import PROBLEMS, load
from neuralrates.problems.exact_labels import exact_labels
from neuralrates.problems.fingerprint import changed_part
from neuralrates.problems.problem import Problem

ONE_THREAD = {"NPROC": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""Environment of a worker: XLA, which reads the first, and linear algebra run one thread each."""


class Task(NamedTuple):
    """One shard to make.

    Args:
        plan: what decides its labels
        shard: its number
    """

    plan: Plan
    shard: int


def registering_module(problem: Problem) -> str:
    """Module that registers a problem when a worker imports it.

    Raises:
        RefusalError: where the problem is not registered, so that no other process can load it
    """
    if problem.name not in PROBLEMS:
        raise RefusalError(
            f"Workers load problems by name, but {problem.name!r} is not registered: register it, or label it in process."
        )
    make = PROBLEMS[problem.name]
    return str(getattr(make, "func", make).__module__)


def shard_labels(problem: Problem, plan: Plan, shard: int) -> Arrays:
    """Labels of one shard; filled up to whole batches while they are made, so that one program makes every shard."""
    rows = plan.rows(shard)
    labels = exact_labels(
        problem,
        plan.shard_key(shard),
        -(-rows // BATCH) * BATCH,
        batch=BATCH,
        joint=plan.joint,
        slopes=plan.slopes,
        sampling=plan.sampling,
    )
    parts = {"x": labels.x, "value": labels.value, "error": labels.error}
    if labels.gradient is not None:
        parts["gradient"] = labels.gradient
    return {name: np.asarray(part)[:rows] for name, part in parts.items()}


def work(task: Task, module: str) -> Arrays:
    """Labels of a task, in a process that may know nothing yet.

    Args:
        task: the shard to make
        module: which registers the problem when it is imported

    Returns:
        The labels.

    Raises:
        RefusalError: where this installation, or its problem, is not the one that the plan was made by
    """
    problem = _problem(task.plan.problem["name"], module)
    _check_same(problem, task.plan.model_dump_json())
    return shard_labels(problem, task.plan, task.shard)


@functools.cache
def _problem(name: str, module: str) -> Problem:
    importlib.import_module(module)
    if name not in PROBLEMS:
        raise RefusalError(f"Module {module} does not register {name!r} when it is imported.")
    return load(name)


@functools.cache
def _check_same(problem: Problem, plan: str) -> None:
    kept = Plan.model_validate_json(plan)
    found = first_difference(kept.installation, installation())
    if found is not None:
        field, there, here = found
        raise RefusalError(
            f"A worker's installation differs in {field}: {here!r}, but {there!r} where the run was started; "
            "install the same on all machines."
        )
    if part := changed_part(problem, kept.problem):
        raise RefusalError(f"A worker's problem {problem.name!r} has another {part}.")


def use_one_thread() -> None:
    """Set the environment of a worker before XLA starts in it."""
    os.environ.update(ONE_THREAD)
