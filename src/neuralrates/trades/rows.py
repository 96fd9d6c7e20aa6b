"""Rows of a book before they are trades, and where they stand in their file."""

import re
from dataclasses import dataclass
from typing import Any

from neuralrates.core.errors import InputError


@dataclass(frozen=True)
class Place:
    """Where a row stands in its file: its line, or what goes before the names of its fields."""

    line: int | None = None
    prefix: str = ""

    @property
    def order(self) -> int:
        """What rises from row to row."""
        digits = re.search(r"[0-9]+", self.prefix)
        return self.line or (int(digits[0]) if digits else 0)

    def __str__(self) -> str:
        return self.prefix.rstrip(".") if self.line is None else f"line {self.line}"


@dataclass(frozen=True)
class Row:
    """Fields of one trade as found, or the fault that kept them from being read."""

    fields: dict[str, Any]
    place: Place
    fault: InputError | None = None
