"""Tasks handed to workers, tried again where they fail, and reported where they fail again."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from neuralrates.cluster.executor import AbstractPool
from neuralrates.cluster.parquet import Arrays
from neuralrates.cluster.worker import Task
from neuralrates.core.errors import NeuralratesError, RefusalError

ATTEMPTS = 4
"""Times that a task is tried, a worker that was lost under it included."""
_MOST_FAILED = 3
"""Failed tasks after which the others are not waited for."""


class FailedShardsError(NeuralratesError):
    """Shards that no worker could make, each with its inputs and the reason; the others are kept."""


def completed(pool: AbstractPool, tasks: Iterable[Task]) -> Iterator[tuple[int, Arrays]]:
    """Numbers and labels of the tasks' shards, in the order in which they are made.

    Args:
        pool: workers
        tasks: taken as the workers get on, never many at a time

    Raises:
        RefusalError: at once, where a worker says that it cannot do such tasks at all
        FailedShardsError: after all others, or after a few such, where a task failed at every attempt
    """
    source, again = iter(tasks), deque[Task]()
    running: dict[Any, Task] = {}
    attempts: dict[int, int] = {}
    failed: list[str] = []

    def hand_over() -> None:
        while len(running) < pool.capacity and (task := _next(again, source)) is not None:
            running[pool.submit(task)] = task

    hand_over()
    while running and len(failed) < _MOST_FAILED:
        handle = pool.wait(list(running))
        task = running.pop(handle)
        arrays: Arrays | None = None
        try:
            arrays = pool.result(handle)
        except RefusalError:
            raise
        except Exception as error:
            attempts[task.shard] = attempts.get(task.shard, 0) + 1
            if attempts[task.shard] < ATTEMPTS:
                again.append(task)
            else:
                failed.append(_told(task, error))
        hand_over()  # before the labels are kept: no worker waits for that
        if arrays is not None:
            yield task.shard, arrays
    if failed:
        raise FailedShardsError("\n".join(failed))


def _next(again: deque[Task], source: Iterator[Task]) -> Task | None:
    return again.popleft() if again else next(source, None)


def _told(task: Task, error: Exception) -> str:
    """A failed task in one line: what it was, and why."""
    plan, reason = task.plan, " ".join(str(error).split()) or "no reason given"
    return (
        f"shard {task.shard} of {plan.problem['name']!r} failed {ATTEMPTS} times ({plan.rows(task.shard)} points, "
        f"key {plan.key} folded with {task.shard}): {type(error).__name__}: {reason}"
    )
