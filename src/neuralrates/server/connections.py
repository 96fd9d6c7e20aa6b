"""Connections that end when nothing comes: a client that sends its headers too slowly holds none for long."""

import asyncio
from typing import Any

from neuralrates.core.extras import extra
from neuralrates.server.settings import Settings

with extra("server"):
    from uvicorn.config import Config
    from uvicorn.protocols.http.auto import AutoHTTPProtocol
    from uvicorn.server import ServerState


def watched(
    config: Config,
    server_state: ServerState,
    app_state: dict[str, Any],
    _loop: asyncio.AbstractEventLoop | None = None,
) -> asyncio.Protocol:
    """uvicorn's connection, closed where no request has come whole between two looks at it.

    uvicorn itself waits for the head of a request for ever.
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
    found: asyncio.Protocol = protocol
    return found


def _is_idle(cycle: Any) -> bool:
    return cycle is None or cycle.response_complete
