"""How fast the reference converges, measured against what it declares; each simulation and grid has its own such test."""

import numpy as np

import neuralrates as nr
from systems.catalogue import SYSTEMS, System, build


def _error(system: System, num_points: int) -> float:
    pricer = nr.pricers.BackwardInduction(1e-13, num_points, num_boundaries=1)
    price = pricer(*build(system.theta, system.trade))
    return abs(float(price.value) - system.exact.value)


def test_backward_induction_converges_faster_than_any_power() -> None:
    """On a state space that cuts nothing off, the error falls geometrically in the number of nodes."""
    system = next(system for system in SYSTEMS if system.name == "two dates payer")
    points = np.array([6, 10, 14, 18])
    errors = np.array([_error(system, int(n)) for n in points])
    orders = -np.diff(np.log(errors)) / np.diff(np.log(points))
    assert nr.pricers.BackwardInduction().order() is None
    assert np.all(orders > 5.0)
    assert orders[-1] > 15.0
    assert np.polyfit(points, np.log(errors), 1)[0] < -0.8
