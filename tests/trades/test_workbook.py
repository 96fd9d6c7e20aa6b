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


def rewritten(path, part, change):
    """The workbook with one part changed."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)


SHEET = "xl/worksheets/sheet1.xml"


def test_a_formula_that_was_never_worked_out_is_refused_by_its_cell(tmp_path):
    """Its value is empty, which would be read as the field's default."""
    path = workbook(tmp_path / "b.xlsx", [*HEADER, "position"], [*SWAP, '=IF(1=1,"short","long")'])
    with pytest.raises(InputError, match="line 2, field `J`: expected a value, found a formula"):
        nr.trades.load(path)


def test_one_sheet_of_trades_is_found_whatever_its_case(tmp_path):
    made = openpyxl.Workbook()
    made.active.title = "Notes"
    made.active.append(["of the desk"])
    trades = made.create_sheet("Trades")
    for row in (HEADER, SWAP):
        trades.append(row)
    made.save(tmp_path / "b.xlsx")
    assert len(nr.trades.load(tmp_path / "b.xlsx").trades) == 1
    trades.title = "More"
    made.save(tmp_path / "b.xlsx")
    with pytest.raises(InputError, match="expected one sheet called `trades`, found Notes, More"):
        nr.trades.load(tmp_path / "b.xlsx")


def test_a_header_cell_without_a_name_at_the_end_is_no_field(tmp_path):
    path = workbook(tmp_path / "b.xlsx", [*HEADER, " "], SWAP)
    assert len(nr.trades.load(path).trades) == 1


def test_sheets_that_are_damaged_are_refused_in_a_line(tmp_path):
    path = workbook(tmp_path / "b.xlsx", HEADER, SWAP)
    for change in (
        lambda content: content[: len(content) // 2],
        lambda content: content.replace(b"<v>10000000</v>", b"<v>abc</v>"),
    ):
        workbook(path, HEADER, SWAP)
        rewritten(path, SHEET, change)
        with pytest.raises(InputError, match="expected a workbook: "):
            nr.trades.load(path)


def test_columns_without_end_are_refused(tmp_path):
    path = workbook(tmp_path / "b.xlsx", HEADER, SWAP)
    made = openpyxl.load_workbook(path)
    made.active["XFD800"] = 1
    made.active["GS2"] = 1
    made.save(path)
    with pytest.raises(InputError, match="line 2: expected at most 200 columns"):
        nr.trades.load(path)


def test_a_document_type_in_another_encoding_is_refused(tmp_path):
    path = workbook(tmp_path / "b.xlsx", HEADER, SWAP)
    rewritten(path, SHEET, lambda content: ("<!DOCTYPE a>" + content.decode()).encode("utf-16"))
    with pytest.raises(InputError, match="expected UTF-8, found another encoding in " + SHEET):
        nr.trades.load(path)


def test_numbers_come_back_to_the_last_digit(tmp_path):
    strike = 0.030000000000000027
    trade = nr.trades.SwapTrade(
        **dict(zip(HEADER[1:], [*SWAP[1:6], strike, *SWAP[7:]], strict=True))
    )
    nr.trades.dump(nr.trades.Book((trade,)), tmp_path / "b.xlsx")
    assert nr.trades.load(tmp_path / "b.xlsx").trades[0].strike == strike
