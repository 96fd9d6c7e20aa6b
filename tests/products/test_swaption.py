"""Swaptions and swaps on a time grid."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import neuralrates as nr
from neuralrates.core.checks import as_array

CURVE = nr.market.Svensson(0.03, -0.02, 0.01, 0.02, 2.0, 8.0)
BOND = CURVE.discount_factor


def bermudan(strike=0.03, side="receiver", **changes):
    arguments = {"exercise_times": [1, 2, 3], "payment_times": [2, 3, 4], "accruals": [1.0] * 3}
    return nr.products.Swaption(**(arguments | changes), strike=strike, side=side)


@pytest.mark.parametrize("time", [1.0, 2.0, 3.0])
def test_payer_is_minus_receiver(time):
    payer, receiver = bermudan(side="payer"), bermudan()
    left = payer.exercise_value(as_array(time), BOND)
    assert left == -receiver.exercise_value(as_array(time), BOND)


@pytest.mark.parametrize("exercise", [0, 1, 2])
def test_floating_leg_telescopes_on_a_single_curve(exercise):
    start = 1.0 + exercise
    annuity = sum(float(BOND(t)) for t in (2.0, 3.0, 4.0) if t > start)
    expected = 0.03 * annuity - float(BOND(start) - BOND(4.0))
    value = bermudan().exercise_value(as_array(start), BOND)
    assert value == pytest.approx(expected, abs=1e-15)
    assert value == pytest.approx(float(bermudan().underlying(exercise).value(BOND)), abs=1e-15)


def test_exercise_inside_a_period_enters_the_next_one():
    late = bermudan(exercise_times=[1.0, 1.4, 2.9])
    assert np.array_equal(late.annuity_weights[1], [0.0, 0.0, 1.0, 1.0])
    assert np.array_equal(late.annuity_weights[2], [0.0, 0.0, 0.0, 1.0])
    assert np.array_equal(late.floating_weights[1], [0.0, 1.0, 0.0, -1.0])


def test_notice_before_the_start_enters_the_period_that_follows():
    notified = bermudan(exercise_times=[0.9, 1.9, 2.9], start_times=[1, 2, 3])
    assert np.array_equal(notified.flows, bermudan().flows)


def test_one_exercise_is_an_ordinary_swap():
    one = nr.products.Swaption(1.0, 2.0, 1.0, strike=0.03, side="payer")
    swap = nr.products.Swap(2.0, 1.0, strike=0.03, side="payer", start_time=1.0)
    assert np.array_equal(one.flows[0], swap.flows)
    assert swap.par_rate(BOND) == pytest.approx(float(CURVE.forward_rate(1.0, 2.0)), abs=1e-15)


def test_swap_at_its_par_rate_is_worth_nothing():
    swap = nr.products.Swap([1.0, 2.0, 3.0], [1.0, 1.0, 1.0], strike=0.0, side="payer")
    rate = swap.par_rate(BOND)
    at_par = nr.products.Swap([1.0, 2.0, 3.0], [1.0, 1.0, 1.0], strike=rate, side="payer")
    assert abs(float(at_par.value(BOND))) < 1e-16
    assert swap.value(BOND) == pytest.approx(float(rate * swap.annuity(BOND)), abs=1e-16)


def test_from_weights_keeps_every_flow():
    trade = bermudan()
    same = nr.products.Swaption.from_weights(
        trade.exercise_times,
        trade.flow_times,
        trade.annuity_weights,
        trade.floating_weights,
        0.03,
        "receiver",
    )
    assert np.array_equal(same.flows, trade.flows)
    assert np.array_equal(same.start_times, trade.exercise_times)


def test_strike_may_be_traced_and_batched():
    def value(strike):
        return bermudan(strike=strike).exercise_value(as_array(1.0), BOND)

    slope = jax.jit(jax.grad(value))(as_array(0.03))
    assert slope == pytest.approx(float(bermudan().underlying(0).annuity(BOND)), abs=1e-15)
    strikes = jnp.asarray([0.02, 0.03, 0.04])
    values = jax.vmap(value)(strikes)
    assert values[1] == pytest.approx(float(value(as_array(0.03))), abs=1e-15)
    assert np.all(np.diff(values) > 0.0)


def test_cancelling_is_entering_the_opposite_swap():
    swap = nr.products.Swap([1, 2, 3, 4], [1.0] * 4, strike=0.03, side="payer")
    both = nr.products.CancellableSwap(swap, bermudan())
    assert both.side == "payer"
    rest = both.swap.flows[2:] + both.right.flows[0][1:]
    assert np.allclose(rest, 0.0)
    with pytest.raises(ValueError, match="opposite"):
        nr.products.CancellableSwap(swap, bermudan(side="payer"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"exercise_times": [2, 1, 3]}, "`exercise_times` must be strictly increasing"),
        ({"exercise_times": [-1, 2, 3]}, "`exercise_times` must be at least"),
        ({"exercise_times": [1, 2, float("nan")]}, "`exercise_times` must be finite"),
        ({"exercise_times": [1, 2, 3.5]}, "at least one whole period"),
        ({"payment_times": [2, 4, 3]}, "`payment_times` must be strictly increasing"),
        ({"payment_times": [2, 3, float("nan")]}, "`payment_times` must be finite"),
        ({"accruals": [1.0, 1.0]}, "`accruals` must have one element per period"),
        ({"accruals": [1.0, 0.0, 1.0]}, "`accruals` must be above"),
        ({"start_times": [0.5, 2, 3]}, "`start_times` must give"),
        ({"start_times": [1, 2]}, "`start_times` must give"),
        ({"strike": 3.0}, "`strike` must be a decimal"),
        ({"strike": float("nan")}, "`strike` must be finite"),
    ],
)
def test_bad_input_is_named(changes, message):
    with pytest.raises(ValueError, match=message):
        bermudan(**changes)


def test_bad_weights_are_named():
    with pytest.raises(ValueError, match="must have shape \\(1, 2\\)"):
        nr.products.Swaption.from_weights([1.0], [1.0, 2.0], [[1.0]], [[1.0]], 0.03, "payer")
    with pytest.raises(ValueError, match="same shape"):
        nr.products.Swap.from_weights([1.0, 2.0], [1.0], [1.0], 0.03, "payer")
    with pytest.raises(ValueError, match="`payment_times` must be strictly increasing"):
        nr.products.Swap([1.0, 2.0], [1.0, 1.0], 0.03, "payer", start_time=1.5)


def test_a_period_that_ends_on_the_exercise_date_is_not_entered() -> None:
    late = nr.products.Swaption([2, 3], [2, 3, 4], [1.0139] * 3, strike=0.03, side="payer")
    same = nr.products.Swaption([2, 3], [3, 4], [1.0139] * 2, strike=0.03, side="payer")
    for curve in (nr.market.FlatCurve(0.01), nr.market.FlatCurve(0.05)):
        for time in (2.0, 3.0):
            values = [one.exercise_value(time, curve.discount_factor) for one in (late, same)]
            assert float(values[0]) == pytest.approx(float(values[1]), abs=1e-15)
