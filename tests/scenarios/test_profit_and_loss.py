"""Profit and loss explained: against closed forms, cash by hand, and prices made afresh on each market."""

import datetime
import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import neuralrates as nr
from desk.test_by_period import TIMES, TODAY, ZERO_RATES, market, random_trade
from neuralrates.cli.app import app
from neuralrates.core.errors import InputError, NeuralratesError
from neuralrates.scenarios.passing_days import carried, forwards_come_true, rolled
from neuralrates.scenarios.profit_and_loss import PARTS

TOMORROW = TODAY + datetime.timedelta(days=1)
KINDS = ("swap", "european", "bermudan", "cancellable")


def flat_market():
    """The market of the tests with the same volatility at all strikes: a smile's straight lines bend at their ends."""
    return next_market(TODAY, 0.0, 0.0, smile=None)


def next_market(day=TOMORROW, rates=0.001, volatility=0.0002, times=TIMES, smile="known"):
    """The market of the tests on another day, on other nodes, its numbers moved."""
    curves = [
        nr.market.ZeroCurve(times, rates + np.interp(times, TIMES, known)) for known in ZERO_RATES
    ]
    quoted = market()["EUR"].swaption_volatility
    moved = nr.market.SwaptionVolatility(
        quoted.expiries,
        quoted.tenors,
        np.asarray(quoted.volatilities) + volatility,
        smile and quoted.smile,
    )
    system = nr.market.CurveSystem(*curves, "EUR-ESTR", "EUR-EURIBOR-6M")
    return nr.market.Market(day, {"EUR": nr.market.CurrencyMarket("EUR", system, moved)})


def test_parts_add_up_and_little_is_left_on_a_day_of_ten_basis_points():
    book = nr.trades.Book(tuple(random_trade(n, kind) for kind in KINDS for n in (1, 2, 3)))
    known, there = flat_market(), next_market(smile=None)
    table = nr.scenarios.explain(book, known, there)
    fresh = [nr.price(book, one, engine="reference").value for one in (known, there)]
    assert table.pnl.to_numpy() == pytest.approx((fresh[1] - fresh[0]).to_numpy(), abs=1e-6)
    parts = table[[*PARTS, "unexplained"]].sum(axis=1)
    assert parts.to_numpy() == pytest.approx(table.pnl.to_numpy(), abs=1e-6)
    assert table.unexplained.abs().sum() < 0.01 * table.pnl.abs().sum()
    steps = table.carry + table.roll + table.rates + table.volatility
    assert steps.to_numpy() == pytest.approx(table.pnl.to_numpy(), abs=1e6 * 2e-7)


def test_what_is_left_falls_with_the_third_power_of_the_move():
    """A Taylor expansion to second order leaves third order: half the move, an eighth of it."""
    book = nr.trades.Book(tuple(random_trade(n, "european") for n in (1, 2, 3)))
    left = [
        nr.scenarios.explain(
            book, flat_market(), next_market(TODAY, size, 0.1 * size, smile=None)
        ).unexplained
        for size in (0.004, 0.002)
    ]
    assert (left[0] / left[1]).to_numpy() == pytest.approx(8.0, rel=0.25)


def test_each_part_is_that_of_a_market_in_which_nothing_else_moves():
    book = nr.trades.Book((random_trade(1, "european"),))
    still = nr.scenarios.explain(book, market(), next_market(TODAY, 0.0, 0.0)).iloc[0]
    assert np.abs(still[[*PARTS, "unexplained", "pnl"]].to_numpy(float)).max() < 1e-3
    quoted = nr.scenarios.explain(book, market(), next_market(TODAY, 0.0, 0.001)).iloc[0]
    others = [quoted.delta, quoted.gamma, quoted.cross]
    assert others == pytest.approx([0.0] * 3, abs=1e-9)
    vega = nr.price(book, market(), engine="reference", greeks=["vega"]).vega[0]
    assert quoted.vega == pytest.approx(10.0 * vega, rel=1e-9)
    rates = nr.scenarios.explain(book, market(), next_market(TODAY, 0.0001, 0.0)).iloc[0]
    priced = nr.price(book, market(), engine="reference", greeks=["zero_delta", "gamma"])
    assert rates.delta == pytest.approx(priced.zero_delta[0], rel=1e-9)
    assert rates.gamma == pytest.approx(0.5 * priced.gamma[0], rel=1e-6)


def test_forwards_that_come_true_earn_the_overnight_rate():
    """Without options what is held grows at the rate that discounts it, where nothing is paid."""
    book = nr.trades.Book(tuple(random_trade(n, "swap") for n in range(4)))
    day = TODAY + datetime.timedelta(days=30)
    table = nr.scenarios.explain(book, market(), next_market(day))
    growth = np.expm1(ZERO_RATES[0][0] * 30.0 / 365.0)
    assert (table.cash == 0.0).all()
    assert table.carry.to_numpy() == pytest.approx(growth * table.value_from.to_numpy(), rel=1e-9)


def test_a_curve_whose_forwards_come_true():
    curve = nr.market.ZeroCurve([1.0, 2.0, 5.0], [0.02, 0.03, 0.025], "natural_spline")
    later = forwards_come_true(curve, 1.5)
    known = [float(curve.discount_factor(t) / curve.discount_factor(1.5)) for t in (2.0, 5.0)]
    found = [float(later.discount_factor(t)) for t in (0.5, 3.5)]
    assert found == pytest.approx(known, rel=1e-12)


def test_the_same_day_carries_and_rolls_nothing():
    for moved in (carried, rolled):
        there = moved(market(), next_market(TODAY))["EUR"]
        rates = np.asarray(there.curves.projection.zero_rates)
        assert rates == pytest.approx(np.array(ZERO_RATES[1]), abs=1e-15)
        known = np.asarray(market()["EUR"].swaption_volatility.smile.spreads)
        assert np.asarray(there.swaption_volatility.smile.spreads) == pytest.approx(known)


FIXED = nr.trades.SwapTrade(
    trade_id="FIXED", currency="EUR", index="EUR-EURIBOR-6M", side="receiver", notional=1e6, strike=0.03,
    start_date="2023-03-27", maturity_date="2028-03-27", current_fixing=0.039,
)  # fmt: skip
REFIXED = FIXED.model_copy(update={"current_fixing": 0.032})


def test_coupons_paid_between_are_cash():
    """A year at 3 percent, 30/360, received; half a year at 3.9 percent, 184 days over 360 to 27 March, paid."""
    day = datetime.date(2024, 3, 28)
    table = nr.scenarios.explain(
        nr.trades.Book((REFIXED,)),
        market(),
        next_market(day, 0.0),
        earlier=nr.trades.Book((FIXED,)),
    )
    days = (datetime.date(2024, 3, 27) - datetime.date(2023, 9, 27)).days
    assert table.cash[0] == pytest.approx(1e6 * (0.03 - 0.039 * days / 360.0), abs=1e-6)
    assert abs(table.pnl[0]) < 1500.0 < abs(table.cash[0])
    assert abs(table.unexplained[0]) < 1.0


def test_fixings_of_a_file_are_taken_on_each_date(tmp_path):
    file = tmp_path / "fixings.csv"
    file.write_text(
        "date,index,fixing\n2023-09-25,EUR-EURIBOR-6M,0.039\n2024-03-25,EUR-EURIBOR-6M,0.032\n"
    )
    open_trade = FIXED.model_copy(update={"current_fixing": None})
    there = next_market(datetime.date(2024, 3, 28), 0.0)
    found = nr.scenarios.explain(
        nr.trades.Book((open_trade,)), market(), there, fixings=nr.market.load_fixings(file)
    )
    stated = nr.scenarios.explain(
        nr.trades.Book((REFIXED,)), market(), there, earlier=nr.trades.Book((FIXED,))
    )
    assert found.pnl[0] == pytest.approx(stated.pnl[0], abs=1e-6)
    assert found.cash[0] == pytest.approx(stated.cash[0], abs=1e-6)


def test_a_trade_that_is_paid_in_full_earns_its_carry():
    last = FIXED.model_copy(update={"maturity_date": datetime.date(2024, 3, 27)})
    there = next_market(datetime.date(2024, 4, 2))
    row = nr.scenarios.explain(nr.trades.Book((last,)), market(), there).iloc[0]
    assert (row.status, row.value_to, row.unexplained) == ("ok", 0.0, 0.0)
    assert row.carry == row.cash - row.value_from
    assert abs(row.carry) < 10.0 < abs(row.cash)


def test_a_bond_pays_its_coupon_and_its_notional():
    held = nr.trades.FixedRateBondTrade(
        trade_id="B", currency="EUR", index="EUR-ESTR", notional=1e6, strike=0.04,
        start_date="2022-03-25", maturity_date="2024-03-25",
    )  # fmt: skip
    there = next_market(datetime.date(2024, 3, 27))
    row = nr.scenarios.explain(nr.trades.Book((held,)), market(), there).iloc[0]
    assert row.cash == pytest.approx(1e6 * (1.0 + 0.04 * 366.0 / 360.0), abs=1e-6)
    assert row.carry == pytest.approx(row.cash * -np.expm1(-0.03 * 6.0 / 365.0), rel=1e-6)


def test_new_and_ended_trades():
    kept, new, ended = (random_trade(n, "swap") for n in (1, 2, 3))
    table = nr.scenarios.explain(
        nr.trades.Book((kept, new)),
        market(),
        next_market(),
        earlier=nr.trades.Book((kept, ended)),
    ).set_index("trade_id")
    assert table.new_trades[new.trade_id] == table.value_to[new.trade_id] != 0.0
    assert table.ended_trades[ended.trade_id] == -table.value_from[ended.trade_id] != 0.0
    assert table.new_trades[kept.trade_id] == table.ended_trades[kept.trade_id] == 0.0
    assert table.unexplained.abs().max() < 1.0


def test_an_option_that_lapsed_between_the_dates_is_named():
    option = random_trade(1, "european")
    day = option.start_date + datetime.timedelta(days=10)
    book = nr.trades.Book((option, random_trade(2, "swap")))
    with pytest.raises(NeuralratesError, match="trade european1"):
        nr.scenarios.explain(book, market(), next_market(day))


def test_a_second_market_that_is_earlier_is_refused():
    there = next_market(TODAY - datetime.timedelta(days=1))
    with pytest.raises(InputError, match="second market on 2024-03-19 or later"):
        nr.scenarios.explain(nr.trades.Book((FIXED,)), market(), there)


def test_quotes_of_another_type_are_refused():
    known = next_market()["EUR"]
    black = nr.market.SwaptionVolatility([1.0], [1.0], [[0.2]], quote_type="lognormal")
    other = nr.market.CurrencyMarket("EUR", known.curves, black)
    with pytest.raises(InputError, match="same terms in both markets, found normal and lognormal"):
        nr.scenarios.explain(
            nr.trades.Book((FIXED,)), market(), nr.market.Market(TOMORROW, {"EUR": other})
        )


def test_command_line(tmp_path):
    book, first = nr.desk.example_files()
    document = json.loads(first.read_text())
    document["valuation_date"] = "2024-03-20"
    second, out = tmp_path / "next.json", tmp_path / "explained.csv"
    second.write_text(json.dumps(document))
    asked = ["explain", str(book), "--from", str(first), "--to", str(second), "--out", str(out)]
    result = CliRunner().invoke(app, asked)
    assert result.exit_code == 0, result.output
    assert "unexplained" in result.stdout
    assert "12 of 12 trades" in result.stdout
    table = pd.read_csv(out)
    parts = table[[*PARTS, "unexplained"]].sum(axis=1)
    assert parts.to_numpy() == pytest.approx(table.pnl.to_numpy(), abs=1e-3)
    result = CliRunner().invoke(app, [*asked[:-2], "--json"])
    assert json.loads(result.stdout)["schema"] == "neuralrates.profit_and_loss/1"


def test_command_line_refuses_markets_in_the_wrong_order(tmp_path):
    book, first = nr.desk.example_files()
    document = json.loads(first.read_text())
    document["valuation_date"] = "2024-03-18"
    second = tmp_path / "before.json"
    second.write_text(json.dumps(document))
    asked = ["explain", str(book), "--from", str(first), "--to", str(second)]
    result = CliRunner().invoke(app, asked)
    assert result.exit_code == 2
    assert "expected a second market on 2024-03-19 or later, found 2024-03-18" in result.stderr


PERIOD = {
    "currency": "EUR", "index": "EUR-EURIBOR-6M", "notional": 1e6,
    "start_date": "2023-03-27", "maturity_date": "2024-03-27", "current_fixing": 0.039,
}  # fmt: skip
HALF = (datetime.date(2024, 3, 27) - datetime.date(2023, 9, 27)).days / 360.0


@pytest.mark.parametrize(
    ("trade", "paid"),
    [
        (nr.trades.CapTrade(trade_id="C", strike=0.03, **PERIOD), 0.009 * HALF),
        (nr.trades.CapTrade(trade_id="C", strike=0.03, position="short", **PERIOD), -0.009 * HALF),
        (nr.trades.FloorTrade(trade_id="F", strike=0.05, **PERIOD), 0.011 * HALF),
        (nr.trades.CapTrade(trade_id="O", strike=0.05, **PERIOD), 0.0),
        (nr.trades.FloatingRateBondTrade(trade_id="N", **PERIOD), 1.0 + 0.039 * HALF),
    ],
)
def test_the_last_payment_of_other_kinds(trade, paid):
    there = next_market(datetime.date(2024, 4, 2))
    row = nr.scenarios.explain(nr.trades.Book((trade,)), market(), there).iloc[0]
    assert row.cash == pytest.approx(1e6 * paid, abs=1e-6)
    assert row.carry == row.cash - row.value_from
    assert abs(row.carry) < 0.001 * abs(row.cash) + 1e-6


def test_a_premium_that_falls_due_is_cash():
    swaption = random_trade(1, "european").model_copy(
        update={"premium": 5000.0, "premium_date": datetime.date(2024, 3, 21), "position": "long"}
    )
    later = swaption.model_copy(update={"premium": None, "premium_date": None})
    row = nr.scenarios.explain(
        nr.trades.Book((later,)),
        flat_market(),
        next_market(datetime.date(2024, 3, 22), smile=None),
        earlier=nr.trades.Book((swaption,)),
    ).iloc[0]
    assert row.cash == pytest.approx(-5000.0, abs=1e-6)
    assert abs(row.unexplained) < 0.01 * abs(row.pnl)


def test_a_forward_rate_agreement_pays_at_the_start_of_its_period():
    agreement = nr.trades.ForwardRateAgreementTrade(
        trade_id="A", currency="EUR", index="EUR-EURIBOR-6M", side="payer", notional=1e6, strike=0.03,
        start_date="2024-03-20", maturity_date="2024-09-20", current_fixing=0.039,
    )  # fmt: skip
    row = nr.scenarios.explain(nr.trades.Book((agreement,)), market(), next_market()).iloc[0]
    days = 184.0 / 360.0
    assert row.cash == pytest.approx(1e6 * 0.009 * days / (1.0 + 0.039 * days), abs=1e-6)
