"""Processes of this machine as workers, one thread each."""

import multiprocessing
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait as wait_for
from typing import Any

from neuralrates.cluster.executor import AbstractExecutor, AbstractPool
from neuralrates.cluster.parquet import Arrays
from neuralrates.cluster.worker import Task, registering_module, use_one_thread, work
from neuralrates.core.processors import num_processors
from neuralrates.problems.problem import Problem


class LocalProcesses(AbstractExecutor):
    """New processes of this machine, which end with the one that started them.

    Args:
        workers: how many; as many as there are processors when None
    """

    def __init__(self, workers: int | None = None) -> None:
        if workers is not None and workers < 1:
            raise ValueError(f"Argument `workers` must be positive, but is {workers}.")
        self.workers = workers or num_processors()

    @contextmanager
    def open(self, problem: Problem) -> Iterator[AbstractPool]:
        pool = _Processes(self.workers, registering_module(problem))
        try:
            yield pool
        finally:
            pool.close()


class _Processes(AbstractPool):
    """A pool that is started anew where a worker died: Python's own ends with it."""

    def __init__(self, workers: int, module: str) -> None:
        self._workers, self._module = workers, module
        self._pool = self._started()

    @property
    def capacity(self) -> int:
        return 2 * self._workers

    def submit(self, task: Task) -> Future[Arrays]:
        try:
            return self._pool.submit(work, task, self._module)
        except BrokenProcessPool:
            self._pool.shutdown()
            self._pool = self._started()
            return self._pool.submit(work, task, self._module)

    def wait(self, handles: Sequence[Any]) -> Any:
        return next(iter(wait(handles, return_when=FIRST_COMPLETED).done))

    def result(self, handle: Any) -> Arrays:
        found: Arrays = handle.result()
        return found

    def close(self) -> None:
        """End the workers, in the midst of their tasks if need be: nothing that they hold is wanted any more."""
        for process in list((self._pool._processes or {}).values()):
            process.kill()
        self._pool.shutdown(cancel_futures=True)

    def _started(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._workers, mp_context=context, initializer=_start)


def _start() -> None:
    """Prepare a worker: one thread, and an end with its parent, even where that is killed."""
    use_one_thread()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait_for([parent.sentinel])
        os._exit(1)
