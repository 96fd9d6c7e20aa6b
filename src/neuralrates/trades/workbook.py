"""Books in spreadsheets: one sheet of trades, a column a field, and what the fields may hold beside it."""

import csv
import datetime
import io
import zipfile
from pathlib import Path
from typing import Any

from neuralrates.core.errors import InputError
from neuralrates.core.extras import extra
from neuralrates.core.files import atomic_path
from neuralrates.trades.fields import EXPECTED

TRADES, FIELDS = "trades", "fields"
_LARGEST = 64 << 20
"""Bytes that a workbook may unpack to."""
_MOST_ROWS = 1_000_000


def cells_of_workbook(path: Path) -> str:
    """The sheet of trades as comma-separated text, line by line; the first sheet where none is called so.

    Dates are written as 2024-03-21. What formulas were last worked out to stands in their place.

    Args:
        path: file name, ending in `.xlsx`

    Returns:
        What a CSV file of the same cells holds.

    Raises:
        InputError: where the file is no workbook, unpacks to too much, or declares a document type
        RefusalError: without the package that reads it
    """
    _check_package(path)
    with extra("spreadsheet"):
        import openpyxl
    try:
        workbook = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # of many kinds, by what is broken
        raise InputError(f"expected a workbook: {_line(error)}", file=path) from None
    try:
        sheet = workbook[TRADES] if TRADES in workbook.sheetnames else workbook.worksheets[0]
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        for number, row in enumerate(sheet.iter_rows(values_only=True)):
            if number >= _MOST_ROWS:
                raise InputError(f"expected at most {_MOST_ROWS:,} rows, found more", file=path)
            writer.writerow([_cell(one) for one in row])
    finally:
        workbook.close()
    return text.getvalue()


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
                if b"<!DOCTYPE" in package.read(part).upper():
                    raise InputError(
                        f"expected data alone, found a document type in {part.filename}", file=path
                    )
    except zipfile.BadZipFile:
        raise InputError("expected a workbook (.xlsx), found another file", file=path) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=path) from None
    except (RuntimeError, NotImplementedError, EOFError, zipfile.LargeZipFile) as error:
        raise InputError(f"expected a workbook: {_line(error)}", file=path) from None


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
    """A value as its cell holds it: numbers as they are, nothing as an empty cell."""
    return None if value == "" else value


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
