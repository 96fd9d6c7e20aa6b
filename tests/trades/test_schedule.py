"""Schedules resolved on one and on two curves."""

import datetime

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr
from neuralrates.core.checks import as_array
from neuralrates.core.units import basis_point

TODAY = datetime.date(2024, 3, 19)
TRADE = {
    "trade_id": "T",
    "side": "payer",
    "notional": 1e6,
    "strike": 0.03,
    "start_date": datetime.date(2025, 3, 21),
    "maturity_date": datetime.date(2031, 3, 21),
}
SOFR = TRADE | {"currency": "USD", "index": "USD-SOFR"}
EURIBOR = TRADE | {"currency": "EUR", "index": "EUR-EURIBOR-6M"}
DISCOUNT = nr.market.Svensson(0.02, -0.01, 0.01, 0.01, 2.0, 8.0)
PROJECTION = nr.market.Svensson(0.025, -0.012, 0.012, 0.01, 2.0, 8.0)


def bermudan(fields, **changes):
    fields = fields | {"first_exercise_date": "2025-03-21"} | changes
    return nr.trades.BermudanSwaptionTrade(**fields).resolve(TODAY)


def swap(fields, **changes):
    return nr.trades.SwapTrade(**(fields | changes)).resolve(TODAY)


def leg(fields, discount, projection, **changes):
    product = swap(fields, **changes).product(discount.discount_factor, projection.discount_factor)
    return product, product.value(discount.discount_factor)


def test_basis_is_exactly_one_on_a_single_curve():
    curve = DISCOUNT.discount_factor
    product = swap(EURIBOR).product(curve, curve)
    inner = product.floating_weights[1:-1]
    assert np.array_equal(inner, np.zeros(inner.shape))
    assert (product.floating_weights[0], product.floating_weights[-1]) == (1.0, -1.0)


@pytest.mark.parametrize("fields", [SOFR, EURIBOR])
def test_floating_leg_is_worth_its_projected_coupons(fields):
    schedule = swap(fields).schedule
    product, value = leg(fields, DISCOUNT, PROJECTION, strike=0.0)
    floating, d, f = schedule.floating, DISCOUNT.discount_factor, PROJECTION.discount_factor
    coupons = [
        float(d(p) * (f(s) / f(e) - 1.0))
        for s, e, p in zip(
            floating.start_times, floating.end_times, floating.payment_times, strict=True
        )
    ]
    assert value == pytest.approx(sum(coupons), abs=1e-15)


def test_payment_lag_is_right_to_first_order_when_rates_move():
    schedule = swap(SOFR, maturity_date=datetime.date(2035, 3, 21)).schedule
    start, end, pay = (
        np.asarray(part)
        for part in (
            schedule.floating.start_times,
            schedule.floating.end_times,
            schedule.floating.payment_times,
        )
    )
    flat = nr.market.FlatCurve(0.038).discount_factor
    product = schedule.resolve(flat, flat, 0.0, "payer")

    def missing(shift):
        coupons = np.exp(-(0.038 + shift) * pay) * np.expm1((0.038 + shift) * (end - start))
        return float(product.value(nr.market.FlatCurve(0.038 + shift).discount_factor)) - np.sum(
            coupons
        )

    assert abs(missing(0.0)) < 1e-15
    assert abs(missing(0.01)) < 0.07 * basis_point
    assert missing(0.005) / missing(0.01) == pytest.approx(0.25, abs=0.03)


def test_spread_is_paid_on_the_floating_leg():
    _, plain = leg(EURIBOR, DISCOUNT, PROJECTION)
    _, margin = leg(EURIBOR, DISCOUNT, PROJECTION, spread=0.001)
    schedule = swap(EURIBOR).schedule.floating
    annuity = jnp.sum(
        schedule.accruals * jax.vmap(DISCOUNT.discount_factor)(schedule.payment_times)
    )
    assert float(margin - plain) == pytest.approx(0.001 * float(annuity), abs=1e-15)


def test_amortising_swap_is_a_sum_of_swaps():
    notionals = (1e6, 1e6, 1e6, 4e5, 4e5, 4e5)
    _, amortising = leg(EURIBOR, DISCOUNT, PROJECTION, notionals=notionals)
    _, long = leg(EURIBOR, DISCOUNT, PROJECTION)
    _, short = leg(EURIBOR, DISCOUNT, PROJECTION, maturity_date=datetime.date(2028, 3, 21))
    assert amortising == pytest.approx(float(0.4 * long + 0.6 * short), abs=1e-15)


def test_each_exercise_enters_the_swap_that_starts_then():
    right = bermudan(SOFR)
    product = right.product(DISCOUNT.discount_factor, DISCOUNT.discount_factor)
    assert len(right.exercise_dates) == 6
    for i, start in enumerate(product.start_times):
        later = [k for k in range(6) if right.schedule.swap.fixed.start_times[k] >= start]
        alone = product.underlying(i).annuity(DISCOUNT.discount_factor)
        fixed = right.schedule.swap.fixed
        expected = sum(
            float(fixed.accruals[k] * DISCOUNT.discount_factor(fixed.payment_times[k]))
            for k in later
        )
        assert alone == pytest.approx(expected, abs=1e-15)


def test_weights_differentiate_through_both_curves_under_jit_and_vmap():
    schedule = bermudan(EURIBOR).schedule

    @eqx.filter_jit
    def value(schedule, level, basis):
        discount = nr.market.FlatCurve(level).discount_factor
        projection = nr.market.FlatCurve(level + basis).discount_factor
        product = schedule.resolve(discount, projection, 0.03, "payer")
        return product.underlying(0).value(discount)

    levels = jnp.asarray([0.01, 0.02, 0.03])
    each = [value(schedule, level, as_array(0.001)) for level in levels]
    at_once = jax.vmap(value, in_axes=(None, 0, None))(schedule, levels, as_array(0.001))
    assert np.allclose(at_once, jnp.stack(each), rtol=0.0, atol=1e-15)
    slope = jax.grad(value, argnums=2)(schedule, as_array(0.02), as_array(0.001))
    up, down = (value(schedule, as_array(0.02), as_array(0.001 + h)) for h in (1e-5, -1e-5))
    assert slope == pytest.approx(float(up - down) / 2e-5, rel=1e-8)


def test_same_shapes_batch_over_trades():
    resolved = [
        bermudan(
            SOFR,
            start_date=f"2025-0{month}-21",
            first_exercise_date="2025-03-01",
            maturity_date=f"2031-0{month}-21",
        )
        for month in (3, 4, 5)
    ]
    stacked = jax.tree.map(lambda *leaves: jnp.stack(leaves), *[r.schedule for r in resolved])
    curve = DISCOUNT.discount_factor

    def annuities(schedule):
        product = schedule.resolve(curve, curve, 0.03, "payer")
        return product.annuity_weights @ jax.vmap(curve)(product.flow_times)

    batch = jax.vmap(annuities)(stacked)
    assert np.allclose(batch, jnp.stack([annuities(r.schedule) for r in resolved]), atol=1e-14)


def test_cancellable_is_the_swap_and_the_opposite_right():
    fields = SOFR | {"first_exercise_date": "2026-03-21"}
    both = nr.trades.CancellableSwapTrade(**fields).resolve(TODAY)
    curve = DISCOUNT.discount_factor
    product = both.product(curve, curve)
    assert (product.swap.side, product.right.side) == ("payer", "receiver")
    assert product.swap.value(curve) == swap(SOFR).product(curve, curve).value(curve)
    right = bermudan(SOFR, first_exercise_date="2026-03-21", side="receiver")
    assert np.array_equal(right.product(curve, curve).flows, product.right.flows)


def test_padding_changes_no_value():
    schedule = bermudan(EURIBOR, first_exercise_date="2027-03-01").schedule
    padded = nr.trades.pad_swaption_schedule(schedule, 8, 10, 20, 40)
    curves = (DISCOUNT.discount_factor, PROJECTION.discount_factor)
    plain, wide = (one.resolve(*curves, 0.03, "payer") for one in (schedule, padded))
    assert wide.flows.shape == (8, 40)
    values = wide.flows @ jax.vmap(curves[0])(wide.flow_times)
    exact = plain.flows @ jax.vmap(curves[0])(plain.flow_times)
    assert np.allclose(values, jnp.concatenate([exact, jnp.zeros(4)]), rtol=0.0, atol=1e-16)
    assert np.array_equal(wide.start_times[:4], plain.start_times)
    swap_alone = nr.trades.pad_swap_schedule(schedule.swap, 10, 20, 40)
    narrow, broad = (one.resolve(*curves, 0.03, "payer") for one in (schedule.swap, swap_alone))
    assert broad.value(curves[0]) == pytest.approx(float(narrow.value(curves[0])), abs=1e-16)
    with pytest.raises(ValueError, match="cannot be padded to 2"):
        nr.trades.pad_swap_schedule(schedule.swap, 2, 20, 40)


def test_bad_periods_are_named():
    with pytest.raises(ValueError, match="`end_times`"):
        nr.trades.FixedPeriods([0.0], [0.0], [1.0], [1.0], [1.0])
    with pytest.raises(ValueError, match="`payment_times`"):
        nr.trades.FixedPeriods([0.0], [1.0], [0.5], [1.0], [1.0])
    with pytest.raises(ValueError, match="`accruals` must be finite"):
        nr.trades.FixedPeriods([0.0], [1.0], [1.0], [float("nan")], [1.0])
