"""What a terminal cannot show is written in its own letters: no number is lost to an encoding."""

import codecs
import sys
import warnings

from neuralrates.cli.outcome import complain

_PLAIN = {"\u2212": "-", "\u2013": "-", "\u2026": "..."}
_NAME = "neuralrates.plain"


def plain_text(error: UnicodeError) -> tuple[str, int]:
    """The characters that an encoding lacks, as it can write them.

    Example:
        >>> import neuralrates.cli.terminal
        >>> "\u22125 \u20ac".encode("ascii", "neuralrates.plain")
        b'-5 \\\\u20ac'
    """
    assert isinstance(error, UnicodeEncodeError)
    text = error.object[error.start : error.end]
    written = "".join(_PLAIN.get(c) or c.encode("ascii", "backslashreplace").decode() for c in text)
    return written, error.end


codecs.register_error(_NAME, plain_text)


def prepare() -> None:
    """Let both outputs write any text, and warnings be lines like the others."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=_NAME)
    warnings.showwarning = lambda message, *_, **__: complain(message)
