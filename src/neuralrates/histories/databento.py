"""Option quotes from files in Databento's binary encoding; needs the `databento` extra."""

from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd

from neuralrates.core.errors import InputError
from neuralrates.core.extras import extra
from neuralrates.core.files import read_bytes

COLUMNS = ("time", "underlying", "expiry", "strike", "right", "bid", "ask", "mid")
_LARGEST = 16 * 1024**3
_COMPRESSED = b"\x28\xb5\x2f\xfd"
_UNIT = 1e-9
_RIGHTS = {"C": "call", "P": "put"}


def load_option_quotes(definitions: str | Path, quotes: str | Path) -> pd.DataFrame:
    """Best bids and offers of options, with the terms that the definitions give them.

    Args:
        definitions: DBN file, also compressed with Zstandard, of the schema `definition`
        quotes: DBN file of a schema with a best bid and offer: `mbp-1`, `bbo-1s`, `bbo-1m`, `cmbp-1`, `cbbo-1s`, `cbbo-1m`

    Returns:
        One row a quote, in order of time: `time` and `expiry` (UTC), `underlying`, `strike`, `right` (`call` or `put`), `bid`,
        `ask` and `mid` in currency. Quotes with one side missing or crossed are left out, and so are instruments that are no
        options.

    Raises:
        InputError: for a file that is cut, is no DBN or holds other records, and for a quote of an instrument that the
            definitions lack
        RefusalError: where the extra is not installed
    """
    dbn = _library()
    terms: dict[int, tuple[Any, ...] | None] = {}
    for record in _records(dbn, Path(definitions)):
        if not isinstance(record, dbn.InstrumentDefMsg):
            raise InputError(
                f"expected definitions, found a {type(record).__name__}", file=definitions
            )
        terms[record.instrument_id] = _terms(dbn, record)
    rows = []
    for record in _records(dbn, Path(quotes)):
        if not hasattr(record, "levels"):
            raise InputError(f"expected quotes, found a {type(record).__name__}", file=quotes)
        if record.instrument_id not in terms:
            raise InputError(
                f"expected a definition of instrument {record.instrument_id}, found none",
                file=definitions,
            )
        named, sides = terms[record.instrument_id], _sides(dbn, record)
        if named is not None and sides is not None:
            rows.append((record.ts_event, *named, *sides, 0.5 * sum(sides)))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    for name in ("time", "expiry"):
        table[name] = pd.to_datetime(table[name], unit="ns", utc=True)
    return table.sort_values("time", kind="stable", ignore_index=True)


def _library() -> ModuleType:
    with extra("databento"):
        import databento_dbn
    return databento_dbn


def _records(dbn: ModuleType, path: Path) -> list[Any]:
    """All records of a file, the metadata apart; nothing of a file that is cut."""
    decoder = dbn.DBNDecoder()
    try:
        decoder.write(_content(path))
        decoded = decoder.decode()
    except dbn.DBNError as problem:
        raise InputError(f"expected a DBN file: {problem}", file=path) from None
    if not decoded or len(decoder.buffer()):
        raise InputError("expected a whole DBN file, but it ends within a record", file=path)
    return [record for record in decoded if not isinstance(record, dbn.Metadata)]


def _content(path: Path) -> bytes:
    try:
        content = read_bytes(path, largest=_LARGEST)
        if content.startswith(_COMPRESSED):
            with extra("databento"):
                import pyarrow as pa
            return pa.CompressedInputStream(pa.BufferReader(content), "zstd").read()
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise InputError(f"cannot be read: {reason}", file=path) from None
    return content


def _terms(dbn: ModuleType, record: Any) -> tuple[Any, ...] | None:
    """Underlying, expiry, strike and right of an option; None of anything else."""
    right = _RIGHTS.get(str(record.instrument_class))
    given = record.strike_price != dbn.UNDEF_PRICE and record.expiration != dbn.UNDEF_TIMESTAMP
    if right is None or not given:
        return None
    return record.underlying, record.expiration, record.strike_price * _UNIT, right


def _sides(dbn: ModuleType, record: Any) -> tuple[float, float] | None:
    """Bid and offer where both are there and not crossed."""
    best = record.levels[0]
    if dbn.UNDEF_PRICE in (best.bid_px, best.ask_px) or not 0 < best.bid_px <= best.ask_px:
        return None
    return best.bid_px * _UNIT, best.ask_px * _UNIT
