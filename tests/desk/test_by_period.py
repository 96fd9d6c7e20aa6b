"""Coupons, spreads and notionals that change by period; single legs; zero-coupon legs: against QuantLib from the fields."""

import datetime

import numpy as np
import pytest
import QuantLib as ql

import neuralrates as nr
from neuralrates.conventions.quantlib_evaluation_date import evaluation_date
from neuralrates.core.errors import InputError

TODAY = datetime.date(2024, 3, 19)
KINDS = {
    "swap": nr.trades.SwapTrade,
    "european": nr.trades.EuropeanSwaptionTrade,
    "bermudan": nr.trades.BermudanSwaptionTrade,
    "cancellable": nr.trades.CancellableSwapTrade,
}
TIMES = [1.0, 5.0, 10.0, 40.0]
ZERO_RATES = ([0.030, 0.028, 0.027, 0.026], [0.032, 0.030, 0.029, 0.028])


def market():
    discount, projection = (nr.market.ZeroCurve(TIMES, rates) for rates in ZERO_RATES)
    curves = nr.market.CurveSystem(discount, projection, "EUR-ESTR", "EUR-EURIBOR-6M")
    smile = nr.market.VolatilitySmile(
        [-0.02, 0.0, 0.02],
        [1.0, 10.0],
        [1.0, 10.0],
        [[[0.003] * 2] * 2, [[0.0] * 2] * 2, [[0.001] * 2] * 2],
    )
    volatility = nr.market.SwaptionVolatility(
        [1.0, 5.0, 10.0], [1.0, 5.0, 10.0], 0.008 + 0.0004 * np.arange(9.0).reshape(3, 3), smile
    )
    return nr.market.Market(TODAY, {"EUR": nr.market.CurrencyMarket("EUR", curves, volatility)})


def random_trade(number, kind):
    """Coupons, spreads and notionals of each period, all different."""
    rng = np.random.default_rng(number)
    index = ("EUR-ESTR", "EUR-EURIBOR-6M")[number % 2]
    start = datetime.date(2025, int(rng.integers(1, 13)), int(rng.integers(1, 28)))
    years = int(rng.integers(2, 9))
    floating = years * (1 if index == "EUR-ESTR" else 2)
    coupons = tuple(rng.uniform(0.0, 0.06, years))
    fields = {
        "trade_id": f"{kind}{number}", "currency": "EUR", "index": index, "notional": 1e6,
        "side": str(rng.choice(["payer", "receiver"])),
        "position": str(rng.choice(["long", "short"])),
        "strike": coupons[0], "coupons": coupons, "spreads": tuple(rng.uniform(-0.005, 0.005, floating)),
        "start_date": start, "maturity_date": start.replace(year=start.year + years),
        "notionals": tuple(rng.uniform(5e5, 1e6, years)),
    }  # fmt: skip
    if number % 3 == 0:
        fields["floating_notionals"] = tuple(rng.uniform(5e5, 1e6, floating))
    if kind in ("bermudan", "cancellable"):
        steps = 0.02 + 0.002 * np.arange(years)
        fields |= {
            "strike": steps[0], "coupons": tuple(steps),
            "notionals": tuple(1e6 - 8e4 * np.arange(years)),
            "first_exercise_date": start.replace(year=start.year + 1),
        }  # fmt: skip
        if "floating_notionals" in fields:
            shared = np.repeat(fields["notionals"], floating // years)
            fields["floating_notionals"] = tuple(shared * (1.0 - 0.01 * np.arange(floating)))
    if kind == "swap" and number % 4 < 2:
        fields["leg"] = ("fixed", "floating")[number % 4]
    if kind == "swap" and number % 4 == 0:
        fields.pop("floating_notionals", None)
    if kind == "swap" and number % 4 == 1:
        fields.pop("coupons")
    return KINDS[kind](**fields)


@pytest.mark.parametrize(
    ("kind", "count"), [("swap", 200), ("european", 200), ("bermudan", 5), ("cancellable", 5)]
)
def test_random_trades_against_the_second_code(kind, count):
    book, known = nr.trades.Book(tuple(random_trade(n, kind) for n in range(count))), market()
    table = nr.price(book, known, engine="reference")
    check = nr.desk.verify(book, known, table)
    assert set(check.status) == {"agrees"}, check[check.status != "agrees"]


def zero_coupon(number):
    rng = np.random.default_rng(number)
    index = ("EUR-ESTR", "EUR-EURIBOR-6M")[number % 2]
    start = datetime.date(2024, 3, 22) + datetime.timedelta(days=int(rng.integers(0, 300)))
    return nr.trades.SwapTrade(
        trade_id=f"Z{number}", currency="EUR", index=index, side=str(rng.choice(["payer", "receiver"])),
        notional=1e6, strike=float(rng.uniform(-0.01, 0.05)), start_date=start,
        maturity_date=datetime.date(start.year + int(rng.integers(2, 30)), start.month, min(start.day, 28)),
        zero_coupon=("fixed", "floating", "both")[number % 3], leg=("both", "fixed")[number % 5 == 0],
    )  # fmt: skip


def test_random_zero_coupon_swaps_against_the_second_code():
    trades = []
    for number in range(200):
        one = zero_coupon(number)
        trades.append(one)
    book, known = nr.trades.Book(tuple(trades)), market()
    check = nr.desk.verify(book, known, nr.price(book, known))
    assert set(check.status) == {"agrees"}, check[check.status != "agrees"]


def test_a_zero_coupon_swap_against_quantlibs_own_instrument():
    """QuantLib projects over the index's own periods, hundredths of a basis point away; fixed legs are the same."""
    fixed, floating = (
        nr.trades.SwapTrade(
            trade_id=leg, currency="EUR", index="EUR-EURIBOR-6M", side="payer", notional=1e6,
            strike=0.035, start_date="2024-06-21", maturity_date="2034-06-21", zero_coupon="both",
            leg=leg, fixed_dates=tuple(datetime.date(year, 6, 21) for year in range(2024, 2035)),
        )
        for leg in ("fixed", "floating")
    )  # fmt: skip
    values = nr.price(nr.trades.Book((fixed, floating)), market()).value
    with evaluation_date(TODAY):
        today = ql.Date(19, 3, 2024)
        handles = []
        for rates in ZERO_RATES:
            exponents = np.array([0.0, *np.array(TIMES) * rates])
            read = ql.LinearInterpolation([0.0, *TIMES], exponents.tolist())
            days = range(365 * 30)
            factors = [float(np.exp(-read(day / 365.0))) for day in days]
            curve = ql.DiscountCurve([today + day for day in days], factors, ql.Actual365Fixed())
            handles.append(ql.YieldTermStructureHandle(curve))
        swap = ql.ZeroCouponSwap(
            ql.Swap.Payer, 1e6, ql.Date(21, 6, 2024), ql.Date(21, 6, 2034), 0.035,
            ql.Thirty360(ql.Thirty360.BondBasis), ql.Euribor6M(handles[1]), ql.TARGET(),
        )  # fmt: skip
        swap.setPricingEngine(ql.DiscountingSwapEngine(handles[0]))
        assert values[0] == pytest.approx(swap.fixedLegNPV(), abs=1e-3)
        assert values[1] == pytest.approx(swap.floatingLegNPV(), abs=5.0)


def test_an_overnight_leg_that_has_begun_compounds_on():
    """Grown to 1 + 0.04 * 182 / 360 in half a year, it grows to the end by the curve."""
    start, end = datetime.date(2023, 9, 19), datetime.date(2025, 9, 19)
    trade = nr.trades.SwapTrade(
        trade_id="Z", currency="EUR", index="EUR-ESTR", side="receiver", notional=1e6, strike=0.03,
        start_date=start, maturity_date=end, zero_coupon="both", leg="floating", current_fixing=0.04,
    )  # fmt: skip
    known = market()
    curve = known["EUR"].curves.discount.discount_factor
    grown = 1.0 + 0.04 * 182.0 / 360.0
    last, paid = (day - TODAY for day in (end, datetime.date(2025, 9, 22)))
    factors = [float(curve(days.days / 365.0)) for days in (last, paid)]
    expected = -1e6 * (grown / factors[0] - 1.0) * factors[1]
    found = nr.price(nr.trades.Book((trade,)), known)
    assert found.value[0] == pytest.approx(expected, abs=1e-6)
    check = nr.desk.verify(nr.trades.Book((trade,)), known, found)
    assert check.status[0] == "agrees"


def test_greeks_of_a_step_up_european_are_its_bumps():
    trade, known = random_trade(4, "european"), market()
    table = nr.price(nr.trades.Book((trade,)), known, greeks=["zero_delta", "vega"])
    up, down = (
        nr.price(nr.trades.Book((trade,)), moved(known, step)).value[0] for step in (1e-4, -1e-4)
    )
    assert table.zero_delta[0] == pytest.approx((up - down) / 2.0, rel=1e-4)


def moved(known, step):
    one = known["EUR"]
    discount, projection = (
        nr.market.ZeroCurve(TIMES, np.array(rates) + step) for rates in ZERO_RATES
    )
    curves = nr.market.CurveSystem(discount, projection, "EUR-ESTR", "EUR-EURIBOR-6M")
    return nr.market.Market(
        TODAY, {"EUR": nr.market.CurrencyMarket("EUR", curves, one.swaption_volatility)}
    )


PLAIN = {
    "trade_id": "S", "currency": "EUR", "index": "EUR-EURIBOR-6M", "side": "payer", "notional": 1e6,
    "strike": 0.03, "start_date": "2025-03-21", "maturity_date": "2028-03-21",
}  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"coupons": "0.03;0.04"}, "one rate per fixed period, 3 in all, found 2"),
        ({"coupons": "0.02;0.03;0.04"}, "expected the first coupon, 0.02, found 0.03"),
        ({"spreads": "0.001;0.002"}, "one rate per floating period, 6 in all"),
        ({"spreads": "0.001;" * 5 + "0.001", "spread": 0.01}, "nothing beside spreads"),
        ({"floating_notionals": "1e6"}, "one amount per floating period, 6 in all, found 1"),
        ({"leg": "fixed", "current_fixing": 0.03}, "nothing without a floating leg"),
        ({"leg": "neither"}, "`both`, `fixed` or `floating`"),
        ({"zero_coupon": "both", "spread": 0.001}, "nothing for a term rate that compounds"),
        ({"zero_coupon": "fixed", "notionals": "1e6;1e6;5e5"}, "nothing for legs that compound"),
    ],
)
def test_what_does_not_fit_is_named(fields, message):
    with pytest.raises(InputError, match=message):
        nr.trades.SwapTrade(**PLAIN | fields)


def test_a_term_rate_that_compounds_must_be_open():
    trade = nr.trades.SwapTrade(**PLAIN | {"zero_coupon": "both", "start_date": "2023-03-21"})
    with pytest.raises(InputError, match="whose first rate is still open"):
        trade.resolve(TODAY)
