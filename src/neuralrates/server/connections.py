"""Connections that end when nothing comes, or too much: a client that sends its headers too slowly, or headers without end."""

import asyncio
from typing import Any

from neuralrates.core.extras import extra
from neuralrates.server.settings import Settings

with extra("server"):
    from uvicorn.config import Config
    from uvicorn.protocols.http.auto import AutoHTTPProtocol
    from uvicorn.server import ServerState


_LARGEST_HEAD = 32 << 10
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


def watched(
    config: Config,
    server_state: ServerState,
    app_state: dict[str, Any],
    _loop: asyncio.AbstractEventLoop | None = None,
) -> asyncio.Protocol:
    """uvicorn's connection, closed where no request has come whole between two looks at it, or its head is too large.

    uvicorn itself waits for the head of a request for ever, and with httptools reads one of any size, in a time that grows with
    its square, on the loop that everybody waits for.
    """
    make: Any = AutoHTTPProtocol
    protocol = make(config, server_state, app_state, _loop)
    loop, pause = asyncio.get_running_loop(), Settings.from_environment().timeout

    def look(earlier: object) -> None:
        transport, cycle = protocol.transport, protocol.cycle
        if transport is not None and transport.is_closing():
            return
        if transport is not None and cycle is earlier and _is_idle(cycle):
            transport.close()
            return
        loop.call_later(pause, look, cycle)

    loop.call_later(pause, look, None)
    read, head = protocol.data_received, 0

    def receive(data: bytes) -> None:
        nonlocal head
        before = protocol.cycle
        read(data)
        head = head + len(data) if protocol.cycle is before and _is_idle(before) else 0
        if head > _LARGEST_HEAD and protocol.transport is not None:
            protocol.transport.write(_TOO_LARGE)
            protocol.transport.close()

    protocol.data_received = receive
    found: asyncio.Protocol = protocol
    return found


def _is_idle(cycle: Any) -> bool:
    return cycle is None or cycle.response_complete
