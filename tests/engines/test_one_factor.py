"""The one-factor engine in NumPy, with derivatives by hand, against the same algorithm traced and differentiated by JAX."""

import equinox as eqx
import jax
import numpy as np
import pytest

import neuralrates as nr
from desk.pricing_setting import (
    SETTINGS,
    SIZE,
    assessed,
    difference,
    pad,
    shape_and_inputs,
    stack,
    trades,
)
from engines.annual_setting import ONE_CURVE, trade
from engines.traced import fit
from neuralrates.engines.batches import Batch, in_batches
from neuralrates.engines.market_inputs import MarketShape
from neuralrates.engines.one_factor import OneFactorEngine
from neuralrates.engines.traced_quotes import swap_value
from neuralrates.pricers.gaussian.backward_induction import (
    BackwardInduction,
    induce,
    value_today,
)
from neuralrates.pricers.gaussian.jamshidian import european_value

EXACT = 1e-11  # per unit notional: rounding, and boundaries that two searches place apart
SLOPES = 2e-7  # of the largest: the traced rule also moves its nodes, which changes what the rule leaves out
RULES = {
    "kernel": BackwardInduction(1e-10, 64, 1),
    "polynomials": BackwardInduction(1e-10, 64, 1, local=True),
    "three boundaries": BackwardInduction(1e-10, 64, 3),
}


@eqx.filter_jit
def traced(pricer, shape, trades, inputs):
    """Values and derivatives of stacked trades by the traced code, European where there is one exercise."""

    def value(at, trade):
        held = trade.swap_sign * swap_value(shape, trade, at)
        fitted = fit(shape, trade, at)
        if trade.exercise_times.shape[0] == 1:
            flows = fitted.present_values[0]
            return held + european_value(flows, fitted.loadings, fitted.variances[0])
        run = induce(pricer, fitted.variances, fitted.loadings, fitted.present_values)
        return held + value_today(run)

    def one(trade):
        return jax.value_and_grad(value)(inputs, trade)

    return jax.lax.map(one, trades)


def stacked_trades(name):
    return stack([pad(one, SIZE) for one in trades(name)])


def compare(pricer, shape, stacked, inputs):
    members = tuple(range(stacked.strike.shape[0]))
    found = OneFactorEngine(pricer).assess(Batch(members, stacked), inputs, shape, True)
    values, slopes = traced(pricer, shape, stacked, inputs)
    np.testing.assert_allclose(found.value, values, rtol=0.0, atol=EXACT)
    for name, ours, theirs in zip(inputs._fields, found.gradient, slopes, strict=True):
        largest = np.max(np.abs(theirs), initial=1e-6)
        np.testing.assert_allclose(ours, theirs, rtol=0.0, atol=SLOPES * largest, err_msg=name)


@pytest.mark.traced
def test_values_and_derivatives_are_those_of_the_traced_code():
    """A Bermudan, a European beside padding, and a cancellable, on two curves with a smile."""
    shape, inputs = shape_and_inputs(SETTINGS["two curves and a smile, EUR"])
    compare(RULES["kernel"], shape, stacked_trades("two curves and a smile, EUR"), inputs)


def test_nine_exercises_and_a_spread():
    today = ONE_CURVE.valuation_date
    book = [
        trade(trade_id="payer", spread=0.002).resolve(today),
        trade("cancellable", "receiver", trade_id="cancellable").resolve(today),
    ]
    usd = ONE_CURVE["USD"]
    shape = MarketShape.of(usd.curves, usd.swaption_volatility)
    (batch,) = in_batches(book)
    later = np.asarray(
        0.001
    )  # on the day an expiry is a node of the matrix, and time has two slopes
    compare(RULES["kernel"], shape, batch.trades, shape.inputs(0.03)._replace(elapsed=later))


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("rule", ["polynomials", "three boundaries"])
def test_rules_agree(name, rule):
    """The other rules against the one that the traced code is compared with."""
    shape, inputs = shape_and_inputs(SETTINGS[name])
    stacked = stacked_trades(name)
    first, second = (
        OneFactorEngine(RULES[which]).assess(Batch((0, 1, 2), stacked), inputs, shape, True)
        for which in ("kernel", rule)
    )
    np.testing.assert_allclose(first.value, second.value, rtol=0.0, atol=1e-10)
    probabilities = [one.checks.probabilities for one in (first, second)]
    np.testing.assert_allclose(*probabilities, rtol=0.0, atol=1e-7)
    for name, ours, theirs in zip(inputs._fields, first.gradient, second.gradient, strict=True):
        largest = np.max(np.abs(theirs), initial=1e-6)
        np.testing.assert_allclose(ours, theirs, rtol=0.0, atol=SLOPES * largest, err_msg=name)


def test_a_rate_that_does_not_move_is_worth_its_intrinsic_value():
    name = "single curve, USD"
    shape, inputs = shape_and_inputs(SETTINGS[name])
    inputs = inputs._replace(volatility=np.zeros((3, 3)))
    stacked = stacked_trades(name)
    found = OneFactorEngine().assess(Batch((0, 1, 2), stacked), inputs, shape, True)
    fits = jax.jit(jax.vmap(lambda one, at: fit(shape, one, at), (0, None)))(stacked, inputs)
    worth = np.sum(np.asarray(fits.present_values), axis=2)
    intrinsic = np.maximum(worth.max(axis=1), 0.0)
    assert found.value[:2] == pytest.approx(intrinsic[:2], abs=1e-9)
    assert np.all(np.isfinite(np.concatenate([np.ravel(part) for part in found.gradient])))
    assert np.all(found.gradient.volatility == 0.0)


@pytest.mark.traced
def test_flows_that_are_worth_nothing_today_have_derivatives():
    """Two curves that lie on each other: between coupons of the fixed leg nothing is paid, until the curves move apart."""
    name = "two curves and a smile, EUR"
    curve = nr.market.ZeroCurve([1.0, 3.0, 7.0], [0.006, 0.008, 0.009])
    again = nr.market.ZeroCurve([1.0, 3.0, 7.0], [0.006, 0.008, 0.009])
    curves = nr.market.CurveSystem(curve, again, "EUR-ESTR", "EUR-EURIBOR-6M")
    shape, inputs = shape_and_inputs(SETTINGS[name], curves)
    flat = inputs._replace(smile=0.0 * inputs.smile)
    stacked = stacked_trades(name)

    def values(move):
        moved = flat._replace(projection_rates=flat.projection_rates + move)
        return assessed(stacked, shape, moved).value

    found = np.sum(assessed(stacked, shape, flat).gradient.projection_rates, axis=1)
    assert np.all(np.abs(found) > 0.1)
    np.testing.assert_allclose(found, difference(values, 2e-4), rtol=1e-5)


@pytest.mark.traced
def test_coterminals_meet_their_quotes_as_the_traced_calibration_does():
    """Variances of the two calibrations, and the residual that each says is left."""
    name = "two curves and a smile, EUR"
    shape, inputs = shape_and_inputs(SETTINGS[name])
    stacked = stacked_trades(name)
    found = OneFactorEngine().assess(Batch((0, 1, 2), stacked), inputs, shape, False)
    fits = jax.jit(jax.vmap(lambda one, at: fit(shape, one, at), (0, None)))(stacked, inputs)
    alive = np.asarray(stacked.alive) > 0.0
    ours, theirs = found.checks.model.variances[alive], np.asarray(fits.variances)[alive]
    np.testing.assert_allclose(ours, theirs, rtol=1e-11)
    assert np.max(np.abs(found.checks.model.residual)) < 1e-13
