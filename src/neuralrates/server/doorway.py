"""What every request passes before it is answered: its key, its size, its time; and what is counted of it."""

import asyncio
import hmac
import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from neuralrates.server.faults import FaultError, answer
from neuralrates.server.metrics import ENDPOINTS, Metrics
from neuralrates.server.settings import Settings

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]
_CLOSED = {"connection": "close"}
_LOG = logging.getLogger("uvicorn.error")


class Doorway:
    """An application behind limits; a body is read here, whole, and passed on.

    Args:
        app: what answers
        settings: limits and key
        metrics: counts
    """

    def __init__(self, app: App, settings: Settings, metrics: Metrics) -> None:
        self._app, self._settings, self._metrics = app, settings, metrics

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http":
                await self._http(scope, receive, send)
            case "lifespan":
                await self._app(scope, receive, send)
            case _:
                await send({"type": "websocket.close"})

    async def _http(self, scope: Message, receive: Receive, send: Send) -> None:
        began, sender = time.perf_counter(), _Sender(send, self._settings.timeout)
        try:
            self._check_key(scope)
            body = await self._body(scope, receive)
            await self._app(scope, _replayed(body, receive), sender)
        except FaultError as fault:
            await answer(fault)(scope, receive, sender)
        except TimeoutError:
            _LOG.info("a client did not take its answer in time")
        except Exception:
            _LOG.exception("internal error")
            if sender.status:
                raise
            await answer(FaultError(500, "internal error"))(scope, receive, sender)
        finally:
            seconds = time.perf_counter() - began
            self._metrics.answered(_endpoint(scope["path"]), seconds, fault=sender.status >= 400)

    def _check_key(self, scope: Message) -> None:
        """Raise where a key is asked for and another one is brought; compared in constant time."""
        key = self._settings.key
        if not key or not scope["path"].startswith(("/v1/", "/metrics")):
            return
        headers = dict(scope["headers"])
        brought = headers.get(b"x-api-key") or headers.get(b"authorization", b"")
        if not hmac.compare_digest(brought.removeprefix(b"Bearer "), key.encode()):
            expected = "expected the key of this server, as X-API-Key or a bearer token"
            headers = {"www-authenticate": "Bearer", **_CLOSED}
            raise FaultError(401, expected, "x-api-key", headers=headers)

    async def _body(self, scope: Message, receive: Receive) -> bytes:
        """The body, refused while it is read where it is too large or too slow."""
        largest = self._settings.largest_body
        if scope["method"] in ("GET", "HEAD"):
            return b""
        stated = dict(scope["headers"]).get(b"content-length", b"0")
        too_large = FaultError(413, f"expected at most {largest:,} bytes", "body", headers=_CLOSED)
        if stated.isdigit() and int(stated[:20]) > largest:
            raise too_large
        parts, size, more = [], 0, True
        try:
            async with asyncio.timeout(self._settings.timeout):
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise FaultError(400, "expected the whole body", "body", headers=_CLOSED)
                    parts.append(message.get("body", b""))
                    size, more = size + len(parts[-1]), message.get("more_body", False)
                    if size > largest:
                        raise too_large
        except TimeoutError:
            expected = f"expected the whole body within {self._settings.timeout:g} s"
            raise FaultError(408, expected, "body", headers=_CLOSED) from None
        return b"".join(parts)


class _Sender:
    """What sends an answer, and remembers its status; a client that does not take it in time is let go."""

    def __init__(self, send: Send, timeout: float) -> None:
        self._send, self._timeout, self.status = send, timeout, 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        async with asyncio.timeout(self._timeout):
            await self._send(message)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """What hands out a body that has been read, once."""
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return messages.pop() if messages else await receive()

    return again


def _endpoint(path: str) -> str:
    """What a request is counted as."""
    name = path.removeprefix("/v1/").partition("/")[0] if path.startswith("/v1/") else "other"
    return name if name in ENDPOINTS else "other"
