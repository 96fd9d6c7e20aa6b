"""The second code alone against right values that come from elsewhere, and its curves against the market's quotes."""

import dataclasses
import datetime
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import QuantLib as ql  # noqa: N813

import neuralrates as nr
from neuralrates.conventions import evaluation_date
from neuralrates.core.errors import RefusalError
from neuralrates.desk.verification.calibration import european_value
from neuralrates.desk.verification.curves import quantlib_curves
from neuralrates.desk.verification.left_out import check_left_out
from neuralrates.desk.verification.verify import second_code
from neuralrates.market.curves.curve_system import CurveSystem
from neuralrates.market.market import CurrencyMarket, Market

CENT = 0.005
TRADES = {
    "swap": nr.trades.SwapTrade,
    "european": nr.trades.EuropeanSwaptionTrade,
    "bermudan": nr.trades.BermudanSwaptionTrade,
    "cancellable": nr.trades.CancellableSwapTrade,
}


def trade(kind, index, strike, start, end, **more):
    fields = {"trade_id": "T", "currency": index[:3], "index": index, "side": "payer"}
    fields |= {"notional": 1e6, "strike": strike, "start_date": start, "maturity_date": end}
    return TRADES[kind](**(fields | more))


def value(one, today, rate, volatility=None, **quoted):
    """Value in currency on a flat curve with one volatility; the curve is stated by one node."""
    curve = nr.market.ZeroCurve([1.0], [rate])
    curves = CurveSystem(curve, curve, one.index, one.index)
    matrix = None
    if volatility is not None:
        matrix = nr.market.SwaptionVolatility([1.0], [1.0], [[0.01]])
    currency = one.currency
    market = Market(
        datetime.date.fromisoformat(today), {currency: CurrencyMarket(currency, curves, matrix)}
    )
    code = second_code([one], market)
    if volatility is not None:
        table = np.full((1, 1), volatility)
        stated = dataclasses.replace(code.volatility, at_the_money=table, **quoted)
        code = dataclasses.replace(code, volatility=stated)
    return code.price(one).value * one.notional


SUNDAY = ("european", "USD-SOFR", 0.035, "2025-08-31", "2033-08-31")


def test_an_exercise_on_a_sunday_enters_the_whole_swap():
    one = trade(*SUNDAY, exercise_dates="2025-08-31")
    assert value(one, "2024-03-19", 0.04, 0.009) == pytest.approx(47830.69, abs=CENT)


def test_a_european_that_would_enter_less_is_refused():
    """No such trade can be made; the second code refuses one that was made all the same."""
    with pytest.raises(nr.core.InputError, match="no later than 2025-08-29"):
        trade(*SUNDAY, exercise_dates="2025-09-02")
    late = (datetime.date(2025, 9, 2),)
    one = trade(*SUNDAY).model_copy(update={"exercise_dates": late})
    with pytest.raises(RefusalError, match="less than the whole swap"):
        value(one, "2024-03-19", 0.04, 0.009)


def test_exercises_on_month_ends():
    dates = ";".join(f"{year}-09-30" for year in range(2035, 2040))
    swap = ("EUR-EURIBOR-6M", 0.03, "2025-09-30", "2040-09-30")
    one = trade("cancellable", *swap, notional=1e7, exercise_dates=dates)
    assert value(one, "2025-01-15", 0.03, 0.009) == pytest.approx(461351.0, abs=20.0)


def test_an_exercise_today_is_refused():
    dates = "2025-01-15;2026-01-15;2027-01-15"
    swap = ("EUR-EURIBOR-6M", 0.01, "2025-01-17", "2030-01-17")
    one = trade("cancellable", *swap, exercise_dates=dates)
    with pytest.raises(RefusalError, match="on the valuation date"):
        value(one, "2025-01-15", 0.03, 0.009)


@pytest.mark.parametrize(
    ("today", "right"), [("2024-06-20", 4579.58), ("2024-06-21", 4580.08)], ids=str
)
def test_a_rate_fixed_by_now(today, right):
    swap = ("USD-LIBOR-3M", 0.04, "2024-06-21", "2029-06-21")
    found = value(trade("swap", *swap, current_fixing=0.05), today, 0.04)
    assert found == pytest.approx(right, abs=CENT)


def test_a_coupon_between_its_end_and_its_payment():
    one = trade("swap", "USD-SOFR", 0.04, "2022-03-21", "2027-03-21", current_fixing=0.05)
    assert value(one, "2024-03-21", 0.04) == pytest.approx(10871.95, abs=CENT)


def test_a_fixing_stated_too_early_or_missing_is_refused():
    early = trade("swap", "USD-SOFR", 0.04, "2025-03-21", "2027-03-21", current_fixing=0.05)
    with pytest.raises(RefusalError, match="no such rate is fixed"):
        value(early, "2024-03-19", 0.04)
    begun = trade("swap", "USD-SOFR", 0.04, "2023-03-21", "2027-03-21")
    with pytest.raises(RefusalError, match="is not stated"):
        value(begun, "2024-03-19", 0.04)


def test_without_volatility_a_right_is_worth_its_intrinsic_value():
    swap = ("USD-SOFR", 0.01, "2026-03-21", "2031-03-21")
    one = trade("bermudan", *swap, first_exercise_date="2026-03-21")
    assert value(one, "2024-03-19", 0.02, 0.0) == pytest.approx(45501.73, abs=CENT)


@pytest.mark.parametrize(("strike", "right"), [(0.05, 13363.61), (0.015, 64959.02)])
def test_lognormal_quotes_are_priced_by_black_at_the_strike(strike, right):
    one = trade("european", "EUR-EURIBOR-6M", strike, "2030-01-17", "2035-01-17")
    found = value(one, "2025-01-15", 0.03, 0.3, quote_type="lognormal")
    assert found == pytest.approx(right, abs=CENT)


def test_a_shift_moves_forward_and_strike():
    """A shifted quote prices what an unshifted one does on rates that much higher."""
    one = trade("european", "EUR-EURIBOR-6M", 0.01, "2030-01-17", "2035-01-17")
    shifted = {"quote_type": "shifted_lognormal", "shifts": np.array([0.03])}
    found = value(one, "2025-01-15", 0.005, 0.2, **shifted)
    normal = 0.2 * 0.0375  # of the rate's size
    assert found == pytest.approx(value(one, "2025-01-15", 0.005, normal), rel=0.05)


def test_one_exercise_is_worth_its_european():
    swap = ("EUR-EURIBOR-6M", 0.03, "2030-01-17", "2040-01-17")
    dates = {"exercise_dates": "2030-01-15"}
    settings = ("2025-01-15", 0.03, 0.009)
    bermudan = value(trade("bermudan", *swap, **dates), *settings)
    european = value(trade("european", *swap, **dates), *settings)
    assert bermudan == pytest.approx(european, abs=1.0)  # a hundredth of a basis point


def test_an_exercise_near_the_end_is_within_reach_of_the_engine():
    swap = ("USD-SOFR", 0.04, "2024-11-16", "2026-01-16")
    one = trade("bermudan", *swap, stub="short back", exercise_dates="2024-11-14;2025-11-12")
    both = value(one, "2024-03-19", 0.04, 0.009)
    first = trade("european", *swap, stub="short back", exercise_dates="2024-11-14")
    assert both >= value(first, "2024-03-19", 0.04, 0.009)


def test_eight_threads_price_as_one():
    """Eight valuation dates and a stated fixing: what is global in QuantLib is held by one thread at a time."""
    one = trade("swap", "USD-SOFR", 0.04, "2023-03-21", "2033-03-21", current_fixing=0.05)
    days = [f"2024-03-{number:02d}" for number in range(4, 12)]

    def priced(number):
        today = days[number % 8]
        system = nr.market.bootstrap(datetime.date.fromisoformat(today), USD)
        market = Market(
            datetime.date.fromisoformat(today), {"USD": CurrencyMarket("USD", system, None)}
        )
        return second_code([one], market).price(one).value

    alone = [priced(number) for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(priced, range(48)))
    assert together == alone * 6


def test_gaussian_value_of_one_bond_is_the_closed_form():
    """One bond against a strike: Black's formula with the deviation of the logarithm of the bond."""
    loadings, deviation = np.array([0.0, 4.0]), 0.02
    found = european_value(np.array([-0.9, 0.92]), loadings, deviation)
    black = ql.blackFormula(ql.Option.Call, 0.9, 0.92, 4.0 * deviation)
    assert found == pytest.approx(black, abs=1e-14)


USD = [
    nr.market.Quote("deposit", "USD-SOFR", "1D", 0.0531),
    *(
        nr.market.Quote("ois", "USD-SOFR", tenor, rate)
        for tenor, rate in (("6M", 0.052), ("2Y", 0.0457), ("5Y", 0.0405), ("30Y", 0.0366))
    ),
]


@pytest.mark.parametrize("interpolation", ["log_linear", "natural_spline"])
def test_curves_of_the_same_quotes_are_the_same(interpolation):
    today = datetime.date(2024, 3, 19)
    ours = nr.market.bootstrap(today, USD, interpolation=interpolation)
    with evaluation_date(today):
        theirs = quantlib_curves(ours, "USD-SOFR", today, today)
    for days in (1, 100, 400, 3000, 9000, 12000):
        factor = theirs.discount.discount(ql.Date(19, 3, 2024) + days)
        assert factor == pytest.approx(float(ours.discount.discount_factor(days / 365)), abs=1e-11)


def test_nodes_off_whole_days_are_read_as_stated():
    today, times = datetime.date(2024, 3, 19), [0.25, 1.003, 5.0, 10.0]
    curve = nr.market.ZeroCurve(times, [0.05, 0.045, 0.03, 0.032], "natural_spline")
    curves = CurveSystem(curve, curve, "USD-SOFR", "USD-SOFR")
    theirs = quantlib_curves(curves, "USD-SOFR", today, datetime.date(2036, 3, 19))
    for days in (10, 91, 400, 3000, 4300):
        factor = theirs.discount.discount(ql.Date(19, 3, 2024) + days)
        assert factor == pytest.approx(float(curve.discount_factor(days / 365)), abs=1e-14)


def test_quotes_left_out_without_a_reason_are_named():
    system = nr.market.bootstrap(datetime.date(2024, 3, 19), USD)
    dropped = dataclasses.replace(
        system,
        quotes=tuple(one for one in system.quotes if one.tenor != "5Y"),
        unused=tuple(one for one in system.quotes if one.tenor == "5Y"),
    )
    with evaluation_date(datetime.date(2024, 3, 19)):
        check_left_out(system, ql.Date(19, 3, 2024))
        with pytest.raises(RefusalError, match="OIS 5Y is left out"):
            check_left_out(dropped, ql.Date(19, 3, 2024))
