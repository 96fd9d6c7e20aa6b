"""The reader of zero curves on the host, against the curves themselves and against differences."""

import jax
import numpy as np
import pytest

import neuralrates as nr
from neuralrates.market.curves.curve_reader import CurveReader

NODES, RATES = np.array([0.25, 1.0, 2.0, 7.0, 30.0]), np.array([0.05, 0.045, 0.03, 0.035, -0.002])
TIMES = np.array([-0.01, 0.0, 0.1, 0.25, 0.6, 1.0, 4.0, 7.0, 29.0, 30.0, 41.0])
KINDS = ("log_linear", "natural_spline")
EXACT = 1e-14


def curve(kind, rates=RATES):
    return nr.market.ZeroCurve(NODES, rates, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_discount_factors_and_forward_rates_are_the_curves(kind):
    """Before today, at nodes, between them, and beyond the last."""
    known, reader = curve(kind), CurveReader(curve(kind))
    factors = jax.vmap(known.discount_factor)(TIMES)
    np.testing.assert_allclose(reader.discount_factors(TIMES), factors, rtol=EXACT)
    inside = TIMES[[2, 4, 6, 8, 10]]  # at a node a forward rate may have two values
    forwards = jax.vmap(known.instantaneous_forward_rate)(inside)
    read = reader(inside[None]).forward_rate[0]
    np.testing.assert_allclose(read, forwards, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("kind", KINDS)
def test_exponents_are_linear_in_the_rates(kind):
    """So that differences over any step are the derivatives."""
    reader = CurveReader(curve(kind))
    for node, slope in enumerate(reader.slopes(TIMES).T):
        moved = CurveReader(curve(kind), RATES + 0.01 * np.eye(NODES.size)[node])
        change = np.log(reader.discount_factors(TIMES) / moved.discount_factors(TIMES)) / 0.01
        np.testing.assert_allclose(slope, change, rtol=0.0, atol=1e-11)
