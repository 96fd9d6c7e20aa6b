"""Bermudans by our reference, by QuantLib's two engines and by simulation: four codes, one contract."""

import jax
import numpy as np
import pytest

from neuralrates.core.errors import RefusalError
from neuralrates.core.units import basis_point
from neuralrates.market.curves.discount_curve import AbstractDiscountCurve
from neuralrates.market.curves.nelson_siegel import NelsonSiegel
from neuralrates.market.curves.zero_curve import ZeroCurve
from neuralrates.models.hull_white import HullWhite
from neuralrates.pricers.gaussian.backward_induction import BackwardInduction
from neuralrates.pricers.quantlib.days import snap_to_days
from neuralrates.pricers.quantlib.finite_difference import QuantLibFiniteDifference
from neuralrates.pricers.quantlib.gaussian import QuantLibGaussian
from neuralrates.pricers.simulation.least_squares import LongstaffSchwartz
from neuralrates.products.swaption import Swaption

TOLERANCE = 0.02 * basis_point
STANDARD_ERRORS = 4.0
CURVES = {
    "rising": NelsonSiegel(0.035, -0.03, 0.01, 2.0),
    "negative": NelsonSiegel(0.004, -0.012, -0.008, 3.0),
    "jumping forwards": ZeroCurve([0.5, 2.0, 5.0, 30.0], [0.05, 0.045, 0.035, 0.036]),
}


def trade(curve: AbstractDiscountCurve, side: str, exercises: int, length: float) -> Swaption:
    """Right to enter the rest of a swap at its forward rate, once per period; times on whole days."""
    exercise = 1.0 + length * np.arange(exercises)
    payments = 1.0 + length * np.arange(1, exercises + 3)
    discount = np.asarray(jax.vmap(curve.discount_factor)(payments))
    rate = (float(curve.discount_factor(1.0)) - discount[-1]) / (length * discount.sum())
    accruals = np.full_like(payments, length)
    return snap_to_days(Swaption(exercise, payments, accruals, rate, side))


@pytest.mark.parametrize(
    ("curve", "side"),
    [
        ("rising", "payer"),
        ("rising", "receiver"),
        ("negative", "receiver"),
        ("jumping forwards", "payer"),
    ],
)
def test_finite_differences_agree(curve: str, side: str) -> None:
    model = HullWhite(CURVES[curve], 0.03, 0.009)
    product = trade(CURVES[curve], side, exercises=8, length=0.5)
    theirs = QuantLibFiniteDifference(800)(model, product)
    assert abs(BackwardInduction()(model, product).value - theirs.value) < TOLERANCE


@pytest.mark.parametrize("mean_reversion", [-0.02, 0.05])
@pytest.mark.parametrize("curve", ["rising", "negative"])
def test_gaussian_agrees(curve: str, mean_reversion: float) -> None:
    model = HullWhite(CURVES[curve], mean_reversion, [0.007, 0.011], [3.0])
    product = trade(CURVES[curve], "payer", exercises=8, length=0.5)
    theirs = QuantLibGaussian(256)(model, product)
    assert abs(BackwardInduction()(model, product).value - theirs.value) < TOLERANCE


def two_curves_and_payment_lag() -> Swaption:
    """Annual swap paid two days late, exercised two days early, whose floating leg earns a spread over the curve."""
    start, paid = np.array([365, 730, 1095]), np.array([732, 1097, 1462])
    flow = np.union1d(start, paid)
    later = paid[None, :] > start[:, None] + 2
    at = (flow[None, :] == paid[:, None]).astype(float)
    floating = 0.9998 * (flow[None, :] == start[:, None]) + 2e-4 * (later @ at) - at[-1]
    return Swaption.from_weights(
        (start - 2) / 365, flow / 365, later @ at, floating, 0.01, "payer", start_times=start / 365
    )


def test_gaussian_agrees_on_two_curves_and_payment_lag() -> None:
    model = HullWhite(CURVES["rising"], 0.05, [0.007, 0.011], [3.0])
    product = two_curves_and_payment_lag()
    theirs = QuantLibGaussian(512)(model, product)
    assert abs(BackwardInduction()(model, product).value - theirs.value) < TOLERANCE
    with pytest.raises(RefusalError, match="payment lag"):
        QuantLibFiniteDifference()(HullWhite(CURVES["rising"], 0.05, 0.01), product)


def test_simulation_agrees() -> None:
    model = HullWhite(CURVES["rising"], 0.05, [0.007, 0.011], [3.0])
    product = trade(CURVES["rising"], "payer", exercises=8, length=0.5)
    simulated = LongstaffSchwartz(65536, jax.random.key(5))(model, product)
    difference = BackwardInduction()(model, product).value - simulated.value
    assert abs(difference) < STANDARD_ERRORS * simulated.error
