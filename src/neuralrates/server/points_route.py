"""The address of points, on the shortest way: small requests are priced at once, others in a thread."""

import functools
import math
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from neuralrates.core.errors import NeuralratesError
from neuralrates.server import points
from neuralrates.server.doorway import App, Message, Receive, Send
from neuralrates.server.faults import answer_to_error, bad
from neuralrates.server.point_prices import PointPrices
from neuralrates.server.rooms import Rooms

ADDRESS = "/v1/points/"
_Found = tuple[bytes, PointPrices, bool]
_LEAST = 4096
"""Bytes below which the size of a body does not matter."""
_SHORT = 0.01
"""Seconds that the loop may price itself: threads beside each other would hinder each other more than that."""


class PointsRoute:
    """Requests for prices of points, before all other addresses.

    Args:
        app: what answers at the other addresses
        rooms: what the answers share
    """

    def __init__(self, app: App, rooms: Rooms) -> None:
        self._app, self._rooms = app, rooms
        self._pace: dict[str, float] = {}

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        name = _bundle(scope)
        if not name:
            await self._app(scope, receive, send)
            return
        body = (await receive()).get("body", b"")
        query = parse_qs(scope["query_string"].decode("latin-1"))
        try:
            found, kind, demoted = await self.priced(name, dict(scope["headers"]), query, body)
        except NeuralratesError as error:
            await answer_to_error(error)(scope, receive, send)
            return
        headers = [(b"content-type", kind), (b"content-length", b"%d" % len(found))]
        if demoted:
            headers.append((b"neuralrates-demoted", b"1"))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": found})

    async def priced(
        self,
        name: str,
        headers: Mapping[bytes, bytes],
        query: Mapping[str, list[str]],
        body: bytes,
    ) -> tuple[bytes, bytes, bool]:
        """The body of an answer, its content type, and whether the reference answers for a demoted surrogate.

        Raises:
            FaultError: naming the field
        """
        rooms = self._rooms
        sent = points.content_type(headers.get(b"content-type", b"").decode("latin-1"))
        accepted = points.accepted_type(headers.get(b"accept", b"").decode("latin-1"))
        engines = query.get("engine", ["auto"])
        if len(engines) > 1:
            raise bad("expected each field once", "engine")
        task = functools.partial(
            _priced,
            rooms,
            name,
            body,
            sent=sent,
            accepted=accepted,
            engine=engines[0],
            largest=rooms.settings.largest_points,
        )
        is_short = len(body) * self._pace.get(name, math.inf) <= _SHORT
        found = self._timed(name, body, functools.partial(task, at_once=True)) if is_short else None
        if found is None:
            found = await rooms.work.run(functools.partial(self._timed, name, body, task))
            assert found is not None
        written, prices, demoted = found
        learned = int(prices.learned.sum())
        rooms.metrics.priced(learned, len(prices.learned) - learned)
        return written, accepted.encode(), demoted

    def _timed(self, name: str, body: bytes, task: Callable[[], _Found | None]) -> _Found | None:
        """What a task returns; the least time that one took, by bytes of its body, is kept."""
        began = time.perf_counter()
        found = task()
        pace = (time.perf_counter() - began) / max(len(body), _LEAST)
        self._pace[name] = min(pace, self._pace.get(name, math.inf))
        return found


def _priced(rooms: Rooms, name: str, body: bytes, **asked: Any) -> _Found | None:
    bundle = rooms.shelf[name]
    demoted = rooms.monitor.demotion(bundle)
    found = points.price(bundle, body, demoted=demoted, **asked)
    if found is None:
        return None
    rooms.monitor.priced(bundle, found[1])
    return *found, bool(demoted)


def _bundle(scope: Message) -> str:
    """The bundle that a request asks for points of; empty for another request."""
    if scope["type"] != "http" or scope["method"] != "POST":
        return ""
    path: str = scope["path"]
    name = path.removeprefix(ADDRESS)
    return "" if name == path or "/" in name else name
