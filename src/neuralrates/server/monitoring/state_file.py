"""Records of all bundles in one file, which workers share and a restart finds again."""

import dataclasses
import json
from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from neuralrates.core.errors import InputError
from neuralrates.core.files import atomic_write, exclusive, read_text
from neuralrates.core.schema import first_fault
from neuralrates.core.strict_json import parse_json
from neuralrates.server.monitoring.record import Record

_NAME = "monitor.json"
_LARGEST = 64 << 20
_RECORDS: TypeAdapter[dict[str, Record]] = TypeAdapter(dict[str, Record])


class StateFile:
    """The file; written whole or not at all, by one process at a time.

    Args:
        folder: where it lies, or will

    Raises:
        InputError: where there is a file and it is damaged: a demotion is not forgotten in silence
    """

    def __init__(self, folder: Path) -> None:
        self._path, self._lock = folder / _NAME, folder / f"{_NAME}.lock"
        self._known: Mapping[str, Record] = {}
        self._seen: tuple[int, int] | None = None
        self.read()

    def read(self) -> Mapping[str, Record]:
        """Records by the name of their bundle, as the last writer left them."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return self._known
        stamp = (found.st_mtime_ns, found.st_ino)
        if stamp != self._seen:
            self._known, self._seen = _parsed(self._path), stamp
        return self._known

    def update(self, name: str, surrogate: str, change: Callable[[Record], Record]) -> Record:
        """Change the record of a bundle; a new one where the surrogate is another than that of the record."""
        with exclusive(self._lock):
            records = dict(self.read())
            before = records.get(name, Record(surrogate))
            changed = change(before if before.surrogate == surrogate else Record(surrogate))
            records[name] = changed
            content = {name: dataclasses.asdict(record) for name, record in records.items()}
            atomic_write(self._path, json.dumps(content, allow_nan=False))
        return changed


def _parsed(path: Path) -> dict[str, Record]:
    text = read_text(path, largest=_LARGEST)
    parse_json(text, path)
    try:
        return _RECORDS.validate_json(text)
    except ValidationError as error:
        fault = first_fault(error)
        raise InputError(fault.expected, file=path, column=fault.column) from None
