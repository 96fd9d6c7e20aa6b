"""Files of published rates."""

import datetime
import pathlib

import pytest

import neuralrates as nr
from neuralrates.core.errors import InputError

D = datetime.date
ORE = pathlib.Path(__file__).parents[3] / "shared/data/ore/fixings_20160205.txt"


def load(tmp_path, text):
    path = tmp_path / "fixings.txt"
    path.write_text(text)
    return nr.market.load_fixings(path)


@pytest.mark.parametrize(
    "text",
    [
        "date,index,fixing\n2024-03-18,USD-SOFR,0.0531\n",
        "Date, Index, Fixing\r\n2024-03-18, USD-SOFR, 0.0531\r\n",
        "# ORE\n20240318 USD-SOFR 0.0531\n\n2024-03-18 EQ-SP5 2244.2\n",
        "2024-03-18;usd-sofr;0.0531\n2024-03-18;USD-SOFR;0.0531",
    ],
)
def test_forms(tmp_path, text):
    fixings = load(tmp_path, text)
    assert fixings.rate("USD-SOFR", D(2024, 3, 18)) == 0.0531
    assert fixings.rate("USD-SOFR", D(2024, 3, 19)) is None


def test_names_of_others(tmp_path):
    assert load(tmp_path, "20240318 EUR-ESTER 0.039").rate("EUR-ESTR", D(2024, 3, 18)) == 0.039


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected lines of date, index and rate"),
        ("date,index,fixing\n", "expected lines of date, index and rate"),
        ("2024-03-18,USD-SOFR", "line 1: expected date, key and value, found 2 columns"),
        ("2024-02-30,USD-SOFR,0.05", "line 1: expected a date"),
        ("2024-03-18,USD-SOFR,nan", "line 1: expected a finite number"),
        ("2024-03-18,USD-SOFR,5.31", "line 1: expected a decimal from -0.5 to 0.5"),
        (
            "20240318 USD-SOFR 0.05\n20240318 USD-SOFR 0.051",
            "line 2: expected one rate of USD-SOFR",
        ),
    ],
)
def test_faults_name_their_line(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        load(tmp_path, text)


@pytest.mark.skipif(not ORE.exists(), reason="the published fixings are not here")
def test_another_engines_file():
    fixings = nr.market.load_fixings(ORE)
    assert len(fixings.rates) > 20
    assert abs(fixings.rate("EUR-EURIBOR-6M", D(2016, 2, 3))) < 0.01
