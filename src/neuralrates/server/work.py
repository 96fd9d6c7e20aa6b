"""Pricing apart from the loop that listens: few threads, a bounded queue, a limit on time."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from neuralrates.core.wanted import wanted_until
from neuralrates.server.faults import FaultError

Result = TypeVar("Result")
_WAITING = 64
"""Requests that may wait for each thread: more are sent away before they are kept waiting too long."""


class Work:
    """Threads that price.

    Args:
        threads: requests at the same time
        timeout: seconds that a request may wait and be priced
    """

    def __init__(self, threads: int, timeout: float) -> None:
        self._pool = ThreadPoolExecutor(threads, "price")
        self._most, self._timeout, self._open = threads * (1 + _WAITING), timeout, 0
        self._running: set[threading.Event] = set()

    async def run(self, task: Callable[[], Result]) -> Result:
        """What a task returns, or raises.

        Raises:
            FaultError: where too many wait, or it takes too long; then what has begun ends at its next part, and holds its
                thread until then
        """
        if self._open >= self._most:
            expected = "expected fewer requests at a time: all threads are busy"
            raise FaultError(503, expected, headers={"retry-after": "1"})
        loop = asyncio.get_running_loop()
        self._open += 1
        unwanted = threading.Event()
        self._running.add(unwanted)

        def wanted() -> Result:
            with wanted_until(unwanted):
                return task()

        running = self._pool.submit(wanted)
        running.add_done_callback(lambda done: self._count_out(loop, done))
        try:
            return await asyncio.wait_for(asyncio.wrap_future(running), self._timeout)
        except TimeoutError:
            expected = f"expected less to price: not done within {self._timeout:g} s"
            raise FaultError(503, expected, headers={"retry-after": "1"}) from None
        finally:
            unwanted.set()
            self._running.discard(unwanted)

    def _count_out(self, loop: asyncio.AbstractEventLoop, done: Future[Result]) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._less)

    def _less(self) -> None:
        self._open -= 1

    def close(self) -> None:
        """Let go of what has not begun; what has ends at its next part."""
        for unwanted in self._running:
            unwanted.set()
        self._pool.shutdown(wait=False, cancel_futures=True)
