"""What prices were made of: enough to make them again."""

import dataclasses
import json

import numpy as np
import pytest
from typer.testing import CliRunner

import neuralrates as nr
from neuralrates.cli.app import app

FILES = nr.desk.example_files()


@pytest.fixture(scope="module")
def made():
    book, market = nr.trades.load(FILES[0]), nr.market.load(FILES[1])
    table = nr.price(book, market)
    return book, market, table, nr.desk.engine_card(book, market, table)


def test_the_prices_can_be_made_again_from_the_card_alone(made):
    """Curves, volatilities, model and mean reversion of the card, and the book: the same prices."""
    book, market, table, whole = made
    card = json.loads(json.dumps(whole, allow_nan=False))
    told = card["currencies"]["USD"]
    nodes = told["curves"]["nodes"]["USD-SOFR"]
    curve = nr.market.ZeroCurve(nodes["times"], nodes["zero_rates"], nodes["interpolation"])
    volatility = nr.market.SwaptionVolatility(**told["swaption_volatility"])
    curves = nr.market.CurveSystem(curve, curve, "USD-SOFR", "USD-SOFR")
    usd = nr.market.CurrencyMarket("USD", curves, volatility)
    again = nr.price(
        book,
        nr.market.Market(market.valuation_date, {"USD": usd}),
        model=card["model"],
        mean_reversion=card["mean_reversion"],
    )
    found = np.array([card["trades"][name]["value"] for name in table.trade_id])
    assert found == pytest.approx(again.value.to_numpy(), abs=1e-6)


def test_it_names_targets_quotes_and_conventions(made):
    _, market, _, card = made
    bermudan = card["trades"]["BRM-05NC1-REC"]
    assert [one["exercise_date"] for one in bermudan["calibrated_to"]] == [
        "2025-03-19", "2026-03-19", "2027-03-18", "2028-03-17",
    ]  # fmt: skip
    assert max(abs(one["residual"]) for one in bermudan["calibrated_to"]) < 1e-8
    quotes = card["currencies"]["USD"]["curves"]["quotes"]
    assert len(quotes) == len(market["USD"].curves.quotes)
    assert max(abs(one["residual"]) for one in quotes) < 1e-8
    assert card["conventions"]["USD-SOFR"]["floating_day_count"] == "Act/360"
    assert card["versions"]["neuralrates"] == nr.__version__


def test_command_line(tmp_path):
    path = tmp_path / "card.json"
    asked = ["price", str(FILES[0]), "--market", str(FILES[1]), "--card", str(path)]
    result = CliRunner().invoke(app, asked)
    assert result.exit_code == 0, result.output
    card = json.loads(path.read_text())
    assert card["schema"] == "neuralrates.engine_card/1"
    assert len(card["trades"]) == 12


def test_the_card_holds_the_parameters_of_the_curve() -> None:
    """Those the price was made with, and of no other model."""
    market = nr.market.load(FILES[1])
    stated = nr.market.ForwardCurveParameters(shift=0.02, cap=0.3)
    dollars = dataclasses.replace(market["USD"], forward_curve=stated)
    market = dataclasses.replace(market, currencies={"USD": dollars})
    book = nr.trades.Book(nr.trades.load(FILES[0]).trades[:1])
    card = nr.desk.engine_card(book, market, nr.price(book, market, model="forward_curve"))
    law = card["currencies"]["USD"]["forward_curve"]
    assert (law["shift"], law["cap"], len(law["factors"])) == (0.02, 0.3, 3)
    assert "two_factor" not in card["currencies"]["USD"]
