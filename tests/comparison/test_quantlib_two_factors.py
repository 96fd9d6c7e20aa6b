"""Two Gaussian factors against QuantLib's G2 engines: Europeans by quadrature, Bermudans by finite differences."""

import jax
import pytest
import QuantLib as ql  # noqa: N813
from benchmarks.two_factors import CURVES, MODELS, SIDES, SPREADS, build, difference, theirs, trade

from neuralrates.core.units import basis_point
from neuralrates.pricers.simulation.stochastic_grid_bundling import StochasticGridBundling

STANDARD_ERRORS = 4.0
BIAS = 0.3 * basis_point
EUROPEANS = 1e-4  # basis points


@pytest.mark.parametrize("numbers", MODELS.values(), ids=list(MODELS))
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("spread", SPREADS)
@pytest.mark.parametrize("curve", CURVES)
def test_europeans_agree(numbers: tuple, side: str, spread: float, curve: str) -> None:
    assert abs(difference(curve, numbers, side, spread)) < EUROPEANS


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
