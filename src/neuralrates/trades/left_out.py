"""Trades of a file that are not in its book, each with the reason."""

from dataclasses import dataclass

from neuralrates.core.errors import InputError
from neuralrates.trades.rows import Place


@dataclass(frozen=True)
class LeftOut:
    """A trade of a file that could not be read, or that this library does not price.

    Args:
        trade_id: as the file has it; nothing where it has none
        kind: as the file calls it
        place: where it stands in the file
        errors: what stopped it, a line for each field
    """

    trade_id: str
    kind: str
    place: Place
    errors: tuple[InputError, ...]
