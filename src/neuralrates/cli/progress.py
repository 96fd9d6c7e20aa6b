"""Progress on standard error: a bar on a terminal, a line now and then elsewhere."""

import datetime
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

_SECONDS_BETWEEN_LINES = 5.0

Step = Callable[[int, int], None]
"""How far it is: done, and to do in all."""


@contextmanager
def progress(what: str) -> Iterator[Step]:
    """Show how far some work is.

    Args:
        what: the work, such as `pricing`

    Yields:
        Function to call with the number of things done and to do.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines(what)
        return
    counts = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    times = (TimeElapsedColumn(), TextColumn("{task.fields[pace]}"), TimeRemainingColumn())
    with Progress(*counts, *times, console=console, transient=True) as bar:
        task = bar.add_task(what, total=None, pace="")
        pace = _Pace()

        def step(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, pace=pace.rate(done))

        yield step


class _Lines:
    """Prints a line at the start of long work, every few seconds, and none for short work."""

    def __init__(self, what: str) -> None:
        self.what, self.last, self.pace = what, time.monotonic(), _Pace()

    def __call__(self, done: int, total: int) -> None:
        now, pace = time.monotonic(), self.pace.words(done, total)
        if now - self.last >= _SECONDS_BETWEEN_LINES and done < total:
            self.last = now
            print(f"{self.what}: {done} of {total}{pace}", file=sys.stderr, flush=True)


class _Pace:
    """Things done per second since the first call: what was there before it does not count."""

    def __init__(self) -> None:
        self.start: tuple[float, int] | None = None
        self.per_second = 0.0

    def rate(self, done: int) -> str:
        """The rate in words; none until something was done."""
        now = time.monotonic()
        self.start = self.start or (now, done)
        seconds, since = now - self.start[0], done - self.start[1]
        self.per_second = since / seconds if seconds > 0.0 else 0.0
        return f"{self.per_second:,.3g} a second" if self.per_second > 0.0 else ""

    def words(self, done: int, total: int) -> str:
        """Rate and time left, to go after a count."""
        rate = self.rate(done)
        if not rate:
            return ""
        left = datetime.timedelta(seconds=round((total - done) / self.per_second))
        return f", {rate}, {left} left"
