"""`neuralrates price --bundle`: points in a file, priced by a surrogate, or what is wrong with them."""

import json

import jax
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import neuralrates as nr
from neuralrates.cli.app import app


@pytest.fixture(scope="module")
def bundle():
    return nr.serving.load("bermudan")


@pytest.fixture
def points(bundle, tmp_path):
    x = np.array(bundle.domain.sample(jax.random.key(3), 3))
    x[2, bundle.domain.index("mean_reversion")] = 10.0 * bundle.domain.high[0] + 1.0
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
    assert list(table.engine) == ["surrogate", "surrogate", "reference"]
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
