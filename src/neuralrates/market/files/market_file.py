"""Market files: read, checked and turned into a market; written whole or not at all."""

import datetime
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from neuralrates.core.doors import door
from neuralrates.core.errors import InputError, NeuralratesError
from neuralrates.core.files import atomic_write, decoded, read_bytes
from neuralrates.core.schema import in_words
from neuralrates.core.strict_json import parse_json
from neuralrates.market.files.assembly import assemble
from neuralrates.market.files.cells import cell
from neuralrates.market.files.ore import read_ore
from neuralrates.market.files.schema import MarketFile
from neuralrates.market.files.to_file import market_entries
from neuralrates.market.market import Market, Source

_LARGEST = 32 << 20
"""Bytes that a market file may have."""


@door
def load(path: str | Path, date: datetime.date | None = None) -> Market:
    """Market of a file, in the JSON format of this library or in ORE's quote format.

    JSON is recognised by its opening brace or bracket; everything else is read as ORE quotes, of which all currencies load
    whose quotes are complete. `docs/market_file.md` describes the JSON keys; rates and volatilities are decimals.

    Args:
        path: file name
        date: which of several dates of a file of ORE quotes; of one date, that date is expected

    Returns:
        The market, its curves bootstrapped; `notes` name what the file holds and the market does not use.

    Raises:
        InputError: naming file and line or field, and what was expected there

    Example:
        >>> import json, pathlib, tempfile, neuralrates as nr
        >>> curve = {"index": "USD-SOFR", "quotes": [{"kind": "ois", "tenor": "10Y", "value": 0.04}]}
        >>> content = {
        ...     "schema": "neuralrates.market/1",
        ...     "valuation_date": "2024-03-19",
        ...     "currencies": {"USD": {"discount": curve}},
        ... }
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder) / "market.json"
        ...     _ = path.write_text(json.dumps(content))
        ...     market = nr.market.load(path)
        >>> print(f"{market['USD'].curves.discount.zero_rate(10.0):.4f}")
        0.0398
    """
    text, digest = _read(Path(path))
    return parse(text, str(path), date, digest)


def parse(
    content: Any, name: str = "market", date: datetime.date | None = None, digest: str = ""
) -> Market:
    """Market from what a file would hold, without a file.

    Args:
        content: text of a market file, or plain values laid out as a JSON one
        name: what messages call it
        date: as for `load`
        digest: SHA-256 of the content, where it is known

    Returns:
        The market.

    Raises:
        InputError: as `load`

    Example:
        >>> from neuralrates.market.files.market_file import parse
        >>> curve = {"index": "USD-SOFR", "quotes": [{"kind": "ois", "tenor": "10Y", "value": 0.04}]}
        >>> usd = {"USD": {"discount": curve}}
        >>> content = {"schema": "neuralrates.market/1", "valuation_date": "2024-03-19", "currencies": usd}
        >>> print(f"{parse(content)['USD'].curves.discount.zero_rate(10.0):.4f}")
        0.0398
    """
    if isinstance(content, str):
        return _of_text(content, name, date, digest)
    return _of_document(content, name, date, digest)


def _of_text(text: str, path: str, date: datetime.date | None, digest: str) -> Market:
    if not text.lstrip().startswith(("{", "[")):
        return _market_of_ore(text, digest, path, None, date)
    return _of_document(parse_json(text, path), path, date, digest)


def _of_document(content: Any, path: str, date: datetime.date | None, digest: str) -> Market:
    entries = _validated(content, path)
    if date not in (None, entries.valuation_date):
        message = f"expected {date}, found {entries.valuation_date}"
        raise InputError(message, file=path, column="valuation_date")
    return _assemble(entries, Source(path, digest), {})


@door
def load_ore(
    path: str | Path, currency: str | None = None, date: datetime.date | None = None
) -> Market:
    """Market of a file of ORE quotes: lines of date, key and value.

    Args:
        path: file name
        currency: ISO code; all complete currencies when not given
        date: which of several dates of the file

    Returns:
        The market.

    Raises:
        InputError: naming file and line, or the quotes that are missing
    """
    text, digest = _read(Path(path))
    return _market_of_ore(text, digest, path, currency, date)


def _market_of_ore(
    text: str, digest: str, path: str | Path, currency: str | None, date: datetime.date | None
) -> Market:
    found = read_ore(text, path, currency, date)
    source = Source(str(path), digest, found.general_notes, unread=found.unread)
    return _assemble(_validated(found.content, path), source, found.notes)


@door
def dump(market: Market, path: str | Path, description: str = "") -> None:
    """Write a market as JSON; the file is replaced as a whole.

    Args:
        market: the market
        path: file name
        description: free text for the reader of the file
    """
    atomic_write(path, json.dumps(market_entries(market, description), indent=1) + "\n")


def _read(path: Path) -> tuple[str, str]:
    content = read_bytes(path, largest=_LARGEST)
    return decoded(content, path), hashlib.sha256(content).hexdigest()


def _validated(content: Any, path: str | Path) -> MarketFile:
    try:
        return MarketFile.model_validate(content)
    except ValidationError as problem:
        raise _located(problem, content, path) from None


def _located(problem: ValidationError, content: Any, path: str | Path) -> InputError:
    """The first of pydantic's errors, with the path of its field."""
    errors = problem.errors(include_url=False)
    first = errors[0]
    place = _as_given(first["loc"], content)
    found = repr(first["input"])
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    message = in_words(problem)
    if first["type"] != "value_error":
        message += f", found {found if len(found) < 50 else found[:50] + '...'}"
    if where := cell(content, place):
        message = f"at {where}: {message}"
    return InputError(_one_line(message) + more, file=path, column=_field(place))


def _as_given(location: tuple[int | str, ...], content: Any) -> tuple[int | str, ...]:
    """A place in the file itself, where a curve that stands alone is no list of one."""
    place, entry = list[int | str](), content
    for key in location:
        if isinstance(key, int) and isinstance(entry, dict):
            continue
        place.append(key)
        try:
            entry = entry[key]
        except (KeyError, IndexError, TypeError):
            entry = None
    return tuple(place)


def _one_line(message: object) -> str:
    return " ".join(str(message).split())


def _field(location: tuple[int | str, ...]) -> str | None:
    names = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return names.removeprefix(".") or None


def _assemble(entries: MarketFile, source: Source, notes: Mapping[str, tuple[str, ...]]) -> Market:
    date = entries.valuation_date
    currencies = {}
    for code, entry in entries.currencies.items():
        origin = Source(source.file, source.sha256, notes.get(code, ()))
        try:
            currencies[code] = assemble(date, code, entry, origin, entries.description)
        except (NeuralratesError, ValueError) as problem:
            where = f"currencies.{code}"
            raise InputError(_one_line(problem), file=source.file, column=where) from None
    return Market(date, currencies, source, entries.model)
