"""Curves through forward nodes against the curve that the nodes were read from."""

import numpy as np
import pytest

import neuralrates as nr
from compiled import at_each

CURVE = nr.market.Svensson(0.045, -0.02, 0.01, 0.02, 1.5, 8.0)
TIMES = np.linspace(0.01, 5.99, 67)


def grid(num_nodes: int) -> nr.market.ForwardGrid:
    tenors = np.linspace(0.0, 6.0, num_nodes)
    return nr.market.ForwardGrid(at_each(CURVE.instantaneous_forward_rate, tenors), 6.0)


def test_a_cubic_is_met_exactly():
    tenors = np.linspace(0.0, 6.0, 7)
    curve = nr.market.ForwardGrid(0.03 + 1e-3 * tenors - 2e-4 * tenors**2 + 1e-5 * tenors**3, 6.0)
    time = np.array([0.3, 2.5, 6.0])
    rate = 0.03 + 1e-3 * time - 2e-4 * time**2 + 1e-5 * time**3
    area = 0.03 * time + 5e-4 * time**2 - 2e-4 / 3.0 * time**3 + 2.5e-6 * time**4
    found = at_each(curve.instantaneous_forward_rate, time), at_each(curve.discount_factor, time)
    np.testing.assert_allclose(found, (rate, np.exp(-area)), rtol=0.0, atol=1e-15)


def test_errors_fall_with_the_fourth_power_of_the_spacing():
    exact = at_each(CURVE.discount_factor, TIMES)
    found = (at_each(grid(n).discount_factor, TIMES) for n in (25, 49))
    errors = [np.max(np.abs(one - exact)) for one in found]
    assert errors[0] < 1e-5
    assert errors[1] < errors[0] / 10.0


def test_a_grid_takes_the_discount_factors_of_any_curve():
    """At its tenors within 1e-6; between them, where forwards jump by two percent every two years, by their jumps."""
    steps = nr.market.ZeroCurve([2.0, 4.0, 6.0], [0.03, 0.04, 0.03 + 0.04 / 6.0])
    fit = nr.market.ForwardGrid.fitted(steps, 6.0, 25)
    ratios = [at_each(curve.discount_factor, fit.tenors) for curve in (fit, steps)]
    assert np.max(np.abs(ratios[0] - ratios[1])) < 1e-6
    within = [at_each(curve.discount_factor, TIMES) for curve in (fit, steps)]
    assert np.max(np.abs(within[0] - within[1])) < 0.02 * 0.25 * fit.spacing
    smooth = nr.market.ForwardGrid.fitted(CURVE, 6.0, 25)
    np.testing.assert_allclose(smooth.forwards, grid(25).forwards, rtol=0.0, atol=1e-4)


def test_there_is_no_curve_past_the_horizon():
    assert np.isnan(at_each(grid(10).discount_factor, [6.1]))
    volatility = nr.models.TenorVolatility([[0.05]])
    with pytest.raises(
        ValueError, match="must have forward rates of at least 0.005 up to 7.0 years"
    ):
        nr.models.ForwardCurve(grid(10), volatility, horizon=7.0)


def test_too_few_nodes_are_refused():
    with pytest.raises(ValueError, match="`forwards` must have at least 5 rates, but has 3"):
        nr.market.ForwardGrid([0.03, 0.03, 0.03], 6.0)
