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
    """Workers with one process and one task each, so that a process that dies ends its own task and no other.

    One of Python's pools for all would end every task in hand, and would not say which of them had killed its process.
    """

    def __init__(self, workers: int, module: str) -> None:
        self._workers, self._module = workers, module
        self._idle: list[ProcessPoolExecutor] = []
        self._busy: dict[Future[Arrays], ProcessPoolExecutor] = {}

    @property
    def capacity(self) -> int:
        return self._workers

    def submit(self, task: Task) -> Future[Arrays]:
        worker = self._idle.pop() if self._idle else _started()
        try:
            handle = worker.submit(work, task, self._module)
        except BrokenProcessPool:  # its process died
            worker.shutdown()
            worker = _started()
            handle = worker.submit(work, task, self._module)
        self._busy[handle] = worker
        return handle

    def wait(self, handles: Sequence[Any]) -> Any:
        return next(iter(wait(handles, return_when=FIRST_COMPLETED).done))

    def result(self, handle: Any) -> Arrays:
        self._idle.append(self._busy.pop(handle))
        found: Arrays = handle.result()
        return found

    def close(self) -> None:
        """End the workers, in the midst of their tasks if need be: nothing that they hold is wanted any more."""
        workers = [*self._idle, *self._busy.values()]
        for worker in workers:
            for process in list((worker._processes or {}).values()):
                process.kill()
        for worker in workers:
            worker.shutdown(cancel_futures=True)


def _started() -> ProcessPoolExecutor:
    """A pool of one process."""
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, mp_context=context, initializer=_start)


def _start() -> None:
    """Prepare a worker: one thread, and an end with its parent, even where that is killed."""
    use_one_thread()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait_for([parent.sentinel])
        os._exit(1)
