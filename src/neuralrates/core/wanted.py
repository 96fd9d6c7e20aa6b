"""Work that somebody still waits for: long loops ask between their parts, and end where nobody does."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_UNWANTED: ContextVar[threading.Event | None] = ContextVar("unwanted", default=None)


class UnwantedError(Exception):
    """Nobody waits for the result any more."""


@contextmanager
def wanted_until(unwanted: threading.Event) -> Iterator[None]:
    """What this thread does within is wanted until the event is set.

    Args:
        unwanted: set by whoever stops waiting
    """
    token = _UNWANTED.set(unwanted)
    try:
        yield
    finally:
        _UNWANTED.reset(token)


def check_wanted() -> None:
    """Go on where somebody waits, or nobody has said otherwise.

    Raises:
        UnwantedError: where nobody waits
    """
    unwanted = _UNWANTED.get()
    if unwanted is not None and unwanted.is_set():
        raise UnwantedError("Nobody waits for this any more.")
