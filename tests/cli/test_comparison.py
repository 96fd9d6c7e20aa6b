"""What a comparison says: a trade that could not be compared never counts as good."""

import pandas as pd

from neuralrates.cli.comparison import agrees, objections, sentence


def comparison(*rows):
    table = pd.DataFrame(rows, columns=["trade_id", "difference", "status"])
    table["method"] = "Gaussian1d"
    table.attrs["tolerance"] = 0.02
    return table


GOOD = ("A", 0.001, "agrees")


def test_what_is_not_compared_is_counted_and_named():
    table = comparison(GOOD, ("B", float("nan"), "not compared: no curve"))
    assert not agrees(table)
    assert sentence(table).startswith("1 of 2 trades agree")
    assert sentence(table).endswith("1 could not be compared")
    assert objections(table) == ["trade B: not compared: no curve"]


def test_what_differs_is_named():
    table = comparison(GOOD, ("B", -0.5, "differs"))
    assert not agrees(table)
    assert objections(table) == ["trade B: differs from QuantLib by -0.50000 bp of notional"]


def test_what_agrees_is_good():
    assert agrees(comparison(GOOD))
    assert objections(comparison(GOOD)) == []


def test_rights_that_only_our_bounds_price_are_counted_apart():
    table = comparison(GOOD, ("B", 0.4, "agrees"), ("C", -9.0, "differs"))
    table["method"] = ["discounting", *["bounds by simulation"] * 2]
    said = sentence(table)
    assert said.startswith("1 of 1 trades agree with QuantLib")
    assert "1 of 2 rights on the forward curve" in said
    assert objections(table) == ["trade C: differs from our bounds by -9.00000 bp of notional"]
