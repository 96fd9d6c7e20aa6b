"""Several input errors at once, a line each."""

from collections.abc import Sequence
from pathlib import Path

from neuralrates.core.errors import InputError


class BookError(InputError):
    """Everything wrong with a trade or a book, so that it can be mended in one go.

    Args:
        errors: one error per fault
        file: file name
    """

    def __init__(self, errors: Sequence[InputError], *, file: str | Path | None = None) -> None:
        self.errors = tuple(errors)
        InputError.__init__(self, "\n".join(str(error) for error in errors))
        self.file = file


def listed(error: InputError) -> tuple[InputError, ...]:
    """The faults in an error: those it lists, or itself."""
    return error.errors if isinstance(error, BookError) else (error,)


def placed(
    error: InputError, file: str | Path, line: int | None = None, prefix: str = ""
) -> tuple[InputError, ...]:
    """The faults in an error, each with the place where it was found."""
    return tuple(
        InputError(
            one.expected,
            file=file,
            line=line,
            column=f"{prefix}{one.column}" if one.column else prefix.rstrip(".") or None,
        )
        for one in listed(error)
    )
