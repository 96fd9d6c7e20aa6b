"""The application: its addresses, and what answers at each."""

import asyncio
import functools
from collections.abc import Callable
from typing import Any

from neuralrates import __version__
from neuralrates.core.errors import NeuralratesError
from neuralrates.core.extras import extra
from neuralrates.desk.example import example_files
from neuralrates.server import book, desk_answers, openapi, points, trade
from neuralrates.server.doorway import Doorway
from neuralrates.server.faults import FaultError, answer, answer_to_error
from neuralrates.server.json_bodies import JSON, write_json
from neuralrates.server.monitoring.exposition import as_lines, as_values
from neuralrates.server.page_files import page_files
from neuralrates.server.points_route import PointsRoute
from neuralrates.server.rooms import Rooms
from neuralrates.server.settings import Settings

with extra("server"):
    from fastapi import FastAPI, Request, Response

_SAID = {404: "nothing is at this address", 405: "the address takes another method"}
_METRICS = "text/plain; version=0.0.4; charset=utf-8"


def from_environment() -> Doorway:
    """The application of a worker, which finds its settings in its environment."""
    return create(Settings.from_environment())


def create(settings: Settings | None = None) -> Doorway:
    """An application that prices points, books and trades over HTTP.

    Args:
        settings: limits and contents; the usual ones where none are given

    Returns:
        An ASGI application.

    Raises:
        RefusalError: where the extra `server` is not installed

    Example:
        >>> import neuralrates as nr
        >>> from fastapi.testclient import TestClient
        >>> client = TestClient(nr.server.create(nr.server.Settings(bundles=("bermudan",))))
        >>> client.post("/v1/points/swaption", json={"points": [[0.03]]}).json()
        {'error': {'field': 'bundle', 'expected': 'expected a bundle among bermudan'}}
    """
    settings = settings or Settings()
    rooms = Rooms(settings)
    app = FastAPI(
        title="neuralrates",
        version=__version__,
        description="Prices of callable interest-rate derivatives, with an error band on every one.",
        docs_url=None,  # these pages fetch what they show from elsewhere
        redoc_url=None,
        lifespan=rooms.open,
    )
    route = PointsRoute(app, rooms)
    _add_prices(app, rooms, route)
    _add_models(app, rooms)
    _add_page(app)
    app.add_exception_handler(FaultError, _on_fault)
    app.add_exception_handler(NeuralratesError, _on_error)
    for status in (404, 405):
        app.add_exception_handler(status, _on_address)
    return Doorway(route, settings, rooms.metrics)


def _add_prices(app: FastAPI, rooms: Rooms, route: PointsRoute) -> None:
    async def price_points(bundle: str, request: Request) -> Response:
        query = {"engine": request.query_params.getlist("engine") or ["auto"]}
        found, kind, _ = await route.priced(
            bundle, dict(request.headers.raw), query, await request.body()
        )
        return Response(found, media_type=kind.decode())

    async def price_table(request: Request, task: Callable[..., Any]) -> Response:
        points.check_json(request.headers.get("content-type", ""))
        body = await request.body()
        answer = await rooms.work.run(lambda: desk_answers.watched(rooms, task, body))
        learned = int((answer.table["engine"] == "learned").sum())
        rooms.metrics.priced(learned, len(answer.table) - learned)
        return Response(answer.body, media_type=JSON)

    async def price_book(request: Request) -> Response:
        largest = rooms.settings.largest_book
        return await price_table(request, functools.partial(book.price, largest=largest))

    async def price_trade(request: Request) -> Response:
        return await price_table(request, trade.price)

    add = functools.partial(app.add_api_route, methods=["POST"], response_class=Response)
    add(
        "/v1/points/{bundle}",
        price_points,
        openapi_extra=openapi.points(),
        summary="Prices of points of a bundle's problem",
    )
    add(
        "/v1/book", price_book, openapi_extra=openapi.book(), summary="Prices of a book on a market"
    )
    add(
        "/v1/trade",
        price_trade,
        openapi_extra=openapi.trade(),
        summary="The price of one Bermudan swaption on a market of three numbers",
    )


def _add_models(app: FastAPI, rooms: Rooms) -> None:
    async def models() -> Response:
        shelf = rooms.shelf
        return await rooms.json(lambda: {"models": [shelf.summary(one) for one in shelf.names]})

    async def model(name: str) -> Response:
        return await rooms.json(lambda: rooms.shelf.certificate(name))

    async def health() -> Response:
        records = rooms.monitor.records
        content = {
            "status": "ok",
            "version": __version__,
            "demoted": [name for name, record in records.items() if record.demoted is not None],
            "drifted": [name for name, record in records.items() if record.drifted is not None],
        }
        return Response(write_json(content), media_type=JSON)

    async def metrics() -> Response:
        watched = "".join(f"{line}\n" for line in as_lines(rooms.monitor.records))
        return Response(rooms.metrics.text() + watched, media_type=_METRICS)

    async def monitor() -> Response:
        content = as_values(rooms.monitor.records, rooms.monitor.share)
        return Response(write_json(content), media_type=JSON)

    add = functools.partial(app.add_api_route, methods=["GET"], response_class=Response)
    add("/v1/models", models, summary="The bundles that are served")
    add("/v1/models/{name}", model, summary="A bundle and its certificate")
    add("/v1/monitor", monitor, summary="Learned prices held against the reference, and alarms")
    add("/health", health, summary="Whether the server is up")
    add("/metrics", metrics, summary="Counters in the format of Prometheus")


def _add_page(app: FastAPI) -> None:
    files = page_files()

    async def page(request: Request) -> Response:
        content, headers = files[request.url.path]
        return Response(content, headers=headers)

    for address in files:
        app.add_route(address, page, methods=["GET"])

    async def example() -> Response:
        texts = [await asyncio.to_thread(file.read_text, "utf-8") for file in example_files()]
        content = write_json(dict(zip(("book", "market"), texts, strict=True)))
        return Response(content, media_type=JSON)

    app.add_api_route(
        "/v1/example", example, response_class=Response, summary="A book and its market"
    )


async def _on_fault(request: Request, error: Exception) -> Response:
    assert isinstance(error, FaultError)
    return answer(error)


async def _on_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, NeuralratesError)
    return answer_to_error(error)


async def _on_address(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 404)
    return answer(FaultError(status, f"expected another request: {_SAID[status]}"))
