"""What the desk answers: tables of trades, whose learned prices are watched as those of points are."""

import dataclasses
import functools
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from neuralrates.bundles.bundle import Bundle
from neuralrates.desk.pricing import price
from neuralrates.engines.catalogue import candidates, known_models
from neuralrates.engines.learned import LearnedEngine
from neuralrates.market.market import Market
from neuralrates.server.monitoring.monitor import Sample
from neuralrates.server.rooms import Rooms
from neuralrates.trades.book import Book


class DeskAnswer(NamedTuple):
    """The body of an answer, the table in it, and the prices of chosen trades of it by the reference."""

    body: bytes
    table: pd.DataFrame
    again: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


def by_reference(
    book: Book, market: Market, settings: dict[str, object], places: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Values and errors per unit notional of the trades at some places of a book."""
    chosen = Book(tuple(book.trades[int(place)] for place in places))
    table = price(chosen, market, **(settings | {"engine": "reference"}), keep_going=True)  # type: ignore[arg-type]
    return _value(table), _band(table)


def again(book: Book, market: Market, **settings: object) -> Callable[[np.ndarray], tuple]:
    """`by_reference` of the places alone."""
    return functools.partial(by_reference, book, market, settings)


def watched(rooms: Rooms, task: Callable[..., DeskAnswer], body: bytes) -> DeskAnswer:
    """The answer to a request, a random share of whose learned prices will be checked.

    Args:
        rooms: the watch, and the bundles that are served
        task: from the request's body and `demotion` to an answer
        body: of the request
    """
    answer = task(body, demotion=functools.partial(demotion, rooms))
    by_trade = answer.table.attrs["bundles"]
    if not by_trade:
        return answer
    names = np.array([by_trade.get(one, "") for one in answer.table["trade_id"]])
    value, band = _value(answer.table), _band(answer.table)
    for name, bundle in learned(rooms, answer.table.attrs["model"]).items():
        places = np.flatnonzero(names == name)
        rooms.monitor.watch(Sample(bundle, places, value[places], band[places], answer.again))
    return answer


def learned(rooms: Rooms, model: str) -> dict[str, Bundle]:
    """Bundles of the desk's learned engines by name, whether served or not; `desk/NAME` to the watch where another one of the
    name is served."""
    engines = candidates(model, "learned")
    found = {one.bundle: one.source for one in engines if isinstance(one, LearnedEngine)}
    return {
        name: dataclasses.replace(bundle, name=f"desk/{name}")
        if rooms.shelf.holds_another(bundle)
        else bundle
        for name, bundle in found.items()
    }


def demotion(rooms: Rooms, model: str) -> str:
    """Why the reference answers for all learned engines of a model; empty where they answer themselves."""
    if not rooms.monitor.records or model not in known_models():
        return ""
    said = {name: rooms.monitor.demotion(one) for name, one in learned(rooms, model).items()}
    return "; ".join(f"{name} is demoted: {why}" for name, why in sorted(said.items()) if why)


def _value(table: pd.DataFrame) -> np.ndarray:
    """Values per unit notional."""
    found: np.ndarray = table["value"].to_numpy() / table["notional"].to_numpy()
    return found


def _band(table: pd.DataFrame) -> np.ndarray:
    """Error bands per unit notional."""
    found: np.ndarray = table["error_band"].to_numpy() / table["notional"].to_numpy()
    return found
