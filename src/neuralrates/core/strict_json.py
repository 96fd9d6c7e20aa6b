"""JSON as a file must hold it: each key once, finite numbers, ordinary size."""

import json
import re
from pathlib import Path
from typing import Any

from neuralrates.core.errors import InputError

_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|NaN|-?Infinity')


def parse_json(text: str, file: str | Path) -> Any:
    """The document that a text holds.

    Args:
        text: JSON
        file: where it comes from, for messages

    Returns:
        Plain values.

    Raises:
        InputError: in one line, naming file and place

    Example:
        >>> from neuralrates.core.errors import InputError
        >>> from neuralrates.core.strict_json import parse_json
        >>> try:
        ...     parse_json('{"rate": 0.03, "rate": 0.04}', "a.json")
        ... except InputError as error:
        ...     print(error)
        a.json, field `rate`: expected each field once
    """
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_refuse_constant)
    except InputError as error:
        line = None if error.column else _line_of_constant(text)
        raise InputError(error.expected, file=file, line=line, column=error.column) from None
    except json.JSONDecodeError as error:
        expected = f"expected JSON: {error.msg} at column {error.colno}"
        raise InputError(expected, file=file, line=error.lineno) from None
    except (ValueError, RecursionError):
        expected = "expected JSON with numbers and tables of ordinary size"
        raise InputError(expected, file=file) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise InputError("expected each field once", column=twice)
    return fields


def _refuse_constant(name: str) -> Any:
    raise InputError(f"expected a finite number, found {name}")


def _line_of_constant(text: str) -> int | None:
    """Line of the first NaN or Infinity that stands in no text."""
    for token in _TOKENS.finditer(text):
        if not token[0].startswith('"'):
            return text.count("\n", 0, token.start()) + 1
    return None
