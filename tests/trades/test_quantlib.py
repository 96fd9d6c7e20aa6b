"""Dated swaps against QuantLib's, on the same curves."""

import datetime

import equinox as eqx
import numpy as np
import pytest
import QuantLib as ql  # noqa: N813

import neuralrates as nr
from neuralrates.conventions import quantlib_date, swap_convention
from neuralrates.core.checks import as_array

TODAY = datetime.date(2024, 3, 19)
TIMES = np.array([0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 15.0, 20.0, 31.0])
NOTIONAL = 1e6


def curves(level):
    """One curve as ours and as QuantLib's: log-linear discount factors on the same days."""
    rates = level + 0.01 * np.exp(-TIMES / 4.0) * np.cos(TIMES)
    days = np.round(TIMES * 365).astype(int)
    ours = nr.market.ZeroCurve(days / 365.0, rates)
    dates = [quantlib_date(TODAY)] + [quantlib_date(TODAY) + int(d) for d in days]
    factors = [1.0, *np.exp(-rates * days / 365.0)]
    theirs = ql.DiscountCurve(dates, factors, ql.Actual365Fixed())
    theirs.enableExtrapolation()
    return ours, ql.YieldTermStructureHandle(theirs)


@pytest.fixture
def quantlib_today():
    settings = ql.Settings.instance()
    settings.evaluationDate = quantlib_date(TODAY)
    yield
    settings.evaluationDate = ql.Date()


def trade(index, years, **changes):
    convention = swap_convention(index)
    start = convention.spot_date(TODAY)
    fields = {
        "trade_id": "T",
        "currency": convention.currency,
        "index": index,
        "side": "payer",
        "notional": NOTIONAL,
        "strike": 0.03,
        "start_date": start,
        "maturity_date": start.replace(year=start.year + years),
    }
    return nr.trades.SwapTrade(**(fields | changes))


@eqx.filter_jit
def priced(schedule, discount, projection, strike):
    bond = discount.discount_factor
    product = schedule.resolve(bond, projection.discount_factor, strike, "payer")
    return product.value(bond), product.par_rate(bond)


def ours(one, discount, projection):
    # Schedules of one size are compiled once.
    schedule = nr.trades.pad_swap_schedule(one.resolve(TODAY).schedule, 60, 120, 240)
    value, rate = priced(schedule, discount, projection, as_array(one.strike))
    return NOTIONAL * float(value), float(rate)


def term_swap(one, discount, projection):
    """QuantLib's swap on a term rate."""
    index = (
        ql.Euribor6M(projection)
        if one.currency == "EUR"
        else ql.USDLibor(ql.Period("3M"), projection)
    )
    start, end = quantlib_date(one.start_date), quantlib_date(one.maturity_date)
    calendar = (
        ql.TARGET()
        if one.currency == "EUR"
        else ql.JointCalendar(
            ql.UnitedKingdom(ql.UnitedKingdom.Exchange), ql.UnitedStates(ql.UnitedStates.Settlement)
        )
    )
    rule = ql.ModifiedFollowing

    def legs(months):
        tenor = ql.Period(months, ql.Months)
        back = ql.DateGeneration.Backward
        return ql.Schedule(start, end, tenor, calendar, rule, rule, back, False)

    fixed_months, floating_months = (12, 6) if one.currency == "EUR" else (6, 3)
    swap = ql.VanillaSwap(
        ql.Swap.Payer,
        NOTIONAL,
        legs(fixed_months),
        one.strike,
        ql.Thirty360(ql.Thirty360.BondBasis),
        legs(floating_months),
        index,
        one.spread,
        ql.Actual360(),
    )
    swap.setPricingEngine(ql.DiscountingSwapEngine(discount))
    return swap.NPV(), swap.fairRate()


def overnight_swap(one, discount, projection):
    """QuantLib's swap on a compounded overnight rate."""
    names = {"USD-SOFR": (ql.Sofr, 2), "EUR-ESTR": (ql.Estr, 1), "EUR-EONIA": (ql.Eonia, 1)}
    make, lag = names[one.index]
    index = make(projection)
    start, end = quantlib_date(one.start_date), quantlib_date(one.maturity_date)
    calendar, rule = index.fixingCalendar(), ql.ModifiedFollowing
    schedule = ql.Schedule(
        start, end, ql.Period("1Y"), calendar, rule, rule, ql.DateGeneration.Backward, False
    )
    swap = ql.OvernightIndexedSwap(
        ql.Swap.Payer,
        NOTIONAL,
        schedule,
        one.strike,
        ql.Actual360(),
        index,
        one.spread,
        lag,
        ql.Following,
        calendar,
    )
    swap.setPricingEngine(ql.DiscountingSwapEngine(discount))
    return swap.NPV(), swap.fairRate()


@pytest.mark.usefixtures("quantlib_today")
@pytest.mark.parametrize("years", [1, 2, 7, 30])
@pytest.mark.parametrize("spread", [0.002])
@pytest.mark.parametrize("index", ["EUR-EURIBOR-6M", "USD-LIBOR-3M"])
def test_term_swap_on_two_curves(index, years, spread):
    one = trade(index, years, spread=spread)
    (discount, their_discount), (projection, their_projection) = curves(0.02), curves(0.026)
    value, rate = ours(one, discount, projection)
    their_value, their_rate = term_swap(one, their_discount, their_projection)
    assert value == pytest.approx(their_value, abs=1e-10 * NOTIONAL)
    assert rate == pytest.approx(their_rate, abs=1e-10)


@pytest.mark.usefixtures("quantlib_today")
@pytest.mark.parametrize("years", [1, 2, 7, 30])
@pytest.mark.parametrize("index", ["USD-SOFR", "EUR-ESTR", "EUR-EONIA"])
def test_overnight_swap_with_payment_lag(index, years):
    one = trade(index, years)
    (discount, their_discount), (projection, their_projection) = curves(0.02), curves(0.021)
    value, rate = ours(one, discount, projection)
    their_value, their_rate = overnight_swap(one, their_discount, their_projection)
    assert value == pytest.approx(their_value, abs=1e-10 * NOTIONAL)
    assert rate == pytest.approx(their_rate, abs=1e-10)


@pytest.mark.usefixtures("quantlib_today")
def test_odd_first_period_and_negative_rates():
    maturity = datetime.date(2029, 7, 21)
    for index, theirs in (("EUR-EURIBOR-6M", term_swap), ("EUR-ESTR", overnight_swap)):
        one = trade(index, 5, maturity_date=maturity, strike=-0.001)
        (discount, their_discount), (projection, their_projection) = curves(-0.01), curves(-0.008)
        value, rate = ours(one, discount, projection)
        their_value, their_rate = theirs(one, their_discount, their_projection)
        assert value == pytest.approx(their_value, abs=1e-10 * NOTIONAL)
        assert rate == pytest.approx(their_rate, abs=1e-10)


@pytest.mark.usefixtures("quantlib_today")
@pytest.mark.parametrize(
    ("index", "start", "maturity"),
    [
        ("EUR-EURIBOR-6M", datetime.date(2024, 3, 21), datetime.date(2029, 7, 21)),
        ("EUR-EURIBOR-6M", datetime.date(2024, 5, 31), datetime.date(2034, 5, 30)),
        ("USD-LIBOR-3M", datetime.date(2024, 3, 21), datetime.date(2031, 5, 7)),
    ],
)
def test_a_term_rate_over_the_period_of_its_index(index, start, maturity):
    one = trade(index, 5, start_date=start, maturity_date=maturity, projection="index")
    (discount, their_discount), (projection, their_projection) = curves(0.02), curves(0.026)
    value, rate = ours(one, discount, projection)
    ql.IborCoupon.createIndexedCoupons()
    try:
        their_value, their_rate = term_swap(one, their_discount, their_projection)
    finally:
        ql.IborCoupon.createAtParCoupons()
    assert value == pytest.approx(their_value, abs=1e-10 * NOTIONAL)
    assert rate == pytest.approx(their_rate, abs=1e-10)
    accrual, _ = ours(one.model_copy(update={"projection": "accrual"}), discount, projection)
    assert accrual != pytest.approx(value, abs=1e-7 * NOTIONAL)
