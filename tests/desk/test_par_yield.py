"""European swaptions settled in cash by par yield: a sum over states, the published formula, bumps, and refusals."""

import datetime

import numpy as np
import pytest
import QuantLib as ql
from scipy.stats import norm

import neuralrates as nr
from desk.test_by_period import TIMES, TODAY, ZERO_RATES, market, moved
from desk.test_floating_legs import netting
from neuralrates.conventions.quantlib_evaluation_date import evaluation_date
from neuralrates.core.errors import InputError, RefusalError
from neuralrates.exposures.netting import netting_of

FIELDS = {
    "trade_id": "E", "currency": "EUR", "index": "EUR-EURIBOR-6M", "side": "payer", "notional": 1e6, "strike": 0.03,
    "start_date": "2029-03-21", "maturity_date": "2039-03-21", "settlement": "cash par yield",
}  # fmt: skip


def european(**fields):
    return nr.trades.EuropeanSwaptionTrade(**FIELDS | fields)


def random_trade(number):
    rng = np.random.default_rng(number)
    index = ("EUR-ESTR", "EUR-EURIBOR-6M")[number % 2]
    start = datetime.date(2024, 5, 2) + datetime.timedelta(days=int(rng.integers(0, 3600)))
    start = start.replace(day=min(start.day, 28))
    return european(
        trade_id=f"E{number}", index=index, side=str(rng.choice(["payer", "receiver"])), start_date=start,
        position=str(rng.choice(["long", "short"])), strike=float(rng.uniform(-0.01, 0.07)),
        maturity_date=start.replace(year=start.year + int(rng.integers(1, 21))),
    )  # fmt: skip


def test_random_trades_against_the_second_code():
    """Forty; `benchmarks.new_kinds` has two hundred."""
    book, known = nr.trades.Book(tuple(random_trade(n) for n in range(40))), market()
    table = nr.price(book, known)
    assert set(table.engine) == {"reference, par yield"}
    check = nr.desk.verify(book, known, table)
    assert set(check.status) == {"agrees"}, check[check.status != "agrees"].to_string()
    assert check.difference.abs().max() < 1e-3


def formula(trade, known):
    """The market's formula: the cash annuity at the forward rate, outside the expectation (Mercurio 2007; Henrard 2010)."""
    curves = known["EUR"].curves
    discount, projection = (c.discount_factor for c in (curves.discount, curves.projection))
    product = trade.resolve(TODAY).option
    swap = trade.resolve(TODAY).swap.resolve(discount, projection, trade.strike, trade.side)
    forward, expiry = float(swap.par_rate(discount)), float(product.exercise_times[0])
    tenor = float(trade.resolve(TODAY).swap.fixed.end_times[-1] - product.start_times[0])
    quoted = known["EUR"].swaption_volatility
    volatility = float(quoted.at_strike(expiry, tenor, forward, trade.strike))
    deviation = volatility * np.sqrt(expiry)
    distance = (forward - trade.strike) / deviation
    option = deviation * (distance * norm.cdf(distance) + norm.pdf(distance))
    cash = sum((1.0 + forward) ** -n for n in range(1, 11))
    return 1e6 * float(discount(float(product.start_times[0]))) * cash * option, volatility


def test_the_published_formula_is_near_and_is_quantlibs():
    """Ten years in five, at the money: some tenths of a percent apart, where the swap itself is worth some percent more."""
    trade, known = european(), market()
    found = nr.price(nr.trades.Book((trade,)), known).value[0]
    physical = nr.price(nr.trades.Book((european(settlement="physical"),)), known).value[0]
    published, volatility = formula(trade, known)
    assert 1e-5 < abs(found / published - 1.0) < 0.01
    assert published == pytest.approx(quantlib(volatility), rel=2e-3)
    assert abs(published / physical - 1.0) > 1e-3


def quantlib(volatility):
    """The formula in QuantLib's engine, on its own swap: projected over the index's own periods."""
    with evaluation_date(TODAY):
        today = ql.Date(19, 3, 2024)
        handles = []
        for rates in ZERO_RATES:
            read = ql.LinearInterpolation([0.0, *TIMES], [0.0, *(np.array(TIMES) * rates)])
            factors = [float(np.exp(-read(n / 365.0))) for n in range(365 * 30)]
            days = [today + n for n in range(365 * 30)]
            curve = ql.DiscountCurve(days, factors, ql.Actual365Fixed())
            handles.append(ql.YieldTermStructureHandle(curve))
        start, end, index = ql.Date(21, 3, 2029), ql.Date(21, 3, 2039), ql.Euribor6M(handles[1])
        fixed, floating = (
            ql.MakeSchedule(start, end, ql.Period(tenor), calendar=ql.TARGET(), convention=ql.ModifiedFollowing)
            for tenor in ("1Y", "6M")
        )  # fmt: skip
        swap = ql.VanillaSwap(
            ql.Swap.Payer, 1e6, fixed, 0.03, ql.Thirty360(ql.Thirty360.BondBasis), floating, index, 0.0, ql.Actual360()
        )  # fmt: skip
        exercise = ql.EuropeanExercise(ql.TARGET().advance(start, -2, ql.Days))
        right = ql.Swaption(swap, exercise, ql.Settlement.Cash, ql.Settlement.ParYieldCurve)
        quote = ql.QuoteHandle(ql.SimpleQuote(volatility))
        right.setPricingEngine(ql.BachelierSwaptionEngine(handles[0], quote))
        return right.NPV()


def test_without_volatility_it_pays_its_value():
    """A rate that does not move: C(S) (S - K), paid at the start."""
    known = market()
    quiet = nr.market.SwaptionVolatility([1.0, 10.0], [1.0, 10.0], np.zeros((2, 2)))
    one = known["EUR"]
    still = nr.market.Market(TODAY, {"EUR": nr.market.CurrencyMarket("EUR", one.curves, quiet)})
    trade = european(strike=0.01)
    curves = [c.discount_factor for c in (one.curves.discount, one.curves.projection)]
    resolved = trade.resolve(TODAY)
    swap = resolved.swap.resolve(*curves, 0.01, "payer")
    rate, start = float(swap.par_rate(curves[0])), float(resolved.option.start_times[0])
    cash = sum((1.0 + rate) ** -n for n in range(1, 11))
    expected = 1e6 * float(curves[0](start)) * cash * (rate - 0.01)
    assert nr.price(nr.trades.Book((trade,)), still).value[0] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("number", range(4))
def test_greeks_are_their_bumps(number):
    trade, known = random_trade(number + 20), market()
    book = nr.trades.Book((trade,))
    table = nr.price(book, known, greeks=["zero_delta", "vega", "mean_reversion"])
    up, down = (nr.price(book, moved(known, step)).value[0] for step in (1e-5, -1e-5))
    assert table.zero_delta[0] == pytest.approx((up - down) / 0.2, rel=1e-5, abs=1e-6)
    up, down = (
        nr.price(book, known, mean_reversion=0.03 + step).value[0] for step in (1e-5, -1e-5)
    )
    assert table.mean_reversion[0] == pytest.approx((up - down) / 0.2, rel=1e-4, abs=1e-7)
    up, down = (nr.price(book, louder(known, step)).value[0] for step in (1e-6, -1e-6))
    assert table.vega[0] == pytest.approx((up - down) / 2e-2, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("number", range(4))
def test_it_is_exercised_where_the_swap_is_entered(number):
    """Above the strike, whatever is paid: with the probability of the physical right."""
    trade, known = random_trade(number), market()
    physical = trade.model_copy(update={"settlement": "physical"})
    found, entered = (
        nr.price(nr.trades.Book((one,)), known).exercise_probability[0] for one in (trade, physical)
    )
    assert list(found) == list(entered)
    assert list(found.values()) == pytest.approx(list(entered.values()), abs=1e-9)


def louder(known, step):
    one = known["EUR"]
    quoted = one.swaption_volatility
    volatility = nr.market.SwaptionVolatility(
        quoted.expiries, quoted.tenors, np.asarray(quoted.volatilities) + step, quoted.smile
    )
    return nr.market.Market(TODAY, {"EUR": nr.market.CurrencyMarket("EUR", one.curves, volatility)})


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"spread": 0.001}, "spread.*where settlement is by par yield"),
        ({"notionals": "1e6;" * 9 + "5e5"}, "notionals.*by par yield"),
        ({"exercise_fees": "1e3"}, "exercise_fees.*by par yield"),
        ({"maturity_date": "2039-05-02"}, "periods all of 1, 3, 6 or 12 months"),
    ],
)
def test_what_no_par_yield_is_quoted_for_is_refused(fields, message):
    with pytest.raises(InputError, match=message):
        european(**fields)


def test_several_exercises_are_refused_by_name():
    fields = FIELDS | {"first_exercise_date": "2029-03-21"}
    for kind in (nr.trades.BermudanSwaptionTrade, nr.trades.CancellableSwapTrade):
        with pytest.raises(RefusalError, match="several exercises settled by par yield"):
            kind(**fields)


@pytest.mark.parametrize("model", ["two_factor", "forward_curve"])
def test_other_models_say_so(model):
    book = nr.trades.Book((european(),))
    with pytest.raises(RefusalError, match="settlement.*under one factor alone"):
        nr.price(book, market(), model=model)


def test_nothing_takes_it_for_a_right_to_the_swap():
    resolved = european().resolve(TODAY)
    with pytest.raises(RefusalError, match="settled by par yield"):
        resolved.product(*[lambda time: 1.0] * 2)
    book = nr.trades.Book((european(),))
    learned = nr.price(book, market(), engine="learned")
    assert learned.engine[0] == "reference, par yield"
    with pytest.raises(RefusalError, match="field `kind`: values at future dates.*par yield"):
        nr.exposure(book, market(), netting_of(netting(european())), dates="1Y", paths=64)
