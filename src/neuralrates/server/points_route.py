"""The address of points, on the shortest way: small requests are priced at once, others in a thread."""

import functools
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from neuralrates.core.errors import NeuralratesError
from neuralrates.server import points
from neuralrates.server.doorway import App, Message, Receive, Send
from neuralrates.server.faults import answer_to_error
from neuralrates.server.point_prices import PointPrices
from neuralrates.server.rooms import Rooms

ADDRESS = "/v1/points/"
_SMALL = 8192
"""Bytes of a request that the loop may price itself: less than a millisecond's work."""


class PointsRoute:
    """Requests for prices of points, before all other addresses.

    Args:
        app: what answers at the other addresses
        rooms: what the answers share
    """

    def __init__(self, app: App, rooms: Rooms) -> None:
        self._app, self._rooms = app, rooms
        self._ready: set[str] = set()

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
        task = functools.partial(
            _priced,
            rooms,
            name,
            body,
            sent=sent,
            accepted=accepted,
            engine=query.get("engine", ["auto"])[-1],
            largest=rooms.settings.largest_points,
        )
        found = task(at_once=True) if len(body) <= _SMALL and name in self._ready else None
        if found is None:
            found = await rooms.work.run(task)
            assert found is not None
            self._ready.add(name)
        written, prices, demoted = found
        learned = int(prices.learned.sum())
        rooms.metrics.priced(learned, len(prices.learned) - learned)
        return written, accepted.encode(), demoted


def _priced(
    rooms: Rooms, name: str, body: bytes, **asked: Any
) -> tuple[bytes, PointPrices, bool] | None:
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
