"""Greeks that were asked for and that a market cannot give are missing with a reason, not left out."""

import dataclasses

import numpy as np
import pytest

import neuralrates as nr
from cli.two_currencies import SWAP, write_files


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return write_files(tmp_path_factory.mktemp("files"), SWAP)


def test_deltas_to_quotes_of_curves_without_quotes(files):
    table = nr.price(nr.trades.load(files[0]), nr.market.load(files[1]), greeks=["par_delta"])
    assert np.isnan(table["par_delta"][0])
    assert table["status"][0] == "ok"
    reason = "the USD curves are zero rates, not made from quotes"
    assert table.attrs["missing"] == {"SWAP": {"par_delta": reason}}
    assert table.attrs["units"]["par_delta"].startswith("currency per basis point")


def test_vegas_without_volatilities(files):
    market = nr.market.load(files[1])
    dollars = dataclasses.replace(market["USD"], swaption_volatility=None)
    bare = dataclasses.replace(market, currencies={"USD": dollars})
    table = nr.price(nr.trades.load(files[0]), bare, greeks=["vega", "zero_delta"])
    assert np.isnan(table["vega"][0])
    assert np.isfinite(table["zero_delta"][0])
    reason = "the USD market has no swaption volatilities"
    assert table.attrs["missing"] == {"SWAP": {"vega": reason}}


def test_nothing_is_missing_where_nothing_was_asked(files):
    table = nr.price(nr.trades.load(files[0]), nr.market.load(files[1]))
    assert table.attrs["missing"] == {}
    assert "par_delta" not in table
