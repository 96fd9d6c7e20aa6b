"""Errors a user can act on: one line that names the place and what was expected there."""

from pathlib import Path

_LONGEST_NAME, _LONGEST_LINE, _MOST_LINES = 400, 1000, 100


class NeuralratesError(Exception):
    """Base of all errors raised on purpose; the command line prints it as one line."""


class InputError(NeuralratesError):
    """A file that cannot be read as what it claims to be.

    Args:
        expected: what was expected, and what was found instead
        file: file name
        line: line or row number, counted from 1
        column: column or field name
    """

    def __init__(
        self,
        expected: str,
        *,
        file: str | Path | None = None,
        line: int | None = None,
        column: str | None = None,
    ) -> None:
        self.expected, self.file, self.line, self.column = expected, file, line, column
        place = [_short(str(file))] if file is not None else []
        place += [f"line {line}"] if line is not None else []
        place += [f"field `{_short(column)}`"] if column is not None else []
        message = ", ".join(place) + ": " + expected if place else expected
        Exception.__init__(self, printable(message))


def printable(message: str) -> str:
    """Message with every character that would not print spelt out; line ends stay, one per fault.

    A line, and the number of lines, is cut where it is longer than anyone reads.

    Example:
        >>> from neuralrates.core.errors import printable
        >>> print(printable("a" + chr(27) + "[31mb"), len(printable("a" * 5_000_000)))
        a\\x1b[31mb 1003
    """
    lines = message.split("\n", _MOST_LINES)
    if len(lines) > _MOST_LINES:
        lines[-1] = f"and {lines[-1].count(chr(10)) + 1} more"
    return "\n".join(map(_printable_line, lines))


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}..."


def _printable_line(line: str) -> str:
    short = line if len(line) <= _LONGEST_LINE else line[:_LONGEST_LINE] + "..."
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in short)


class ArgumentError(NeuralratesError, TypeError, ValueError):
    """An argument of a type or shape that its annotation does not allow; says which, what it is and what it must be."""


class RefusalError(NeuralratesError):
    """A pricer, model or reader was asked for something outside its competence."""


class CalibrationError(NeuralratesError):
    """A model that cannot fit its quotes; says which quote and by how much."""
