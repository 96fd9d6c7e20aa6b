"""Bonds held to maturity, called and put, against QuantLib built from the same fields."""

import datetime

import numpy as np
import pytest
import QuantLib as ql

import neuralrates as nr
from desk.test_by_period import TODAY, market, moved
from neuralrates.conventions.quantlib_evaluation_date import evaluation_date
from neuralrates.core.errors import InputError
from neuralrates.core.units import basis_point
from neuralrates.desk.calibrated import calibrations

KINDS = {
    "bond": nr.trades.FixedRateBondTrade,
    "floating_bond": nr.trades.FloatingRateBondTrade,
    "callable_bond": nr.trades.CallableBondTrade,
    "puttable_bond": nr.trades.PuttableBondTrade,
}


def random_trade(number, kind):
    """Bonds that have begun and that begin, with spreads, amortisation and steps; calls and puts at several prices."""
    rng = np.random.default_rng(number)
    start = datetime.date(2023, 4, 1) + datetime.timedelta(days=int(rng.integers(0, 700)))
    years = int(rng.integers(3, 11))
    fields = {
        "trade_id": f"{kind}{number}", "currency": "EUR", "index": "EUR-ESTR", "notional": 1e6,
        "position": str(rng.choice(["long", "short"])), "start_date": start,
        "maturity_date": datetime.date(start.year + years, start.month, min(start.day, 28)),
        "option_adjusted_spread": float(rng.choice([0.0, -0.003, 0.01])),
    }  # fmt: skip
    if kind == "floating_bond":
        fields["index"] = ("EUR-ESTR", "EUR-EURIBOR-6M")[number % 2]
        fields |= {"spread": float(rng.uniform(-0.001, 0.01))}
        if start < TODAY + datetime.timedelta(days=4):
            fields |= {"start_date": datetime.date(2024, 1, 15), "current_fixing": 0.0391}
            fields["maturity_date"] = datetime.date(2024 + years, 1, 15)
        return KINDS[kind](**fields)
    fields |= {
        "strike": float(rng.uniform(0.01, 0.05)), "frequency": str(rng.choice(["6M", "1Y"])),
        "stub": str(rng.choice(["short front", "short back"])),
        "fixed_day_count": str(rng.choice(["30/360", "Act/365F"])),
    }  # fmt: skip
    if kind != "bond":
        fields["maturity_date"] = start.replace(year=start.year + years, day=min(start.day, 28))
        first = start.replace(year=start.year + 2, day=min(start.day, 28))
        prices = (1.0,) if number % 3 else None
        if prices is None:
            step = 0.01 if kind == "callable_bond" else -0.01
            prices = tuple(1.0 + step * np.arange(years - 2)[::-1] / years)
        fields |= {
            "start_date": start.replace(day=min(start.day, 28)), "first_exercise_date": first,
            "exercise_frequency": "1Y", "exercise_prices": prices, "notice_days": 5,
        }  # fmt: skip
    bond = KINDS[kind](**fields)
    count = bond.swap().fixed.starts.size
    if number % 4 == 0 and kind == "bond":
        fields["notionals"] = tuple(1e6 - 4e4 * np.arange(count))
    if number % 4 == 1 and kind != "floating_bond":
        steps = fields["strike"] + 0.001 * np.arange(count)
        fields["coupons"] = tuple(steps)
    return KINDS[kind](**fields)


@pytest.mark.parametrize("kind", ["bond", "floating_bond"])
def test_two_hundred_bonds_against_quantlib(kind):
    book, known = nr.trades.Book(tuple(random_trade(n, kind) for n in range(200))), market()
    check = nr.desk.verify(book, known, nr.price(book, known))
    assert set(check.status) == {"agrees"}, check[check.status != "agrees"]


@pytest.mark.parametrize("kind", ["callable_bond", "puttable_bond"])
def test_redeemable_bonds_against_quantlib(kind):
    book, known = nr.trades.Book(tuple(random_trade(n, kind) for n in range(8))), market()
    check = nr.desk.verify(book, known, nr.price(book, known, engine="reference"))
    assert set(check.status) == {"agrees"}, check[["trade_id", "difference", "status"]]


DAYS = tuple(datetime.date(year, 3, 19) for year in range(2024, 2033))
BUSINESS = tuple(
    d + datetime.timedelta(days=7 - d.weekday() if d.weekday() > 4 else 0) for d in DAYS
)
SEVEN_YEARS = {
    "trade_id": "B", "currency": "EUR", "index": "EUR-ESTR", "notional": 1e6, "strike": 0.045,
    "start_date": BUSINESS[0], "maturity_date": BUSINESS[-1], "fixed_dates": BUSINESS,
    "fixed_day_count": "30/360",
}  # fmt: skip


def tree(bond, prices, exercises, reversion, volatility, steps, spread=0.0):
    """QuantLib's callable bond on its tree under one volatility of the short rate, flat at 4 percent."""
    with evaluation_date(TODAY):
        days = [ql.Date(day.day, day.month, day.year) for day in BUSINESS]
        curve = ql.YieldTermStructureHandle(ql.FlatForward(days[0], 0.04, ql.Actual365Fixed()))
        calls = ql.CallabilitySchedule()
        kind = ql.Callability.Call if bond.kind == "callable_bond" else ql.Callability.Put
        for exercise, price in zip(exercises, prices, strict=True):
            amount = ql.BondPrice(100.0 * price, ql.BondPrice.Clean)
            day = ql.Date(exercise.day, exercise.month, exercise.year)
            calls.append(ql.Callability(amount, kind, day))
        own = ql.CallableFixedRateBond(
            0, 1.0, ql.Schedule(days, ql.TARGET(), ql.Unadjusted), [bond.strike],
            ql.Thirty360(ql.Thirty360.BondBasis), ql.Following, 100.0, days[0], calls,
        )  # fmt: skip
        model = ql.HullWhite(curve, reversion, volatility)
        own.setPricingEngine(ql.TreeCallableFixedRateBondEngine(model, steps, curve))
        return own.NPV()


@pytest.mark.parametrize("kind", ["callable_bond", "puttable_bond"])
def test_one_factor_is_what_quantlibs_tree_converges_to(kind):
    """Six exercises under one volatility: a tree of 100 steps is half a basis point off, one of 800 a tenth at most."""
    prices = (
        (1.02, 1.01, 1.0, 1.0, 1.0, 1.0) if kind == "callable_bond" else (0.98, 0.99, 1, 1, 1, 1)
    )
    exercises = BUSINESS[2:-1]
    bond = KINDS[kind](**SEVEN_YEARS, exercise_dates=exercises, exercise_prices=prices)
    curve = nr.market.FlatCurve(0.04)
    product = bond.resolve(TODAY).product(curve.discount_factor, curve.discount_factor)
    model = nr.models.HullWhite(curve, mean_reversion=0.03, volatility=0.011)
    right = nr.pricers.BackwardInduction()(model, product.right)
    value = float(product.swap.value(curve.discount_factor)) + float(right.value)
    value *= -1.0 if kind == "callable_bond" else 1.0
    misses = [abs(tree(bond, prices, exercises, 0.03, 0.011, n) - value) for n in (100, 800)]
    assert misses[1] < misses[0]
    assert misses[1] < 0.1 * basis_point


def flat_market(volatility=0.009):
    curve = nr.market.ZeroCurve([1.0, 40.0], [0.04, 0.04])
    curves = nr.market.CurveSystem(curve, curve, "EUR-ESTR", "EUR-ESTR")
    matrix = nr.market.SwaptionVolatility([1.0, 10.0], [1.0, 10.0], np.full((2, 2), volatility))
    return nr.market.Market(TODAY, {"EUR": nr.market.CurrencyMarket("EUR", curves, matrix)})


def test_the_desks_own_calibration_on_quantlibs_tree():
    """One call: the short-rate volatility that the desk finds in the quotes prices the bond on the tree as the desk does.

    The error of the tree swings about zero as its steps become more; the average of four is taken.
    """
    bond = nr.trades.CallableBondTrade(**SEVEN_YEARS, exercise_dates=BUSINESS[3:4])
    known = flat_market()
    book = nr.trades.Book((bond,))
    fitted = calibrations(book.resolve(TODAY).trades, known, 0.03)
    volatility = float(fitted.short_rate_volatility[0])
    value = nr.price(book, known, engine="reference", mean_reversion=0.03).value[0] / 1e6
    trees = [tree(bond, (1.0,), BUSINESS[3:4], 0.03, volatility, n) for n in (600, 700, 800, 900)]
    assert value == pytest.approx(np.mean(trees), abs=0.1 * basis_point)


def test_two_factors_agree_with_the_second_code():
    bond, known = random_trade(2, "callable_bond"), market()
    book = nr.trades.Book((bond,))
    table = nr.price(book, known, model="two_factor", engine="reference")
    check = nr.desk.verify(book, known, table)
    assert check.status[0] == "agrees", check


@pytest.mark.parametrize("kind", ["callable_bond", "puttable_bond"])
def test_greeks_are_bumps(kind):
    bond, one = random_trade(3, kind), nr.trades.Book
    table = nr.price(one((bond,)), market(), engine="reference", greeks=["zero_delta", "theta"])
    up, down = (
        nr.price(one((bond,)), moved(market(), step), engine="reference").value[0]
        for step in (1e-4, -1e-4)
    )
    assert table.zero_delta[0] == pytest.approx((up - down) / 2.0, rel=1e-3)


def test_theta_of_a_bond_with_a_spread_is_its_yield():
    """Nothing is paid tomorrow, and the flat curve keeps its shape: the bond earns the curve and the spread for a day."""
    bond = nr.trades.FixedRateBondTrade(**SEVEN_YEARS, option_adjusted_spread=0.02)
    table = nr.price(nr.trades.Book((bond,)), flat_market(), greeks=["theta"])
    assert table.theta[0] == pytest.approx(table.value[0] * np.expm1(0.06 / 365.0), rel=1e-9)


@pytest.mark.parametrize("kind", ["bond", "callable_bond", "puttable_bond"])
def test_the_spread_at_a_price_gives_the_price(kind):
    more = {} if kind == "bond" else {"exercise_dates": BUSINESS[3:-1]}
    bond = KINDS[kind](**SEVEN_YEARS | {"start_date": datetime.date(2023, 9, 19), "fixed_dates": (
        datetime.date(2023, 9, 19), *BUSINESS[1:])}, **more)  # fmt: skip
    known, paid = flat_market(), datetime.date(2024, 3, 21)
    spread = nr.desk.option_adjusted_spread(bond, known, 0.97, settlement_date=paid)
    again = bond.model_copy(update={"option_adjusted_spread": spread})
    value = nr.price(nr.trades.Book((again,)), known, engine="reference").value[0] / 1e6
    accrued = 0.045 * 182.0 / 360.0  # 30/360, from 19 September to 21 March
    clean = value * np.exp((0.04 + spread) * 2.0 / 365.0) - accrued
    assert clean == pytest.approx(0.97, abs=1e-9)


def test_a_price_out_of_reach_is_named():
    bond = nr.trades.FixedRateBondTrade(**SEVEN_YEARS)
    with pytest.raises(InputError, match="expected a clean price between"):
        nr.desk.option_adjusted_spread(bond, flat_market(), 9.0)


def test_the_command(tmp_path):
    from typer.testing import CliRunner

    from neuralrates.cli.app import app

    bond = nr.trades.CallableBondTrade(**SEVEN_YEARS, exercise_dates=BUSINESS[3:-1])
    nr.trades.dump(nr.trades.Book((bond,)), tmp_path / "book.csv")
    assert nr.trades.load(tmp_path / "book.csv").trades == (bond,)
    nr.market.dump(flat_market(), tmp_path / "market.json")
    where = [str(tmp_path / "book.csv"), "B", "--market", str(tmp_path / "market.json")]
    result = CliRunner().invoke(app, ["book", "spread", *where, "--clean-price", "0.97"])
    assert result.exit_code == 0, result.output
    assert "a year, continuous, at 0.97" in result.stdout
    shown = CliRunner().invoke(app, ["book", "show", *where])
    assert "floating" not in shown.stdout.replace("floating periods", "")


@pytest.mark.parametrize(
    ("kind", "fields", "message"),
    [
        ("bond", {"spread": 0.01}, "a fixed-rate bond has no floating leg"),
        ("bond", {"index": "EUR-EURIBOR-6M"}, "expected an overnight rate, whose curve discounts"),
        ("callable_bond", {"exercise_prices": "1;1"}, "expected one price, or 1"),
        ("callable_bond", {"exercise_prices": "102"}, "clean prices per unit of notional"),
        ("callable_bond", {"exercise_fees": "1"}, "a bond has exercise_prices"),
        ("floating_bond", {"strike": 0.01}, "a floating-rate bond has no fixed leg"),
    ],
)
def test_what_does_not_fit_is_named(kind, fields, message):
    given = dict(SEVEN_YEARS)
    if kind == "callable_bond":
        given["exercise_dates"] = BUSINESS[3:4]
    if kind == "floating_bond":
        given = {k: v for k, v in given.items() if not k.startswith("fixed") and k != "strike"}
    with pytest.raises(InputError, match=message):
        KINDS[kind](**given | fields)
