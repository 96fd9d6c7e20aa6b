"""The page on the book file names every field that is offered and no other; what it does not name is refused."""

import re
from pathlib import Path

import pytest

import neuralrates as nr
from neuralrates.core.errors import InputError

PAGE = Path(__file__).parents[2] / "docs" / "book_file.md"
KINDS = (
    nr.trades.SwapTrade,
    nr.trades.EuropeanSwaptionTrade,
    nr.trades.BermudanSwaptionTrade,
    nr.trades.CancellableSwapTrade,
    nr.trades.CapTrade,
    nr.trades.FloorTrade,
    nr.trades.CollarTrade,
    nr.trades.ForwardRateAgreementTrade,
    nr.trades.BasisSwapTrade,
    nr.trades.CompoundingSwapTrade,
    nr.trades.FixedRateBondTrade,
    nr.trades.FloatingRateBondTrade,
    nr.trades.CallableBondTrade,
    nr.trades.PuttableBondTrade,
)
FIELDS = {
    "kind": "swap",
    "trade_id": "S",
    "currency": "EUR",
    "index": "EUR-EURIBOR-6M",
    "side": "payer",
    "notional": "1e6",
    "strike": "0.03",
    "start_date": "2024-03-21",
    "maturity_date": "2029-03-21",
}


def test_the_page_names_the_fields_that_are_offered():
    named = set(re.findall(r"^\| `(\w+)` \|", PAGE.read_text(), re.MULTILINE))
    assert named == set().union(*(kind.model_fields for kind in KINDS))


@pytest.mark.parametrize("field", ["accrued", "floor_strike", "roll_rule", "end_of_month"])
def test_a_field_that_the_page_does_not_name_stops_the_reading(tmp_path, field):
    assert "any other name is refused" in PAGE.read_text()
    path = tmp_path / "book.csv"
    fields = FIELDS | {field: "1"}
    path.write_text(f"{','.join(fields)}\n{','.join(fields.values())}\n")
    with pytest.raises(InputError, match=field):
        nr.trades.load(path)
