"""Caplets, caps and floors under Gaussian factors: QuantLib, bonds by parity, quadrature and slopes."""

import itertools

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import QuantLib as ql

import neuralrates as nr
from neuralrates.pricers.quantlib.days import evaluation_date, quantlib_curve, quantlib_day

CURVE = nr.market.ZeroCurve([0.25, 1.0, 2.0, 5.0, 10.0], [0.01, 0.012, 0.015, 0.02, 0.024])
MODEL = nr.models.HullWhite(CURVE, 0.03, 0.012)
TWO = nr.models.GaussianFactors(CURVE, [0.5, 0.03], [0.01, 0.008], [[1.0, -0.7], [-0.7, 1.0]])
CLOSED = nr.pricers.GaussianCaplet()
STRIP = nr.pricers.CapletStrip(CLOSED)
DAYS = np.array([91, 182, 274, 365, 456, 730])
STARTS, ENDS = DAYS[:-1] / 365.0, DAYS[1:] / 365.0


def quantlib_strip(kind: type, strike: float) -> float:
    """QuantLib's closed form for Hull and White, on a leg of these periods."""
    with evaluation_date():
        curve = quantlib_curve(CURVE, int(DAYS[-1]))
        dates = [quantlib_day(int(day)) for day in DAYS]
        coupons = [_coupon(curve, *ends) for ends in itertools.pairwise(dates)]
        cap = kind(coupons, [strike])
        model = ql.HullWhite(curve, float(MODEL.mean_reversion), float(MODEL.volatility[0]))
        cap.setPricingEngine(ql.AnalyticCapFloorEngine(model, curve))
        return cap.NPV()


def _coupon(curve: ql.YieldTermStructureHandle, start: ql.Date, end: ql.Date) -> ql.IborCoupon:
    """Coupon on the rate of its own period."""
    days = ql.Period(end - start, ql.Days)
    terms = ql.EURCurrency(), ql.NullCalendar(), ql.Unadjusted, False, ql.Actual365Fixed()
    index = ql.IborIndex("rate", days, 0, *terms, curve)
    coupon = ql.IborCoupon(end, 1.0, start, end, 0, index, 1.0, 0.0, start, end)
    coupon.setPricer(ql.BlackIborCouponPricer())
    return coupon


@pytest.mark.traced
@pytest.mark.parametrize("strike", [0.002, 0.017, 0.05])
def test_caps_and_floors_are_quantlibs(strike: float) -> None:
    for kind, theirs in ((nr.products.Cap, ql.Cap), (nr.products.Floor, ql.Floor)):
        ours = STRIP(MODEL, kind(STARTS, ENDS, strike))
        assert float(ours.value) == pytest.approx(quantlib_strip(theirs, strike), abs=1e-10)
        assert 0.0 < float(ours.error) < 1e-13


@pytest.mark.parametrize("model", [MODEL, TWO], ids=["one factor", "two factors"])
def test_a_caplet_less_its_floorlet_is_the_forward_rate_agreement(model) -> None:
    for accrual in (None, 0.26):
        caplet, floorlet = (
            kind(2.0, 2.25, 0.02, accrual) for kind in (nr.products.Caplet, nr.products.Floorlet)
        )
        start, end = (float(CURVE.discount_factor(time)) for time in (2.0, 2.25))
        expected = start - (1.0 + 0.02 * (accrual or 0.25)) * end
        gap = CLOSED(model, caplet).value - CLOSED(model, floorlet).value
        assert float(gap) == pytest.approx(expected, abs=1e-15)


def test_a_cap_less_its_floor_is_the_swap() -> None:
    swap = nr.products.Swap(ENDS, ENDS - STARTS, 0.02, "payer", start_time=STARTS[0])
    cap, floor = (
        STRIP(MODEL, kind(STARTS, ENDS, 0.02)) for kind in (nr.products.Cap, nr.products.Floor)
    )
    gap = float(cap.value - floor.value)
    assert gap == pytest.approx(float(swap.value(CURVE.discount_factor)), abs=1e-14)


def test_options_on_bond_portfolios_know_caplets() -> None:
    """Jamshidian's sum of one term, the quadrature across two factors, and simulation."""
    for product in (nr.products.Caplet(2.0, 2.25, 0.02), nr.products.Floorlet(2.0, 2.25, 0.02)):
        one, two = (float(CLOSED(model, product).value) for model in (MODEL, TWO))
        assert float(nr.pricers.Jamshidian()(MODEL, product).value) == pytest.approx(one, abs=1e-14)
        assert float(nr.pricers.GaussianEuropean()(TWO, product).value) == pytest.approx(
            two, abs=1e-12
        )
    caplet = nr.products.Caplet(2.0, 2.25, 0.02)
    simulated = nr.pricers.LongstaffSchwartz(4096, jax.random.key(1))(MODEL, caplet)
    gap = abs(float(simulated.value - CLOSED(MODEL, caplet).value))
    assert gap < 4.0 * float(simulated.error) < 2e-4


@pytest.mark.traced
def test_slopes_are_those_of_an_option_on_a_bond() -> None:
    """Delta to the strike is minus the accrual times a bond times a probability; vega is Black's."""

    def value(strike: jax.Array, volatility: jax.Array) -> jax.Array:
        model = nr.models.HullWhite(CURVE, 0.03, volatility)
        return CLOSED(model, nr.products.Caplet(2.0, 2.25, strike)).value

    strike, volatility = 0.02, 0.012
    found = [
        float(s) for s in jax.grad(value, argnums=(0, 1))(*map(jnp.asarray, (strike, volatility)))
    ]
    begin, end = (float(CURVE.discount_factor(time)) for time in (2.0, 2.25))
    b = -np.expm1(-0.03 * 0.25) / 0.03
    root = b * np.sqrt(-np.expm1(-2.0 * 0.03 * 2.0) / (2.0 * 0.03))
    deviation = volatility * root
    d1 = np.log(begin / ((1.0 + 0.25 * strike) * end)) / deviation + 0.5 * deviation
    normal = ql.CumulativeNormalDistribution()
    assert found[0] == pytest.approx(-0.25 * end * normal(d1 - deviation), rel=1e-9)
    assert found[1] == pytest.approx(
        begin * np.exp(-0.5 * d1**2) / np.sqrt(2.0 * np.pi) * root, rel=1e-9
    )


@pytest.mark.traced
def test_without_volatility_a_caplet_is_its_forward_with_finite_slopes() -> None:
    still = eqx.tree_at(lambda model: model.volatility, MODEL, jnp.zeros(1))
    caplet = nr.products.Caplet(1.0, 1.25, 0.005)
    value, slope = eqx.filter_value_and_grad(lambda m: CLOSED(m, caplet).value)(still)
    begin, end = (float(CURVE.discount_factor(time)) for time in (1.0, 1.25))
    assert float(value) == pytest.approx(begin - (1.0 + 0.25 * 0.005) * end, abs=1e-15)
    assert all(np.all(np.isfinite(leaf)) for leaf in jax.tree.leaves(slope))


def test_a_strip_under_a_trace_is_the_strip() -> None:
    cap = nr.products.Cap(STARTS, ENDS, 0.02)
    compiled = jax.jit(lambda strike: STRIP(MODEL, nr.products.Cap(STARTS, ENDS, strike)).value)
    assert float(compiled(0.02)) == pytest.approx(float(STRIP(MODEL, cap).value), abs=1e-15)
