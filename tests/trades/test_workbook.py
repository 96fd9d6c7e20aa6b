"""Books in spreadsheets: read as written, dates as dates, and what is no workbook."""

import datetime
import zipfile

import pytest

import neuralrates as nr
from neuralrates.core.errors import InputError
from neuralrates.desk.example import example_files

openpyxl = pytest.importorskip("openpyxl")


def test_a_book_is_read_as_it_was_written(tmp_path):
    book = nr.trades.load(example_files()[0])
    nr.trades.dump(book, tmp_path / "book.xlsx")
    assert nr.trades.load(tmp_path / "book.xlsx").trades == book.trades
    sheets = openpyxl.load_workbook(tmp_path / "book.xlsx")
    assert sheets.sheetnames == ["trades", "fields"]
    assert {"kind", "second_index", "settlement"} <= {cell.value for cell in sheets["trades"][1]}


HEADER = [
    "kind",
    "trade_id",
    "currency",
    "index",
    "side",
    "notional",
    "strike",
    "start_date",
    "maturity_date",
]
SWAP = [
    "swap",
    "S1",
    "USD",
    "USD-SOFR",
    "payer",
    1e7,
    0.0385,
    datetime.date(2024, 3, 21),
    "2029-03-21",
]


def workbook(path, *rows, title="Sheet1"):
    made = openpyxl.Workbook()
    made.active.title = title
    for row in rows:
        made.active.append(row)
    made.save(path)
    return path


def test_dates_and_numbers_as_a_spreadsheet_has_them(tmp_path):
    (trade,) = nr.trades.load(workbook(tmp_path / "b.xlsx", HEADER, SWAP, [None] * 9)).trades
    assert (trade.start_date, trade.notional, trade.strike) == (
        datetime.date(2024, 3, 21),
        1e7,
        0.0385,
    )


def test_a_bad_row_is_named_by_its_line(tmp_path):
    bad = [*SWAP[:6], 3.85, *SWAP[7:]]
    path = workbook(tmp_path / "b.xlsx", HEADER, SWAP, [bad[0], "S2", *bad[2:]], title="trades")
    with pytest.raises(InputError, match="line 3, field `strike`: expected a decimal"):
        nr.trades.load(path)


def test_what_is_no_workbook(tmp_path):
    path = tmp_path / "b.xlsx"
    path.write_text("kind,trade_id")
    with pytest.raises(InputError, match="expected a workbook .*found another file"):
        nr.trades.load(path)
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("xl/workbook.xml", "<a/>")
    with pytest.raises(InputError, match="expected a workbook: "):
        nr.trades.load(path)


def test_entities_and_parts_that_unpack_without_end_are_refused(tmp_path):
    path = workbook(tmp_path / "b.xlsx", HEADER, SWAP)
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("xl/evil.xml", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>")
    with pytest.raises(InputError, match="found a document type in xl/evil.xml"):
        nr.trades.load(path)
    workbook(path, HEADER, SWAP)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/bomb.xml", b" " * (65 << 20))
    with pytest.raises(InputError, match="unpacks to 64 MB at most"):
        nr.trades.load(path)
