"""Public names of a room, imported on first use, so that a room costs only what is used of it."""

import importlib
from collections.abc import Callable
from typing import Any


def attach(
    room: str, where: dict[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` of a room's page.

    Args:
        room: dotted name of the room
        where: module of each public name, below the package's root

    Returns:
        The two functions that Python asks for a module's attributes (PEP 562).
    """

    def find(name: str) -> Any:
        if name in where:
            return getattr(importlib.import_module(f"neuralrates.{where[name]}"), name)
        try:
            return importlib.import_module(f"{room}.{name}")
        except ModuleNotFoundError as error:
            if error.name != f"{room}.{name}":
                raise
            raise AttributeError(f"module {room!r} has no attribute {name!r}") from None

    def names() -> list[str]:
        return sorted(where)

    return find, names
