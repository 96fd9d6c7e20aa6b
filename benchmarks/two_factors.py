"""Europeans under two Gaussian factors against the quadrature of QuantLib's G2 model.

    python -m benchmarks.two_factors

Payers and receivers, one year into six, at the money and 1 percent to either side, on a flat, a rising and a negative curve,
under three models.
"""

import itertools
from collections.abc import Callable

import jax
import numpy as np
import QuantLib as ql  # noqa: N813
from benchmarks.support.results import save

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
from neuralrates.products.swaption import Swaption

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
SIDES, SPREADS = ("payer", "receiver"), (-0.01, 0.0, 0.01)
_DEVIATIONS, _POINTS = 8.0, 256


def trade(curve: AbstractDiscountCurve, side: str, exercises: int, spread: float = 0.0) -> Swaption:
    """Annual right to enter the rest of a swap that ends six years after the first exercise; times on whole days."""
    exercise = 1.0 + np.arange(exercises)
    payments = 2.0 + np.arange(6)
    discount = np.asarray(jax.vmap(curve.discount_factor)(payments))
    rate = (float(curve.discount_factor(1.0)) - discount[-1]) / discount.sum() + spread
    return snap_to_days(Swaption(exercise, payments, np.ones(6), rate, side))


def build(curve: AbstractDiscountCurve, numbers: tuple[float, ...]) -> GaussianFactors:
    """The model of two mean reversions and volatilities, and their correlation."""
    a, sigma, b, eta, rho = numbers
    return GaussianFactors(curve, [a, b], [sigma, eta], [[1.0, rho], [rho, 1.0]])


def theirs(model: GaussianFactors, product: Swaption, engine: Callable[[ql.G2], object]) -> float:
    """QuantLib's price by `engine`, a function of its model."""
    (a, b), (sigma, eta) = model.mean_reversions.tolist(), model.volatilities.tolist()
    with evaluation_date():
        curve = quantlib_curve(model.curve, whole_days("flow_times", product.flow_times)[-1])
        g2 = ql.G2(curve, a, sigma, b, eta, float(model.correlation[0, 1]))
        option = vanilla_swaption(product, curve)
        option.setPricingEngine(engine(g2))
        return float(option.NPV())


def difference(curve: str, numbers: tuple[float, ...], side: str, spread: float) -> float:
    """Of our price of a European from QuantLib's, basis points of notional."""
    model = build(CURVES[curve], numbers)
    product = trade(CURVES[curve], side, 1, spread)
    quadrature = theirs(model, product, lambda g2: ql.G2SwaptionEngine(g2, _DEVIATIONS, _POINTS))
    return (float(GaussianEuropean()(model, product).value) - quadrature) / basis_point


def main() -> None:
    """Measure, print and save."""
    cases = itertools.product(CURVES, MODELS.values(), SIDES, SPREADS)
    differences = [abs(difference(*case)) for case in cases]
    results: dict[str, object] = {
        "trades": len(differences),
        "largest_difference_basis_points": max(differences),
    }
    for name, figure in results.items():
        print(f"{name}: {figure}")
    print(f"saved to {save('two_factors', results)}")


if __name__ == "__main__":
    main()
