"""Two Gaussian factors against QuantLib's G2 engines: Europeans by quadrature, Bermudans by finite differences."""

import jax
import numpy as np
import pytest
import QuantLib as ql  # noqa: N813

from neuralrates.core.units import basis_point
from neuralrates.market.curves.discount_curve import AbstractDiscountCurve, FlatCurve
from neuralrates.market.curves.nelson_siegel import NelsonSiegel
from neuralrates.models.gaussian import GaussianFactors
from neuralrates.pricers.gaussian.european import GaussianEuropean
from neuralrates.pricers.quantlib.days import (
    evaluation_date,
    quantlib_curve,
    snap_to_days,
    whole_days,
)
from neuralrates.pricers.quantlib.vanilla import vanilla_swaption
from neuralrates.pricers.simulation.stochastic_grid_bundling import StochasticGridBundling
from neuralrates.products.swaption import Swaption

STANDARD_ERRORS = 4.0
BIAS = 0.3 * basis_point

CURVES = {
    "flat": FlatCurve(0.03),
    "rising": NelsonSiegel(0.035, -0.03, 0.01, 2.0),
    "negative": NelsonSiegel(0.004, -0.012, -0.008, 3.0),
}
MODELS = {
    "steepening": (0.5, 0.012, 0.03, 0.010, -0.7),
    "nearly one": (0.10, 0.006, 0.04, 0.005, 0.9),
    "equal": (0.05, 0.006, 0.05, 0.007, 0.0),
}
each_model = pytest.mark.parametrize("numbers", MODELS.values(), ids=list(MODELS))


def trade(curve: AbstractDiscountCurve, side: str, exercises: int, spread: float = 0.0) -> Swaption:
    """Annual right to enter the rest of a swap that ends six years after the first exercise; times on whole days."""
    exercise = 1.0 + np.arange(exercises)
    payments = 2.0 + np.arange(6)
    discount = np.asarray(jax.vmap(curve.discount_factor)(payments))
    rate = (float(curve.discount_factor(1.0)) - discount[-1]) / discount.sum() + spread
    return snap_to_days(Swaption(exercise, payments, np.ones(6), rate, side))


def build(curve: AbstractDiscountCurve, numbers: tuple[float, ...]) -> GaussianFactors:
    a, sigma, b, eta, rho = numbers
    return GaussianFactors(curve, [a, b], [sigma, eta], [[1.0, rho], [rho, 1.0]])


def theirs(model: GaussianFactors, product: Swaption, engine: object) -> float:
    """QuantLib's price by `engine`, a function of its model."""
    (a, b), (sigma, eta) = model.mean_reversions.tolist(), model.volatilities.tolist()
    with evaluation_date():
        curve = quantlib_curve(model.curve, whole_days("flow_times", product.flow_times)[-1])
        g2 = ql.G2(curve, a, sigma, b, eta, float(model.correlation[0, 1]))
        option = vanilla_swaption(product, curve)
        option.setPricingEngine(engine(g2))
        return option.NPV()


@each_model
@pytest.mark.parametrize("side", ["payer", "receiver"])
@pytest.mark.parametrize("spread", [-0.01, 0.0, 0.01])
@pytest.mark.parametrize("curve", CURVES)
def test_europeans_agree(numbers: tuple, side: str, spread: float, curve: str) -> None:
    model = build(CURVES[curve], numbers)
    product = trade(CURVES[curve], side, 1, spread)
    quadrature = theirs(model, product, lambda g2: ql.G2SwaptionEngine(g2, 8.0, 256))
    price = GaussianEuropean()(model, product)
    assert abs(price.value - quadrature) < 1e-4 * basis_point


@pytest.mark.parametrize(
    ("curve", "numbers"),
    [("flat", "steepening"), ("rising", "steepening"), ("negative", "nearly one")],
)
def test_bermudans_agree(curve: str, numbers: str) -> None:
    """Within standard errors, the bias that bundling promises, and what QuantLib's grid still moves."""
    model = build(CURVES[curve], MODELS[numbers])
    product = trade(CURVES[curve], "receiver", 5)
    grids = [
        theirs(model, product, lambda g2, n=n: ql.FdG2SwaptionEngine(g2, n, n, n)) for n in (40, 80)
    ]
    price = StochasticGridBundling(jax.random.key(3))(model, product)
    allowed = STANDARD_ERRORS * price.error + BIAS + abs(grids[1] - grids[0])
    assert abs(price.value - grids[1]) < allowed
