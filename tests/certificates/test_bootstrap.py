"""Intervals by groups: as wide as groups err together, and exact in limits."""

import numpy as np

from neuralrates.certificates.bootstrap import bootstrap_interval
from neuralrates.certificates.metrics import root_mean_squared_error


def test_groups_that_err_together_widen_the_interval():
    random = np.random.default_rng(0)
    shared = np.repeat(random.normal(size=30), 20)
    actual, groups = np.zeros(600), np.repeat(np.arange(30), 20)
    together = bootstrap_interval(root_mean_squared_error, actual, shared, groups)
    alone = bootstrap_interval(root_mean_squared_error, actual, shared, np.arange(600))
    assert together[0] < alone[0] < root_mean_squared_error(actual, shared) < alone[1] < together[1]
    again = bootstrap_interval(root_mean_squared_error, actual, shared, groups)
    assert again == together
