"""Errors a user can act on: one line that names the place and what was expected there."""

from pathlib import Path


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
        place = [str(file)] if file is not None else []
        place += [f"line {line}"] if line is not None else []
        place += [f"field `{column}`"] if column is not None else []
        message = ", ".join(place) + ": " + expected if place else expected
        Exception.__init__(self, _printable(message))


def _printable(message: str) -> str:
    """Message with every character that would not print spelt out; line ends stay, one per fault."""
    return "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in message)


class RefusalError(NeuralratesError):
    """A pricer, model or reader was asked for something outside its competence."""


class CalibrationError(NeuralratesError):
    """A model that cannot fit its quotes; says which quote and by how much."""
