"""Books in spreadsheets: one sheet of trades, a column a field, and what the fields may hold beside it."""

import csv
import datetime
import io
import re
import zipfile
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any

from neuralrates.core.errors import InputError
from neuralrates.core.extras import extra
from neuralrates.core.files import atomic_path
from neuralrates.trades.fields import EXPECTED

_ENCODING = re.compile(rb"""(?:\xef\xbb\xbf)?\s*<\?xml[^>]*encoding=["']([^"']*)""")
TRADES, FIELDS = "trades", "fields"
_LARGEST = 64 << 20
"""Bytes that a workbook may unpack to."""
_MOST_ROWS, _MOST_COLUMNS = 1_000_000, 200


def cells_of_workbook(path: Path) -> str:
    """The sheet of trades as comma-separated text, line by line; the only sheet where none is called so.

    Dates are written as 2024-03-21. What formulas were last worked out to stands in their place.

    Args:
        path: file name, ending in `.xlsx`

    Returns:
        What a CSV file of the same cells holds.

    Raises:
        InputError: where the file is no workbook, is damaged, unpacks to too much, declares a document type, has several sheets
            of which none is called `trades`, or a formula that was never worked out
        RefusalError: without the package that reads it
    """
    _check_package(path)
    with extra("spreadsheet"):
        import openpyxl
    try:
        with (
            closing(openpyxl.load_workbook(path, True, data_only=True, keep_links=False)) as values,
            closing(openpyxl.load_workbook(path, True, keep_links=False)) as formulas,
        ):
            name = _sheet_of_trades(values, path)
            return _text(values[name], formulas[name], path)
    except InputError:
        raise
    except Exception as error:  # of many kinds, by what is broken
        raise InputError(f"expected a workbook: {_line(error)}", file=path) from None


def _sheet_of_trades(workbook: Any, path: Path) -> str:
    """Name of the sheet that holds the trades."""
    sheets = [sheet.title for sheet in workbook.worksheets]
    named = [title for title in sheets if title.strip().lower() == TRADES]
    others = [title for title in sheets if title.strip().lower() != FIELDS]
    if len(named) == 1:
        return str(named[0])
    if named or len(others) != 1:
        raise InputError(
            f"expected one sheet called `{TRADES}`, found {', '.join(sheets) or 'no sheet'}",
            file=path,
        )
    return str(others[0])


def _text(values: Any, formulas: Any, path: Path) -> str:
    """Rows of a sheet as comma-separated text; empty cells at the end of a row count no more than the header has."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    width = 0
    rows = (
        sheet.iter_rows(max_col=_MOST_COLUMNS + 1, values_only=True) for sheet in (values, formulas)
    )
    for number, (row, written) in enumerate(zip(*rows, strict=True), 1):
        if number > _MOST_ROWS:
            raise InputError(f"expected at most {_MOST_ROWS:,} rows, found more", file=path)
        for place, (value, formula) in enumerate(zip(row, written, strict=True)):
            if value is None and formula is not None:
                raise InputError(
                    f"expected a value, found a formula that was never worked out, {str(formula)[:40]}",
                    file=path,
                    line=number,
                    column=_column(place),
                )
        cells = [_cell(one) for one in row]
        while cells and not cells[-1]:
            cells.pop()
        if len(cells) > _MOST_COLUMNS:
            raise InputError(
                f"expected at most {_MOST_COLUMNS} columns, found more", file=path, line=number
            )
        width = width or len(cells)
        writer.writerow(cells + [""] * (width - len(cells)))
    return text.getvalue()


def _column(place: int) -> str:
    """Letters of a column, counted from zero."""
    first, last = divmod(place, 26)
    return (chr(64 + first) if first else "") + chr(65 + last)


def write_workbook(rows: list[list[Any]], path: Path) -> None:
    """A workbook with these rows as its trades, the first the names of the columns, and a sheet of what the fields may hold."""
    with extra("spreadsheet"):
        import openpyxl
    workbook = openpyxl.Workbook()
    trades, fields = workbook.active, workbook.create_sheet(FIELDS)
    trades.title = TRADES
    for row in rows:
        trades.append([_as_text(one) for one in row])
    fields.append(["field", "holds"])
    for name, holds in EXPECTED.items():
        fields.append([name, holds])
    trades.freeze_panes = "C2"
    with atomic_path(path) as temporary:
        workbook.save(temporary)


def _check_package(path: Path) -> None:
    """Refuse what no spreadsheet program writes: a document type, or parts that unpack to more than memory is for."""
    try:
        with zipfile.ZipFile(path) as package:
            if sum(part.file_size for part in package.infolist()) > _LARGEST:
                raise InputError(
                    f"expected a workbook that unpacks to {_LARGEST >> 20} MB at most, found more",
                    file=path,
                )
            for part in package.infolist():
                content = package.read(part)
                if b"<!DOCTYPE" in content.upper():
                    raise InputError(
                        f"expected data alone, found a document type in {part.filename}", file=path
                    )
                if part.filename.endswith((".xml", ".rels")) and not _is_utf8(content):
                    raise InputError(
                        f"expected UTF-8, found another encoding in {part.filename}", file=path
                    )
    except zipfile.BadZipFile:
        raise InputError("expected a workbook (.xlsx), found another file", file=path) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=path) from None
    except (
        RuntimeError,
        NotImplementedError,
        EOFError,
        zipfile.LargeZipFile,
        zlib.error,
    ) as error:
        raise InputError(f"expected a workbook: {_line(error)}", file=path) from None


def _is_utf8(content: bytes) -> bool:
    """Whether a part is in the one encoding in which a document type is looked for."""
    declared = _ENCODING.match(content)
    return b"\0" not in content[:200] and (
        declared is None or declared[1].lower() in (b"utf-8", b"us-ascii", b"ascii")
    )


def _cell(value: Any) -> str:
    """A cell as a book writes it."""
    match value:
        case None:
            return ""
        case datetime.datetime():
            return (
                value.date().isoformat() if value.time() == datetime.time() else value.isoformat()
            )
        case datetime.date():
            return value.isoformat()
        case float():
            return repr(value)
    return str(value).strip()


def _as_text(value: Any) -> Any:
    """A value as its cell holds it: nothing as an empty cell, a number that a cell would round as text."""
    if isinstance(value, float) and float(f"{value:.15g}") != value:
        return repr(value)
    return None if value == "" else value


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
