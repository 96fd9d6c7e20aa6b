"""Books: what is read, what is refused, and in which words."""

import datetime
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import neuralrates as nr
from neuralrates.core.errors import ArgumentError, InputError
from neuralrates.trades.kinds import COLUMNS

TODAY = datetime.date(2024, 3, 19)
HEADER = "kind,trade_id,currency,index,side,notional,strike,start_date,maturity_date,"
HEADER += "first_exercise_date,settlement"
SWAP = "swap,S1,USD,USD-SOFR,payer,1e7,0.0385,2024-03-21,2029-03-21,,"
BERMUDAN = "bermudan,B1,USD,USD-SOFR,receiver,5e6,0.035,2024-03-21,2034-03-21,2025-03-21,physical"


def write(folder, *lines, name="book.csv"):
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return path


def refusals(path):
    with pytest.raises(nr.trades.BookError) as caught:
        nr.trades.load(path)
    assert str(caught.value).splitlines() == [str(error) for error in caught.value.errors]
    return [str(error).removeprefix(str(path)) for error in caught.value.errors]


def test_rows_become_trades(tmp_path):
    path = write(tmp_path, HEADER, SWAP, "", BERMUDAN)
    book = nr.trades.load(path)
    assert [trade.kind for trade in book] == ["swap", "bermudan"]
    assert (len(book), book.source, book.errors) == (2, str(path), ())
    resolved = book.resolve(TODAY)
    assert [trade.trade_id for trade in resolved.trades] == ["S1", "B1"]


def test_every_bad_row_is_listed_with_its_line(tmp_path):
    percent = SWAP.replace("0.0385", "3.85").replace("S1", "S2").replace("1e7", "-5")
    cash = BERMUDAN.replace("physical", "cash").replace("B1", "B2")
    odd = SWAP.replace("swap", "swop")
    path = write(tmp_path, HEADER, SWAP, percent, cash, SWAP, odd, SWAP + ",", BERMUDAN)
    assert refusals(path) == [
        ", line 3, field `notional`: expected an amount in currency from 1e-6 to 1e13 "
        "(a trade that was sold says so in `position`), found -5",
        ", line 3, field `strike`: expected a decimal from -0.5 to 0.5, like 0.0325, found 3.85",
        ", line 4, field `settlement`: this cash settlement pays another amount than the swap is worth, "
        "and is not priced here: expected `physical` or `cash collateralised`, or of a european `cash par yield`, found cash",
        ", line 5, field `trade_id`: expected a name of its own, found S1 again",
        ", line 6, field `kind`: expected a kind among swap, basis_swap, compounding_swap, european, bermudan, cancellable, "
        "cap, floor, collar, fra, bond, floating_bond, callable_bond, puttable_bond, found swop",
        ", line 7: expected 11 cells, as in the first line, found 12",
    ]
    book = nr.trades.load(path, keep_going=True)
    assert [trade.trade_id for trade in book] == ["S1", "B1"]
    assert len(book.errors) == 6


def test_trades_that_have_lapsed_are_listed_with_their_line(tmp_path):
    path = write(tmp_path, HEADER, SWAP, BERMUDAN)
    book = nr.trades.load(path)
    with pytest.raises(nr.trades.BookError) as caught:
        book.resolve(datetime.date(2035, 1, 1))
    assert [(error.line, error.column) for error in caught.value.errors] == [
        (2, "maturity_date"),
        (3, "exercise_dates"),
    ]
    left = book.resolve(datetime.date(2033, 3, 1), keep_going=True)
    assert [trade.trade_id for trade in left.trades] == ["B1"]
    assert len(left.errors) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "found an empty file"),
        (" \n\n", "found an empty file"),
        (HEADER + "\n", "at least one trade"),
        (HEADER.replace("strike", "rate") + "\n" + SWAP, "line 1, field `rate`: .* found rate"),
        (HEADER.replace(",index", ""), "line 1: expected the columns index, which are missing"),
        (HEADER.replace("settlement", "strike"), "field `strike`: expected each column once"),
        (HEADER.replace(",", ";"), "expected columns among kind, trade_id"),
        ('"kind', "line 1: expected column names"),
    ],
)
def test_a_file_that_is_no_book(tmp_path, text, message):
    path = tmp_path / "book.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        nr.trades.load(path, keep_going=True)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        nr.trades.load(tmp_path / "absent.csv")
    with pytest.raises(InputError, match="ending in .csv, .json, .xml or .xlsx"):
        nr.trades.load(tmp_path / "book.ods")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError, match="can.* be read"):
        nr.trades.load(tmp_path / "folder.csv")
    with pytest.raises(InputError, match="can.* be read"):
        nr.trades.load("\0.csv")
    (tmp_path / "latin.csv").write_bytes(HEADER.encode() + b"\n\xe9")
    with pytest.raises(InputError, match="UTF-8 text"):
        nr.trades.load(tmp_path / "latin.csv")


def test_a_byte_order_mark_and_windows_lines_are_welcome(tmp_path):
    path = tmp_path / "book.csv"
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join([HEADER, SWAP, BERMUDAN]).encode())
    assert len(nr.trades.load(path)) == 2


def test_quotes_left_open_cost_their_row_only(tmp_path):
    path = write(tmp_path, HEADER, SWAP, SWAP.replace("S1", '"S2"x'), BERMUDAN)
    assert refusals(path)[0].startswith(", line 3: expected comma-separated cells")
    assert len(nr.trades.load(path, keep_going=True)) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "line 2: expected JSON"),
        ("3", "field `trades`: expected a list of trades"),
        ("[]", "at least one trade"),
        ('{"schema": "neuralrates.book/9", "trades": [{}]}', "expected neuralrates.book/1"),
        ('{"trades": [{}], "extra": 1}', "field `extra`: expected schema and trades alone"),
        ('[{"kind": "swap", "kind": "swap"}]', "field `kind`: expected each field once"),
        ('[{"strike": NaN}]', "expected a finite number, found NaN"),
        ("[" * 100_000, "ordinary size"),
        ("[3]", "field `trades.0.`: expected a table of fields, found 3"),
        ("[{}]", "field `trades.0..kind`: expected a kind among"),
        ('[{"kind": ["swap"]}]', "field `trades.0..kind`: expected a kind among"),
        ('[{"kind": "swap"}]', "field `trades.0..trade_id`: expected a name .* found nothing"),
    ],
)
def test_json_that_is_no_book(tmp_path, text, message):
    path = write(tmp_path, text, name="book.json")
    with pytest.raises(InputError, match=message):
        nr.trades.load(path)


@pytest.mark.parametrize("name", ["again.csv", "again.json"])
def test_a_book_written_is_the_book_read(tmp_path, name):
    rich = {
        "trade_id": "C1",
        "currency": "EUR",
        "index": "EUR-EURIBOR-6M",
        "side": "payer",
        "notional": 1e6,
        "strike": -0.00123456789,
        "start_date": "2024-03-21",
        "maturity_date": "2026-03-23",
        "spread": 1e-5,
        "notionals": [1e6, 1e6 / 3.0],
        "stub": "short back",
        "exercise_dates": ["2024-09-19", "2025-03-19"],
    }
    book = nr.trades.load(write(tmp_path, HEADER, SWAP, BERMUDAN))
    whole = nr.trades.Book((*book.trades, nr.trades.CancellableSwapTrade(**rich)))
    nr.trades.dump(whole, tmp_path / name)
    assert nr.trades.load(tmp_path / name).trades == whole.trades


def test_nothing_is_written_under_an_unknown_name(tmp_path):
    book = nr.trades.load(write(tmp_path, HEADER, SWAP))
    with pytest.raises(InputError):
        nr.trades.dump(book, tmp_path / "book.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["book.csv"]


CELL = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "",
            "nan",
            "inf",
            "1e999",
            "-0",
            "0x10",
            "1_0",
            "٣",
            "2024-02-30",
            "0000-00-00",
            "9999-12-31",
        ]
        + [
            "2024-03-23",
            "2024-03-24",
            "physical",
            "cash",
            "payer",
            '"',
            "S1",
            "2024-03-21;",
            ";",
            "6M",
        ]
        + ["swap", "european", "bermudan", "cancellable", "USD", "USD-SOFR", "0.03", "1e6"]
        + ["EUR", "EUR-EURIBOR-6M", "1950-01-01", "2149-12-31", "2034-03-21", "2024-03-21"]
    ),
)
GOOD = dict(zip(HEADER.split(","), BERMUDAN.split(","), strict=True))
FUZZ = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def reads_or_says_why(path):
    try:
        book = nr.trades.load(path, keep_going=True)
        errors = book.resolve(TODAY, keep_going=True).errors
    except InputError as error:
        errors = (error,)
    for error in errors:
        assert len(str(error).splitlines()) == 1, str(error)
        assert str(error).startswith(str(path))


@FUZZ
@given(changes=st.dictionaries(st.sampled_from(COLUMNS), CELL, min_size=1, max_size=4))
def test_any_cell_is_read_or_refused_in_one_line(tmp_path, changes):
    fields = GOOD | changes
    cells = ['"' + cell.replace('"', '""') + '"' for cell in fields.values()]
    path = tmp_path / "book.csv"
    path.write_text(",".join(fields) + "\n" + ",".join(cells), encoding="utf-8", newline="")
    reads_or_says_why(path)


@FUZZ
@given(content=st.one_of(st.binary(max_size=60), st.text(max_size=60).map(str.encode)))
@pytest.mark.parametrize("name", ["book.csv", "book.json"])
def test_any_bytes_are_read_or_refused_in_one_line(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    reads_or_says_why(path)
    path.write_bytes(HEADER.encode() + b"\n" + SWAP.encode() + b"\n" + content)
    reads_or_says_why(path)


VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | CELL,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@FUZZ
@given(
    changes=st.dictionaries(
        st.sampled_from(COLUMNS) | st.text(max_size=8), VALUE, min_size=1, max_size=3
    )
)
def test_any_json_value_is_read_or_refused_in_one_line(tmp_path, changes):
    path = tmp_path / "book.json"
    path.write_text(json.dumps([GOOD | changes]).replace("Infinity", "1e999"))
    reads_or_says_why(path)


def test_a_book_made_in_memory_holds_trades_with_names_of_their_own(tmp_path):
    """Tables and comparisons find trades by their names."""
    (trade,) = nr.trades.load(write(tmp_path, HEADER, SWAP))
    with pytest.raises(InputError, match=f"a name of its own, found {trade.trade_id} again"):
        nr.trades.Book((trade, trade))
    with pytest.raises(ArgumentError, match="must hold trades, but holds the text 'SWP'"):
        nr.trades.Book(("SWP",))


def test_more_exercise_dates_than_any_trade_has_are_refused_by_their_number(tmp_path):
    (bermudan,) = nr.trades.load(write(tmp_path, HEADER, BERMUDAN))
    fields = bermudan.model_dump(exclude_defaults=True) | {"first_exercise_date": None}
    day = datetime.timedelta(days=1)
    dates = [bermudan.start_date + number * day for number in range(1, 1002)]
    with pytest.raises(InputError, match="`exercise_dates`: .*at most 1000"):
        nr.trades.BermudanSwaptionTrade(**(fields | {"exercise_dates": dates}))
