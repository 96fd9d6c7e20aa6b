"""Executors: who makes the shards. All that differs between them is behind two small interfaces."""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from neuralrates.cluster.parquet import Arrays
from neuralrates.cluster.worker import Task, shard_labels
from neuralrates.problems.problem import Problem


class AbstractPool(ABC):
    """Workers that are running."""

    @property
    @abstractmethod
    def capacity(self) -> int:
        """Tasks to hand over at a time, so that no worker waits."""

    @abstractmethod
    def submit(self, task: Task) -> Hashable:
        """Hand over a task; its handle."""

    @abstractmethod
    def wait(self, handles: Sequence[Any]) -> Any:
        """One of the handles whose task has ended, well or badly."""

    @abstractmethod
    def result(self, handle: Any) -> Arrays:
        """Labels of a task that has ended; raises what ended it."""


class AbstractExecutor(ABC):
    """Where shards are made: in process, in local processes, or on a cluster."""

    @abstractmethod
    def open(self, problem: Problem) -> AbstractContextManager[AbstractPool]:
        """Workers for as long as the context lasts.

        Raises:
            RefusalError: where they cannot be had, or cannot load the problem
        """


class InProcess(AbstractExecutor):
    """This process makes one shard after another."""

    def open(self, problem: Problem) -> AbstractContextManager[AbstractPool]:
        return nullcontext(_Here(problem))


class _Here(AbstractPool):
    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._tasks: dict[int, Task] = {}

    @property
    def capacity(self) -> int:
        return 1

    def submit(self, task: Task) -> int:
        self._tasks[task.shard] = task
        return task.shard

    def wait(self, handles: Sequence[Any]) -> Any:
        return handles[0]

    def result(self, handle: Any) -> Arrays:
        task = self._tasks.pop(handle)
        return shard_labels(self._problem, task.plan, task.shard)
