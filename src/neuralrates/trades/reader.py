"""Rows of a book file before they are trades."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from neuralrates.core.errors import InputError
from neuralrates.core.files import read_text
from neuralrates.core.strict_json import parse_json
from neuralrates.core.xml import parse_xml
from neuralrates.trades.fields import shown
from neuralrates.trades.rows import Place, Row
from neuralrates.trades.workbook import cells_of_workbook

SCHEMA = "neuralrates.book/1"
_MOST_LINES = 1_000_000


def read_rows(path: Path, columns: tuple[str, ...], required: tuple[str, ...]) -> tuple[Row, ...]:
    """All rows of a book file.

    Args:
        path: file name, ending in `.csv`, `.json`, `.xml` or `.xlsx`
        columns: fields that a trade may have
        required: fields that every trade must have

    Returns:
        Rows in the order of the file; a row that cannot be read carries its fault.

    Raises:
        InputError: where the file as a whole is no book
    """
    readers = {".csv": rows_of_csv, ".json": _rows_of_json, ".xml": _rows_of_xml}
    if path.suffix.lower() == ".xlsx":
        return rows_of_csv(cells_of_workbook(path), path, columns, required)
    if path.suffix.lower() not in readers:
        raise InputError("expected a file name ending in .csv, .json, .xml or .xlsx", file=path)
    return readers[path.suffix.lower()](read_text(path), path, columns, required)


def rows_of_csv(
    text: str, path: Path, columns: tuple[str, ...], required: tuple[str, ...]
) -> tuple[Row, ...]:
    """All rows of a book in comma-separated cells; `path` is what messages call it, otherwise as `read_rows`."""
    _check_length(text, path)
    return _at_least_one(tuple(_csv_rows(text, path, columns, required)), path)


def _rows_of_json(
    text: str, path: Path, columns: tuple[str, ...], required: tuple[str, ...]
) -> tuple[Row, ...]:
    _check_length(text, path)
    return rows_of_document(parse_json(text, path), path)


def _rows_of_xml(
    text: str, path: Path, columns: tuple[str, ...], required: tuple[str, ...]
) -> tuple[Row, ...]:
    from neuralrates.trades.fpml.document import is_fpml, rows_of_fpml
    from neuralrates.trades.ore.portfolio import rows_of_portfolio

    _check_length(text, path)
    root = parse_xml(text, path)
    if is_fpml(root):
        return rows_of_fpml(root, path)
    if root.name == "Portfolio":
        return rows_of_portfolio(root, path)
    raise InputError(
        f"expected a Portfolio (ORE) or an FpML document, found {shown(root.name)}",
        file=path,
        line=root.line,
    )


def rows_of_document(document: Any, path: Path) -> tuple[Row, ...]:
    """All rows of a book that is plain values already; `path` is what messages call it, otherwise as `read_rows`."""
    return _at_least_one(tuple(_document_rows(document, path)), path)


def _check_length(text: str, path: Path) -> None:
    if max(text.count("\n"), text.count("\r")) > _MOST_LINES:
        raise InputError(f"expected at most {_MOST_LINES:,} lines, found more", file=path)
    if not text.strip():
        raise InputError("expected a book of trades, found an empty file", file=path)


def _at_least_one(rows: tuple[Row, ...], path: Path) -> tuple[Row, ...]:
    if not rows:
        raise InputError("expected at least one trade, found none", file=path)
    return rows


def _csv_rows(
    text: str, path: Path, columns: tuple[str, ...], required: tuple[str, ...]
) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    cells = _next_cells(reader)
    while isinstance(cells, list) and not any(cells):
        cells = _next_cells(reader)
    header = _header(cells, path, columns, required, reader.line_num)
    place = Place(reader.line_num + 1)
    while (cells := _next_cells(reader)) is not None:
        if isinstance(cells, str):
            yield Row({}, place, InputError(f"expected comma-separated cells: {cells}"))
        elif any(cells):
            yield _csv_row(header, cells, place)
        place = Place(reader.line_num + 1)


def _next_cells(reader: Any) -> list[str] | str | None:
    """Cells of the next row, or why it cannot be split into cells; none at the end."""
    try:
        return [cell.strip() for cell in next(reader)]
    except StopIteration:
        return None
    except csv.Error as error:
        return str(error)


def _header(
    cells: list[str] | str | None,
    path: Path,
    columns: tuple[str, ...],
    required: tuple[str, ...],
    line: int,
) -> list[str]:
    if not isinstance(cells, list):
        raise InputError("expected column names in the first line", file=path, line=line)
    unknown = [name for name in cells if name not in columns]
    missing = [name for name in required if name not in cells]
    if unknown:
        names = ", ".join(shown(name) for name in unknown)
        known = ", ".join(columns)
        raise InputError(
            f"expected columns among {known}, found {names}",
            file=path,
            line=line,
            column=shown(unknown[0]),
        )
    if missing:
        names = ", ".join(missing)
        raise InputError(f"expected the columns {names}, which are missing", file=path, line=line)
    if len(set(cells)) < len(cells):
        twice = next(name for name in cells if cells.count(name) > 1)
        raise InputError("expected each column once", file=path, line=line, column=twice)
    return cells


def _csv_row(header: list[str], cells: list[str], place: Place) -> Row:
    if len(cells) != len(header):
        expected = f"expected {len(header)} cells, as in the first line, found {len(cells)}"
        return Row({}, place, InputError(expected))
    return Row({name: cell for name, cell in zip(header, cells, strict=True) if cell}, place)


def _document_rows(document: Any, path: Path) -> Iterator[Row]:
    for number, fields in enumerate(_trades(document, path)):
        place = Place(prefix=f"trades[{number}].")
        if isinstance(fields, dict):
            yield Row(fields, place)
        else:
            fault = InputError(f"expected a table of fields, found {shown(fields)}")
            yield Row({}, place, fault)


def _trades(document: Any, path: Path) -> list[Any]:
    if isinstance(document, list):
        return document
    if not isinstance(document, dict) or type(document.get("trades")) is not list:
        raise InputError(
            "expected a list of trades, or a table with schema and trades",
            file=path,
            column="trades",
        )
    if document.get("schema", SCHEMA) != SCHEMA:
        found = shown(document["schema"])
        raise InputError(f"expected {SCHEMA}, found {found}", file=path, column="schema")
    unknown = [name for name in document if name not in ("schema", "trades")]
    if unknown:
        expected = "expected schema and trades alone at the top"
        raise InputError(expected, file=path, column=shown(unknown[0]))
    return document["trades"]
