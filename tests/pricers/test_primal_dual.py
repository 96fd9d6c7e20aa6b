"""Bounds on either side of what exact engines say, and what they are made of."""

import numpy as np
import pytest

import neuralrates as nr
from neuralrates.pricers.primal_dual.increments import Scaling, advantage_of, design
from neuralrates.pricers.primal_dual.right import Step

FLAT = nr.market.FlatCurve(0.04)
YEARS = [float(year) for year in range(1, 9)]
SEVEN = nr.products.Swaption(YEARS[:-1], YEARS[1:], [1.0] * 7, strike=0.04, side="receiver")
QUICK = nr.pricers.PrimalDual(num_paths=4096, num_fitted=4096)
SURE = 4.0
"""Standard errors: missed by chance once in ten thousand."""


def _encloses(bounds, exact, bias=0.0):
    below = bounds.lower - SURE * bounds.lower_error - bias
    above = bounds.upper + SURE * bounds.upper_error + bias
    return below <= exact <= above


@pytest.mark.parametrize("side", ["payer", "receiver"])
def test_two_gaussian_factors_lie_between(side):
    model = nr.models.GaussianFactors(FLAT, [0.5, 0.03], [0.012, 0.01], [[1.0, -0.7], [-0.7, 1.0]])
    trade = nr.products.Swaption(YEARS[:-1], YEARS[1:], [1.0] * 7, 0.041, side)
    exact = float(nr.pricers.TwoFactorInduction()(model, trade).value)
    bounds = QUICK.bounds(model, trade)
    assert _encloses(bounds, exact)
    assert bounds.upper - bounds.lower < 1e-4
    assert max(bounds.lower_error, bounds.upper_error) < 5e-5


def test_three_factors_of_which_one_does_not_move_are_two():
    correlation = np.array([[1.0, -0.7, 0.2], [-0.7, 1.0, 0.0], [0.2, 0.0, 1.0]])
    two = nr.models.GaussianFactors(FLAT, [0.5, 0.03], [0.012, 0.01], correlation[:2, :2])
    three = nr.models.GaussianFactors(FLAT, [0.5, 0.03, 0.2], [0.012, 0.01, 0.0], correlation)
    exact = float(nr.pricers.TwoFactorInduction()(two, SEVEN).value)
    assert _encloses(QUICK.bounds(three, SEVEN), exact)


def test_a_curve_whose_volatility_is_capped_everywhere_is_gaussian():
    """Where forwards stay above the cap's square, some four deviations away, the model is Ho and Lee's."""
    cap, sigma, high = 0.05, 0.1, nr.market.FlatCurve(0.06)
    volatility = nr.models.TenorVolatility([[sigma]])
    curve = nr.models.ForwardCurve(high, volatility, horizon=8.0, cap=cap)
    trade = nr.products.Swaption(YEARS[:-1], YEARS[1:], [1.0] * 7, 0.06, "receiver")
    exact = nr.pricers.BackwardInduction()(nr.models.HullWhite(high, 0.0, sigma * cap), trade)
    bounds = QUICK.bounds(curve, trade)
    assert _encloses(bounds, float(exact.value))
    assert bounds.upper - bounds.lower < 1e-4


def test_one_date_is_the_european_of_the_other_simulation():
    volatility = nr.models.TenorVolatility([[0.06, -0.02], [0.02, 0.03]])
    model = nr.models.ForwardCurve(FLAT, volatility, horizon=10.0)
    trade = nr.products.Swaption([5.0], [6.0, 7.0, 8.0, 9.0, 10.0], [1.0] * 5, 0.045, "payer")
    european = nr.pricers.ForwardSimulation(num_points=2**11)(model, trade)
    found = QUICK.bounds(model, trade)
    time_steps = 2e-5
    assert _encloses(found, float(european.value), SURE * float(european.error) + time_steps)


def test_increments_have_no_mean_given_the_state():
    """All functions of the normals are averages of zero: here by a rule that is exact but for their kinks."""
    rng = np.random.default_rng(0)
    states, draws = 2, 2**16
    features = np.repeat(rng.standard_normal((2, states)), draws, axis=1)
    normals = rng.standard_normal((3, states * draws))
    direction = np.repeat(rng.standard_normal((3, states)), draws, axis=1)
    step = Step(features, direction, normals)
    scaling = Scaling(np.zeros(2), np.eye(2))
    advantages = features[0] + normals[0] - 0.3 * normals[1] + 0.1 * normals[0] ** 2
    known = advantage_of(step, scaling, advantages)
    increments = design(step, scaling, known, 1).increments.reshape(-1, states, draws)
    errors = increments.std(axis=2) / np.sqrt(draws)
    assert np.all(np.abs(increments.mean(axis=2)) <= 5.0 * errors + 1e-12)


def test_what_cannot_be_bounded_says_so():
    volatility = nr.models.TenorVolatility([[0.06]])
    model = nr.models.ForwardCurve(FLAT, volatility, horizon=7.0)
    with pytest.raises(ValueError, match="within the horizon of the model, 7.0 years"):
        QUICK.bounds(model, SEVEN)
    today = nr.products.Swaption([0.0, 1.0], [1.0, 2.0], [1.0, 1.0], 0.04, "payer")
    with pytest.raises(ValueError, match="first exercise after time zero"):
        QUICK.bounds(model, today)
    with pytest.raises(ValueError, match="`num_fitted` must be at least 1024"):
        nr.pricers.PrimalDual(num_fitted=10)
