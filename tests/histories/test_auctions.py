"""Auction results and par yields: read whole or refused by name."""

import numpy as np
import pytest

import neuralrates as nr
from neuralrates.core import InputError

HEAD = "CUSIP,Security Type,Security Term,Auction Date,Issue Date,Maturity Date,Price per $100\n"
BILL = "912796TX7,Bill,13-Week,2020-03-02,2020-03-05,2020-06-04,99.70804\n"


def write(folder, text):
    path = folder / "auctions.csv"
    path.write_text(text)
    return path


def test_the_index_is_the_bills_simple_rate(tmp_path):
    unpriced = BILL.replace("99.70804", "").replace("2020-03-02", "2020-02-24")
    other = BILL.replace("13-Week", "26-Week")
    auctions = nr.histories.load_auctions(write(tmp_path, HEAD + BILL + unpriced + other))
    assert auctions.auction_date.is_monotonic_increasing
    index = nr.histories.bill_index(auctions)
    assert len(index) == 1
    assert index.iloc[0] == pytest.approx((100.0 / 99.70804 - 1.0) * 360.0 / 91.0, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        (HEAD, "CUSIP"),
        (HEAD.replace("Issue Date", "Issued") + BILL, "`Issue Date`: expected this column"),
        (
            HEAD + BILL.replace("2020-03-05", "5 March"),
            "line 2, field `Issue Date`: expected a date",
        ),
        (HEAD + BILL + BILL.replace("99.70804", "par"), "line 3, field `Price per .100`"),
        (
            HEAD + BILL.replace("99.70804", "0.9970804"),
            "expected a price per 100, found '0.9970804'",
        ),
    ],
)
def test_bad_rows_are_named(tmp_path, text, match):
    with pytest.raises(InputError, match=match):
        nr.histories.load_auctions(write(tmp_path, text))
    with pytest.raises(InputError, match="cannot be read"):
        nr.histories.load_auctions(tmp_path / "nothing.csv")


LONG = "DATE,CURRENCY,TERM,MONTHS,VALUE,DESC\n2020-01-02,USD,3M,3,0.0152,x\n2020-01-02,USD,1Y,12,0.0155,x\n"


def test_par_yields_by_day_and_month(tmp_path):
    path = write(tmp_path, LONG + "2020-01-03,USD,3M,3,0.0150,x\n2020-01-03,EUR,3M,3,-0.006,x\n")
    table = nr.histories.load_par_yields(path)
    assert table.loc["2020-01-02", 12] == 0.0155
    assert np.isnan(table.loc["2020-01-03", 12])
    with pytest.raises(InputError, match="JPY"):
        nr.histories.load_par_yields(path, "JPY")


def test_bad_par_yields_are_refused(tmp_path):
    with pytest.raises(InputError, match="line 3, field `VALUE`"):
        nr.histories.load_par_yields(write(tmp_path, LONG.replace("0.0155", "?")))
    with pytest.raises(InputError, match="expected columns"):
        nr.histories.load_par_yields(write(tmp_path, "DATE,VALUE\n"))
    damaged = tmp_path / "yields.csv.xz"
    damaged.write_bytes(b"not an archive")
    with pytest.raises(InputError, match=r"yields.csv.xz"):
        nr.histories.load_par_yields(damaged)
