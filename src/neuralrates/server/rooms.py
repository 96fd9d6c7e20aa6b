"""What the answers of a server share: bundles, threads and counters."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from neuralrates.core.extras import extra
from neuralrates.server.json_bodies import JSON, write_json
from neuralrates.server.metrics import Metrics
from neuralrates.server.monitoring.monitor import Monitor
from neuralrates.server.settings import Settings
from neuralrates.server.shelf import Shelf
from neuralrates.server.work import Work

with extra("server"):
    from fastapi import FastAPI, Response


class Rooms:
    """What the answers share.

    Args:
        settings: limits and contents
    """

    def __init__(self, settings: Settings) -> None:
        self.settings, self.metrics = settings, Metrics(settings.counters)
        self.shelf = Shelf(settings.bundles)
        self.work = Work(settings.threads, settings.timeout)
        self.monitor = Monitor(settings.monitor, settings.check_share)

    @asynccontextmanager
    async def open(self, app: FastAPI) -> AsyncIterator[None]:
        """From the first request to the last."""
        yield
        self.work.close()
        self.monitor.close()

    async def json(self, content: Callable[[], Any]) -> Response:
        """An answer of plain values, worked out apart from the loop."""
        found = await self.work.run(lambda: write_json(content()))
        return Response(found, media_type=JSON)
