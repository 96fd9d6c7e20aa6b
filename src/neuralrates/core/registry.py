"""Names for what users may add: problems, architectures, whatever a file refers to by a word."""

import re
from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

Entry = TypeVar("Entry")
_NAME = re.compile(r"[A-Za-z_][\w.-]{0,99}")


class Registry(Mapping[str, Entry], Generic[Entry]):
    """A mapping that grows by `register` alone: a name, once given, stays with what it was given to.

    Args:
        noun: what is registered, with its article

    Example:
        >>> from neuralrates.core.registry import Registry
        >>> planets = Registry("a planet")
        >>> planets.register("earth", 3)
        >>> planets["earth"], list(planets)
        (3, ['earth'])
        >>> planets.register("earth", 4)
        Traceback (most recent call last):
        ValueError: Argument `name` must be new, but a planet 'earth' is registered already.
    """

    def __init__(self, noun: str) -> None:
        self._noun = noun
        self._entries: dict[str, Entry] = {}

    def register(self, name: str, entry: Entry) -> None:
        """Add an entry; the same one under the same name may come again.

        Args:
            name: a word of letters, digits, dots, hyphens and underscores
            entry: what it stands for

        Raises:
            ValueError: where the name is no word, or taken
        """
        if not _NAME.fullmatch(name):
            raise ValueError(
                f"Argument `name` must be a word of at most 100 characters, but is {name[:40]!r}."
            )
        if self._entries.setdefault(name, entry) is not entry:
            raise ValueError(
                f"Argument `name` must be new, but {self._noun} {name!r} is registered already."
            )

    def __getitem__(self, name: str) -> Entry:
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)
