"""Tables of numbers by day, from CSV (also compressed) or parquet, checked cell by cell."""

import csv
import gzip
import lzma
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from neuralrates.core.errors import InputError
from neuralrates.core.extras import extra
from neuralrates.core.files import read_bytes

_MISSING = ("", ".", "NA", "NaN", "nan", "ND")
_LEAST = -999.0
_DECOMPRESS = {".gz": gzip.decompress, ".xz": lzma.decompress}


def read_daily_table(path: str | Path) -> pd.DataFrame:
    """Numbers by day.

    Args:
        path: parquet, or CSV with a header that begins with `Date` or `DATE` (lines before it are a preamble); blanks, `.`,
            `NA` and values below -999 are missing

    Returns:
        Floats by day, sorted; missing values are NaN.

    Raises:
        InputError: naming file, line and column
    """
    path = Path(path)
    table = _read_parquet(path) if path.suffix == ".parquet" else _read_csv(path)
    repeated = table.index[table.index.duplicated()]
    if len(repeated):
        raise InputError(f"expected each day once, found {repeated[0].date()} again", file=path)
    return table.sort_index()


def _read_parquet(path: Path) -> pd.DataFrame:
    with extra("parquet"):
        import pyarrow  # noqa: F401  (pandas reads by it)
    try:
        table = pd.read_parquet(path)
        index = pd.to_datetime(table.index if table.index.name else table.pop("Date"))
        numbers = table.astype(float).set_axis(pd.DatetimeIndex(index, name="Date"))
    except Exception as problem:
        reason = str(problem).partition("\n")[0]
        raise InputError(f"expected a table of numbers by `Date`: {reason}", file=path) from None
    return _finite(numbers, path, range(1, len(numbers) + 1))


def _read_csv(path: Path) -> pd.DataFrame:
    rows = _rows(_text(path), path)
    places = [place for place, (_, row) in enumerate(rows) if row and row[0].lower() == "date"]
    if not places:
        raise InputError("expected a header that begins with `Date`, found none", file=path)
    header = rows[places[0]][1]
    body = [(line, row) for line, row in rows[places[0] + 1 :] if row]
    for line, row in body:
        if len(row) != len(header):
            message = f"expected {len(header)} columns, found {len(row)}"
            raise InputError(message, file=path, line=line)
    lines = [line for line, _ in body]
    cells = pd.DataFrame([row for _, row in body], columns=header, dtype=str)
    days = _days(cells.pop(header[0]), path, lines)
    return _finite(_floats(cells, path, lines), path, lines).set_axis(days)


def _rows(text: str, path: Path) -> list[tuple[int, list[str]]]:
    try:
        return list(enumerate(csv.reader(text.splitlines()), start=1))
    except csv.Error as problem:
        raise InputError(f"expected CSV: {problem}", file=path) from None


def _text(path: Path) -> str:
    try:
        content = read_bytes(path)
        return _DECOMPRESS.get(path.suffix, bytes)(content).decode("utf-8-sig")
    except (EOFError, zlib.error, lzma.LZMAError, UnicodeDecodeError) as problem:
        raise InputError(f"expected UTF-8 text: {problem}", file=path) from None
    except OSError as problem:
        raise InputError(f"cannot be read: {problem.strerror or problem}", file=path) from None


def _days(column: pd.Series, path: Path, lines: Sequence[int]) -> pd.DatetimeIndex:
    days = pd.to_datetime(column, format="%Y-%m-%d", errors="coerce")
    _refuse(days.isna().to_numpy(), column, "a date such as 2024-03-19", path, lines)
    return pd.DatetimeIndex(days, name="Date")


def _floats(cells: pd.DataFrame, path: Path, lines: Sequence[int]) -> pd.DataFrame:
    if not cells.columns.is_unique:
        raise InputError("expected each column once, found one again", file=path)
    numbers = {}
    for name, column in cells.items():
        values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        unread = np.isnan(values)
        unread[unread] = ~column[unread].str.strip().isin(_MISSING)
        _refuse(unread, column, "a number", path, lines)
        numbers[name] = np.where(values < _LEAST, np.nan, values)
    return pd.DataFrame(numbers, index=cells.index)


def _finite(table: pd.DataFrame, path: Path, lines: Sequence[int]) -> pd.DataFrame:
    for _, column in table.items():
        _refuse(np.isinf(column.to_numpy()), column, "a finite number", path, lines)
    return table


def _refuse(
    bad: np.ndarray, column: pd.Series, expected: str, path: Path, lines: Sequence[int]
) -> None:
    """Raise where anything is bad, naming the first place."""
    if bad.any():
        place = int(np.argmax(bad))
        message = f"expected {expected}, found {str(column.iloc[place])!r}"
        raise InputError(message, file=path, line=lines[place], column=str(column.name))
