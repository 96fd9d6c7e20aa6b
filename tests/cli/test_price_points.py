"""`neuralrates price --bundle`: points in a file, priced by a surrogate, or what is wrong with them."""

import json

import jax
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import neuralrates as nr
from neuralrates.cli.app import app
from neuralrates.desk.example import example_files


@pytest.fixture(scope="module")
def bundle():
    return nr.bundles.load("bermudan")


@pytest.fixture
def points(bundle, tmp_path):
    x = np.array(bundle.domain.sample(jax.random.key(3), 3))
    x[2, bundle.domain.index("mean_reversion")] = 5.0 * bundle.domain.high[0]
    frame = pd.DataFrame(x, columns=bundle.domain.names)
    frame.insert(0, "trade_id", ["A", "B", "far"])
    path = tmp_path / "points.csv"
    frame.to_csv(path, index=False)
    return path


def run(*arguments):
    return CliRunner().invoke(app, ["price", *map(str, arguments)])


def test_inside_by_the_surrogate_outside_by_the_reference(points, bundle, tmp_path):
    out = tmp_path / "prices.csv"
    done = run(points, "--bundle", "bermudan", "--out", out)
    assert done.exit_code == 0, done.output
    table = pd.read_csv(out)
    assert list(table.trade_id) == ["A", "B", "far"]
    assert list(table.engine) == ["learned", "learned", "reference"]
    assert "3 points of ten_year_bermudan_receiver, 1 outside its domain." in done.output
    x = pd.read_csv(points)[list(bundle.domain.names)].to_numpy()
    exact = [float(bundle.problem(jax.numpy.asarray(row)).value) for row in x[:2]]
    assert np.all(np.abs(table.value[:2] - exact) < table.error_band[:2])


def test_the_reference_answers_where_it_is_asked_to(points):
    done = run(points, "--bundle", "bermudan", "--engine", "reference", "--json")
    found = json.loads(done.output)
    assert [row["engine"] for row in found["points"]] == ["reference"] * 3
    assert found["units"]["value"] == "per unit notional"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda text: text.replace("A,", "A,x", 1), "line 2, field `mean_reversion`: expected a"),
        (lambda text: text.replace("strike", "strik", 1), "found"),
        (lambda text: text.splitlines()[0], "expected at least one trade, found none"),
    ],
)
def test_what_is_wrong_is_named(points, change, complaint):
    points.write_text(change(points.read_text()))
    done = run(points, "--bundle", "bermudan")
    assert done.exit_code == 2
    assert complaint in done.output


def test_a_market_or_a_bundle(points):
    done = run(points)
    assert done.exit_code == 2
    assert "--market, for a book, or --bundle, for points" in done.output


def test_swaptions_on_the_curve_of_a_market_meet_its_quotes(tmp_path):
    """At the money the price is that of the quoted normal volatility, by NumPy from the market's discount factors."""
    _, file = example_files()
    usd = nr.market.load(file)["USD"]
    contracts = {"5x5": (5.0, 5), "2x10": (2.0, 10)}
    rows, quoted = ["trade_id,expiry,length,strike"], []
    for name, (expiry, length) in contracts.items():
        times = expiry + np.arange(length + 1.0)
        bonds = np.array([float(usd.curves.discount.discount_factor(t)) for t in times])
        annuity, rate = bonds[1:].sum(), (bonds[0] - bonds[-1]) / bonds[1:].sum()
        volatility = float(usd.swaption_volatility(expiry, float(length)))
        quoted.append(annuity * volatility * np.sqrt(expiry / (2.0 * np.pi)))
        rows.append(f"{name},{expiry},{length},{rate}")
    contract_file, out = tmp_path / "swaptions.csv", tmp_path / "prices.csv"
    contract_file.write_text("\n".join(rows))
    done = run(contract_file, "--bundle", "forward_swaption", "--market", file, "--out", out)
    assert done.exit_code == 0, done.output
    table = pd.read_csv(out)
    assert list(table.engine) == ["learned"] * 2
    # The nodes take the discount factors at the dates of each swap; between them forwards of the market jump.
    np.testing.assert_allclose(table.value, quoted, rtol=0.0, atol=1e-5)


@pytest.mark.parametrize(
    ("bundle", "row", "complaint"),
    [
        ("bermudan", "1,5,0.03", "expected a bundle on the forward curve"),
        ("forward_caplet", "1,0.5,0.03", "expected normal volatilities of caps of USD, found none"),
        ("forward_swaption", "-1,5,0.03", "field `expiry`: trade 1: expected years above zero"),
        (
            "forward_swaption",
            "15,10,0.03",
            "field `length`: trade 1: expected years above zero that end",
        ),
        (
            "forward_swaption",
            "1,5,3.66",
            "field `strike`: trade 1: expected a decimal from 0 to 0.5",
        ),
        ("forward_swaption", "1,five,0.03", "line 2, field `length`: expected a finite number"),
    ],
)
def test_what_is_wrong_with_contracts_on_a_market_is_named(tmp_path, bundle, row, complaint):
    file = tmp_path / "contracts.csv"
    file.write_text(f"expiry,length,strike\n{row}")
    done = run(file, "--bundle", bundle, "--market", example_files()[1])
    assert done.exit_code == 2
    assert complaint in " ".join(done.output.split())


ORE = """{date},MM/RATE/USD/SOFR/0D/1D,{rate}
{date},IR_SWAP/RATE/USD/SOFR/0D/1D/2Y,{rate}
{date},IR_SWAP/RATE/USD/SOFR/0D/1D/60Y,{rate}
{date},SWAPTION/RATE_NVOL/USD/SOFR/1Y/5Y/ATM,0.009
"""


def test_one_of_several_dates_of_a_market_is_chosen_beside_a_bundle(tmp_path, monkeypatch):
    """Without --date the message says to choose; with it the quotes of that date reach the bundle."""
    points, both = tmp_path / "points.csv", tmp_path / "both.txt"
    points.write_text("expiry,length,strike\n1,5,0.015\n")
    days = (ORE.format(date="2024-03-19", rate=0.04), ORE.format(date="2024-03-20", rate=0.015))
    both.write_text("".join(days))
    asked = (points, "--bundle", "forward_swaption", "--json", "--market", both)
    refused = run(*asked)
    assert refused.exit_code == 2
    assert "--date" in refused.output
    seen = []

    def priced(bundle, path, engine, market):
        seen.append(market)
        return pd.DataFrame({"trade_id": ["1"], "value": [0.0], "status": ["ok"]})

    monkeypatch.setattr("neuralrates.cli.points.price_points", priced)
    done = run(*asked, "--date", "2024-03-20")
    assert done.exit_code == 0, done.output
    assert {quote.value for quote in seen[0].curves.quotes} == {0.015}


def test_a_date_without_a_market_is_refused(points):
    done = run(points, "--bundle", "bermudan", "--date", "2024-03-20")
    assert done.exit_code == 2
    assert "beside --market" in " ".join(done.output.split())


def test_a_mean_reversion_beside_a_bundle_is_refused(tmp_path):
    points = tmp_path / "points.csv"
    points.write_text("trade_id\nA\n")
    result = run(points, "--bundle", "bermudan", "--mean-reversion", "0.01")
    assert result.exit_code == 2
    assert "--mean-reversion and --model beside --bundle" in " ".join(result.output.split())
