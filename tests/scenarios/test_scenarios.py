"""Scenarios: what they move, and books revalued under them against prices on a market moved by hand."""

import json

import numpy as np
import pytest

import neuralrates as nr
from desk.test_bonds import BUSINESS, SEVEN_YEARS
from desk.test_by_period import TIMES, TODAY, ZERO_RATES, market, random_trade
from neuralrates.core.errors import InputError


def book():
    bond = nr.trades.CallableBondTrade(**SEVEN_YEARS, exercise_dates=BUSINESS[3:-1])
    cap = nr.trades.CapTrade(
        trade_id="CAP", currency="EUR", index="EUR-EURIBOR-6M", notional=1e6, strike=0.03,
        start_date="2024-09-23", maturity_date="2029-09-23",
    )  # fmt: skip
    kinds = ("swap", "european", "bermudan", "cancellable")
    return nr.trades.Book((*(random_trade(n, kind) for kind in kinds for n in (1, 2)), bond, cap))


def moved(scenario):
    """The market of the tests, with what the scenario does to it done here."""
    known = market()["EUR"]
    discount, projection = (
        nr.market.ZeroCurve(
            TIMES, np.array(rates) + np.interp(TIMES, scenario.times, scenario.shifts)
        )
        for rates in ZERO_RATES
    )
    quoted, smile = known.swaption_volatility, known.swaption_volatility.smile
    volatility = nr.market.SwaptionVolatility(
        quoted.expiries,
        quoted.tenors,
        scenario.volatility_factor * np.asarray(quoted.volatilities) + scenario.volatility,
        nr.market.VolatilitySmile(
            smile.offsets,
            smile.expiries,
            smile.tenors,
            scenario.volatility_factor * np.asarray(smile.spreads),
        ),
    )
    curves = nr.market.CurveSystem(discount, projection, "EUR-ESTR", "EUR-EURIBOR-6M")
    return nr.market.Market(TODAY, {"EUR": nr.market.CurrencyMarket("EUR", curves, volatility)})


def test_each_scenario_is_the_price_on_the_moved_market():
    moves = (
        nr.scenarios.Scenario("up", (0.0,), (0.01,), 0.001),
        nr.scenarios.Scenario("twist", (2.0, 20.0), (-0.004, 0.006), 0.0, 1.2),
    )
    held, known = book(), market()
    table = nr.scenarios.revalue(held, known, moves)
    today = nr.price(held, known, engine="reference")
    assert table.value.to_numpy() == pytest.approx(today.value.to_numpy(), abs=1e-9)
    for one in moves:
        there = nr.price(held, moved(one), engine="reference").value - today.value
        assert table[one.name].to_numpy() == pytest.approx(there.to_numpy(), abs=1e6 * 2e-7)
        assert np.abs(there).min() > 10.0


def test_buckets_add_up_to_the_parallel_move():
    times = [0.5, 1.0, 3.0, 7.0, 40.0]
    parts = nr.scenarios.bucketed(0.01)
    assert np.sum([one.shift(times) for one in parts], axis=0) == pytest.approx(0.01)
    assert len(nr.scenarios.grid([-0.01, 0.0, 0.01], [0.0, 0.001])) == 6


def test_one_currency_alone_moves():
    other = nr.scenarios.Scenario("dollar", (0.0,), (0.01,), 0.0, 1.0, "USD")
    table = nr.scenarios.revalue(nr.trades.Book((random_trade(1, "swap"),)), market(), (other,))
    assert table["dollar"][0] == pytest.approx(0.0, abs=1e-9)


def test_a_price_that_a_scenario_leaves_without_a_model_says_why():
    """Zero rates that fall to -19 percent beyond 2 years double later annuities, so that quotes ask for falling variances."""
    falling = nr.scenarios.twist(0.05, -0.2, (4.0, 6.0), "falling")
    trades = tuple(random_trade(n, "bermudan") for n in range(4))
    table = nr.scenarios.revalue(nr.trades.Book(trades), market(), (falling,))
    stopped = table[table["falling"].isna()]
    assert set(table.status) == {"ok"}
    assert len(stopped) > 0
    for name in stopped.trade_id:
        assert "European swaption" in table.attrs["reasons"][name]["falling"]


def test_volatilities_below_zero_are_refused():
    low = nr.scenarios.volatility(-0.02)
    with pytest.raises(InputError, match="volatilities that stay positive, found -0.012"):
        nr.scenarios.revalue(nr.trades.Book((random_trade(1, "swap"),)), market(), (low,))


def test_past_days(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text(
        "date,6M,10Y\n2024-03-15,0.05,0.04\n2024-03-18,0.051,0.0395\n2024-03-19,0.05,0.04\n"
    )
    first, second = nr.scenarios.historical(path)
    assert (first.name, first.times) == ("2024-03-18", (0.5, 10.0))
    assert first.shifts == pytest.approx((0.001, -0.0005))
    assert second.shifts == pytest.approx((-0.001, 0.0005))


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (
            "2024-03-15,0.05,0.04\n2024-03-18,5.1,0.0395",
            "line 3.*expected a decimal from -0.5 to 0.5",
        ),
        ("2024-03-15,0.05,0.04\n2024-03-14,0.05,0.04", "line 3.*increasing dates"),
        ("2024-03-15,0.05\n2024-03-18,0.05,0.04", "line 2.*expected 3 cells, found 2"),
    ],
)
def test_a_history_that_is_none_is_named(tmp_path, cells, message):
    path = tmp_path / "history.csv"
    path.write_text(f"date,6M,10Y\n{cells}\n")
    with pytest.raises(InputError, match=message):
        nr.scenarios.historical(path)


ENTRIES = [
    {"kind": "parallel", "name": "up", "shift": 0.01},
    {"kind": "twist", "short": -0.005, "long": 0.005},
    {"kind": "bucketed", "shift": 0.001, "times": [2, 10]},
    {"kind": "volatility", "factor": 1.1},
    {"kind": "points", "name": "belly", "shifts": {"10Y": 0.0, "2Y": 0.0, "5Y": 0.002}},
    {"kind": "grid", "rates": [0.01], "volatilities": [0.001, -0.001]},
    {"kind": "historical", "file": "history.csv"},
]


def file(tmp_path, entries):
    (tmp_path / "history.csv").write_text(
        "date,1Y,10Y\n2024-03-18,0.05,0.04\n2024-03-19,0.05,0.041\n"
    )
    path = tmp_path / "scenarios.json"
    path.write_text(json.dumps({"schema": "neuralrates.scenarios/1", "scenarios": entries}))
    return path


def test_a_file(tmp_path):
    found = nr.scenarios.load(file(tmp_path, ENTRIES))
    assert [one.name for one in found] == [
        "up", "twist -50 bp +50 bp", "2Y +10 bp", "10Y +10 bp", "volatility x1.1 +0 bp", "belly",
        "rates +100 bp, volatility +10 bp", "rates +100 bp, volatility -10 bp", "2024-03-19",
    ]  # fmt: skip
    assert found[5].times == (2.0, 5.0, 10.0)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"kind": "parallel", "shift": 100}, r"scenarios\[0\].shifts.*decimals from -0.2 to 0.2"),
        ({"kind": "parallel", "shift": "1 bp"}, r"scenarios\[0\].shift.*expected a decimal"),
        ({"kind": "parallel", "move": 0.01}, r"scenarios\[0\].move.*expected name, shift"),
        ({"kind": "crash"}, r"scenarios\[0\].kind.*expected a kind among"),
        ({"kind": "points", "name": "p", "shifts": {"soon": 0.1}}, "expected a tenor like 6M"),
        ({"kind": "twist", "short": 0, "long": 0, "times": [9, 2]}, "increasing times"),
        ({"kind": "historical", "file": "none.csv"}, "none.csv"),
    ],
)
def test_an_entry_that_is_none_is_named(tmp_path, entry, message):
    with pytest.raises((InputError, OSError), match=message):
        nr.scenarios.load(file(tmp_path, [entry]))


def test_the_command(tmp_path):
    from typer.testing import CliRunner

    from neuralrates.cli.app import app

    nr.trades.dump(nr.trades.Book((random_trade(1, "swap"),)), tmp_path / "book.csv")
    nr.market.dump(market(), tmp_path / "market.json")
    where = [str(tmp_path / "book.csv"), "--market", str(tmp_path / "market.json"), "--scenarios"]
    where += [str(file(tmp_path, ENTRIES)), "--out", str(tmp_path / "changes.csv")]
    result = CliRunner().invoke(app, ["scenarios", *where])
    assert result.exit_code == 0, result.output
    assert "1 of 1 trades, 9 scenarios" in result.stdout
    assert "belly" in (tmp_path / "changes.csv").read_text()
    listed = CliRunner().invoke(app, ["scenarios", *where, "--json"])
    assert json.loads(listed.stdout)["trades"][0]["up"] != 0.0


def test_names_are_their_own():
    twice = (nr.scenarios.parallel(0.01), nr.scenarios.parallel(0.01))
    with pytest.raises(InputError, match="a name of its own"):
        nr.scenarios.revalue(book(), market(), twice)
