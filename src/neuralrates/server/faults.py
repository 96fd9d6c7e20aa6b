"""What is wrong with a request, as its answer says it: field, expectation and line; never a path or a trace."""

import re
from collections.abc import Iterable
from typing import Any

from neuralrates.core.errors import InputError, NeuralratesError, printable
from neuralrates.core.extras import extra
from neuralrates.trades.errors import listed

with extra("server"):
    from fastapi.responses import JSONResponse

_MOST = 20
_PATH = re.compile(r"(?<![\w/])(?:[A-Za-z]:)?(?:[/\\][\w.@+~-]+){2,}")


class FaultError(Exception):
    """A request that is refused.

    Args:
        status: of HTTP
        expected: what was expected, and what was found instead
        field: of the request
        line: or number of the row, from 1
        headers: of the answer
    """

    def __init__(
        self,
        status: int,
        expected: str,
        field: str | None = None,
        line: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        Exception.__init__(self, expected)
        self.status, self.expected, self.field, self.line = status, expected, field, line
        self.headers = headers or {}


def bad(expected: str, field: str | None = None, line: int | None = None) -> FaultError:
    """A request that is well formed, but cannot be priced."""
    return FaultError(422, expected, field, line)


def answer(fault: FaultError) -> JSONResponse:
    """The answer to a request that is refused."""
    return _response(fault.status, [entry(fault.expected, fault.field, fault.line)], fault.headers)


def answer_to_error(error: NeuralratesError) -> JSONResponse:
    """The answer where pricing refused: all faults, the first of them as `error`."""
    return _response(422, entries([error]))


def entries(errors: Iterable[NeuralratesError]) -> list[dict[str, Any]]:
    """The faults of errors, at most 20, each by field, expectation and line."""
    found: list[dict[str, Any]] = []
    for error in errors:
        match error:
            case InputError():
                found += [entry(one.expected, one.column, one.line) for one in listed(error)]
            case _:
                found.append(entry(str(error), None, None))
    return found[:_MOST]


def entry(expected: str, field: str | None, line: int | None) -> dict[str, Any]:
    """One fault; whatever looks like the path of a file is left out of it."""
    said = {
        "field": None if field is None else without_paths(field),
        "expected": without_paths(expected),
    }
    return said if line is None else {**said, "line": line}


def without_paths(text: str) -> str:
    """A text in printable characters, without the paths of this machine.

    Example:
        >>> from neuralrates.server.faults import without_paths
        >>> without_paths("expected a file, found /srv/someone/book.csv")
        'expected a file, found a file'
    """
    return _PATH.sub("a file", printable(text))


def _response(
    status: int, found: list[dict[str, Any]], headers: dict[str, str] | None = None
) -> JSONResponse:
    content: dict[str, Any] = {"error": found[0]}
    if len(found) > 1:
        content["errors"] = found
    return JSONResponse(content, status, headers)
