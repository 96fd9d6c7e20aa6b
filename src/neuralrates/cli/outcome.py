"""How a command ends: its exit code, and its errors as lines."""

import functools
import os
import sys
from collections.abc import Callable
from enum import IntEnum
from typing import ParamSpec

import typer

from neuralrates.cli.own_modules import import_own_modules

Arguments = ParamSpec("Arguments")


class Outcome(IntEnum):
    """Exit codes; 130 and 143 mean that a run was interrupted or ended from outside."""

    DONE = 0
    FAILURES = 1
    BAD_INPUT = 2
    INTERNAL = 3


def reported(command: Callable[Arguments, Outcome]) -> Callable[Arguments, None]:
    """The command with its outcome as exit code and its errors as lines on standard error."""

    @functools.wraps(command)
    def run(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        try:
            import_own_modules()
            outcome = command(*args, **kwargs)
        except Exception as error:
            if os.environ.get("NEURALRATES_DEBUG"):
                raise
            outcome = _explain(error)
        raise typer.Exit(outcome)

    return run


def complain(*lines: object) -> None:
    """Lines on standard error."""
    from neuralrates.core.errors import printable

    for line in lines:
        print(f"neuralrates: {printable(str(line))}", file=sys.stderr)


def warn(*lines: object) -> None:
    """What looks like a slip, a line each on standard error."""
    from neuralrates.core.errors import printable

    for line in lines:
        print(f"warning: {printable(str(line))}", file=sys.stderr)


def note(*lines: object) -> None:
    """What a user may want to know, a line each on standard error."""
    from neuralrates.core.errors import printable

    for line in lines:
        print(f"note: {printable(str(line))}", file=sys.stderr)


def _explain(error: Exception) -> Outcome:
    from neuralrates.core.errors import NeuralratesError

    match error:
        case NeuralratesError():
            complain(*str(error).splitlines())
            return Outcome.BAD_INPUT
        case OSError():
            place = f"{error.filename}: " if error.filename else ""
            complain(f"{place}{error.strerror or error}")
            return Outcome.BAD_INPUT
    what = " ".join(str(error).split()) or "no message"
    complain(f"internal error: {type(error).__name__}: {what} (NEURALRATES_DEBUG=1 shows where)")
    return Outcome.INTERNAL
