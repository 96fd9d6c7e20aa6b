"""Rights of which one exercise is worth more in every state."""

import numpy as np
import pytest

from neuralrates.pricers.gaussian.backward_induction import BackwardInduction
from neuralrates.pricers.gaussian.batched.options import valued
from neuralrates.pricers.gaussian.batched.state_space import Rights

RULES = {
    "kernel": BackwardInduction(1e-10, 64, 1),
    "polynomials": BackwardInduction(1e-10, 64, 1, local=True),
}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("best", [0, 1])
def test_what_is_always_exercised_at_once_is_worth_its_bonds(rule: str, best: int) -> None:
    """A bond of 1 for one of 0.5 at one time, for one of 0.9 at the other: nobody takes the other."""
    prices = np.array([0.9, 0.9])
    prices[best] = 0.5
    flows = np.array([[[-prices[0], 0.0, 1.0], [0.0, -prices[1], 1.0]]])
    rights = Rights(np.array([2]), np.array([[1e-6, 1.2e-6]]), np.array([[-2.0, -1.0, 0.0]]), flows)
    found, _ = valued(RULES[rule], rights, np.zeros((1, 2)), with_adjoint=True)
    assert found.values == pytest.approx([0.5], abs=1e-9)
    assert found.probabilities[0] == pytest.approx(np.eye(2)[best], abs=1e-9)
    assert found.present_values[0, best] @ flows[0, best] == pytest.approx(0.5, abs=1e-9)
