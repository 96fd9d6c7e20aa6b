"""Ray as workers: a cluster, or one of its own on this machine."""

import os
import queue
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from neuralrates.cluster.executor import AbstractExecutor, AbstractPool
from neuralrates.cluster.parquet import Arrays
from neuralrates.cluster.worker import ONE_THREAD, Task, registering_module, work
from neuralrates.core.errors import RefusalError
from neuralrates.core.extras import extra
from neuralrates.core.processors import num_processors
from neuralrates.problems.problem import Problem

_PASSED_ON = ("XLA_", "JAX_")
"""Beginnings of the variables that a worker needs as they are where the run was started."""

_PATIENCE, _LONGEST = 5.0, 60.0  # seconds
_LOST = "The cluster does not answer any more; finished shards are kept, and a later run goes on from them."


class RayCluster(AbstractExecutor):
    """Workers under Ray, which the extra `cluster` installs.

    Args:
        address: of a cluster, such as `ray://head:10001`; Ray is started on this machine when None
        workers: tasks to run at a time; as many as there are processors when None
    """

    def __init__(self, address: str | None = None, workers: int | None = None) -> None:
        if workers is not None and workers < 1:
            raise ValueError(f"Argument `workers` must be positive, but is {workers}.")
        self.address, self.workers = address, workers

    @contextmanager
    def open(self, problem: Problem) -> Iterator[AbstractPool]:
        with extra("cluster"):
            import ray
        module = registering_module(problem)
        passed = {n: value for n, value in os.environ.items() if n.startswith(_PASSED_ON)}
        settings: dict[str, Any] = {
            "runtime_env": {"env_vars": passed | ONE_THREAD},
            "log_to_driver": False,
            "logging_level": "error",
        }
        if self.address is None:
            count = self.workers or num_processors()
            settings |= {"address": "local", "num_cpus": count, "include_dashboard": False}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter(
                    "ignore"
                )  # of forks, which start programs; of clusters not found
                ray.init(**{"address": self.address, **settings})
        except Exception as error:
            raise RefusalError(_unreachable(self.address, error)) from None
        try:
            workers = self.workers or int(ray.cluster_resources().get("CPU", 1))
            yield _Ray(ray, workers, module)
        finally:
            with suppress(Exception):  # what ended the run is told, not what its end met with
                _answered(ray.shutdown)


class _Ray(AbstractPool):
    def __init__(self, ray: Any, workers: int, module: str) -> None:
        self._ray, self._workers, self._module = ray, workers, module
        self._work = ray.remote(num_cpus=1, max_retries=0)(work)

    @property
    def capacity(self) -> int:
        return 2 * self._workers

    def submit(self, task: Task) -> Any:
        return _answered(self._work.remote, task, self._module)

    def wait(self, handles: Sequence[Any]) -> Any:
        while True:  # a task may take long, a cluster that lives may not
            ended, _ = _answered(self._ray.wait, list(handles), num_returns=1, timeout=_PATIENCE)
            if ended:
                return ended[0]
            _answered(self._ray.nodes)

    def result(self, handle: Any) -> Arrays:
        try:
            found: Arrays = _answered(self._ray.get, handle)
        except self._ray.exceptions.RayTaskError as error:
            raise error.cause or error from None
        return found


def _answered(call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """What Ray answers; calls to a cluster whose head is gone never return by themselves.

    Raises:
        RefusalError: where it does not answer, or says that the connection is lost
        Exception: any other that the call raises, as it is
    """
    answers: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put((call(*arguments, **named), None))
        except BaseException as error:
            answers.put((None, error))

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer, error = answers.get(timeout=_LONGEST)
    except queue.Empty:
        raise RefusalError(_LOST) from None
    if error is None:
        return answer
    if _is_lost(error):
        raise RefusalError(_LOST) from None
    raise error


def _is_lost(error: BaseException) -> bool:
    """Whether an exception says that there is no connection any more; Ray's client has three that do.

    Ray's own errors are of a task or its worker, and what a task raised may be of any type besides.
    """
    with extra("cluster"):
        from ray.exceptions import RayError
    if isinstance(error, RayError):
        return False
    by_grpc = any(kind.__name__ == "RpcError" for kind in type(error).__mro__)
    lost = by_grpc or isinstance(error, ConnectionError)
    return lost or str(error).startswith("Ray Client is not connected")


def _unreachable(address: str | None, error: Exception) -> str:
    where = "on this machine" if address is None else f"at {address}"
    reason = " ".join(str(error).split())[:200] or type(error).__name__
    return (
        f"No Ray {where}: {reason}. Start it (`ray start --head`), give this machine its token (RAY_AUTH_MODE), "
        "or run with --on processes."
    )
