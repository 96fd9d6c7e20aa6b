"""Values of waiting where the step to the exercise is narrow, or next to nothing."""

import numpy as np
import pytest

from exposures.cases import MODEL, along, bermudan
from neuralrates.exposures import waiting as module
from neuralrates.exposures.waiting import waiting, waiting_bends, waiting_weights


@pytest.fixture(scope="module")
def right():
    future, _ = along(bermudan(), [0.0, 1.0], 16)
    return future.right


@pytest.mark.parametrize("back", [0, 2])
def test_both_ways_to_average_agree(right, back, monkeypatch):
    """With nodes all over the states, and with polynomials around each state; values, two derivatives and the adjoint."""
    run, step = right.induction, 1e-7
    level = run.levels[back]
    middle = float(level.kinks[0, 0])
    states = middle + np.linspace(-0.01, 0.012, 41)
    weights = np.random.default_rng(1).normal(0.0, 1.0, (2, states.size))

    def found():
        value, slope = waiting(run, back, step, states)
        again, bend = waiting_bends(run, back, step, states)
        np.testing.assert_allclose(again, slope, atol=1e-7 * np.abs(slope).max())
        return value, slope, bend, waiting_weights(run, back, step, states, weights)

    wide = found()
    monkeypatch.setattr(module, "_MOST_PARTS", 0)
    narrow = found()
    for left, right_, tolerance in zip(wide, narrow, (1e-10, 1e-8, 1e-5, 1e-9), strict=True):
        np.testing.assert_allclose(left, right_, atol=tolerance * np.abs(left).max())


@pytest.mark.parametrize("step", [1e-12, 1e-18, 1e-24])
def test_a_step_of_next_to_nothing_leaves_what_exercise_is_worth(right, step):
    """At the last exercise: the positive part of the swap, from deviations of a millionth of the states to far beyond."""
    bonds, amounts = right.received
    run, last = right.induction, right.exercise_times.size - 1
    variance = float(MODEL.moments(right.exercise_times)[0][last])
    kink = float(run.levels[0].kinks[0, 0])
    states = kink + np.linspace(-0.05, 0.06, 30)
    flows = amounts[last] * bonds.factors * np.exp(-0.5 * bonds.loadings**2 * variance)
    worth = np.maximum(np.exp(-states[:, None] * bonds.loadings) @ flows, 0.0)
    value, slope = waiting(run, 0, step, states)
    np.testing.assert_allclose(value, worth, atol=1e-9)
    inside = worth > 0.0
    slopes = -np.exp(-states[:, None] * bonds.loadings) @ (flows * bonds.loadings)
    np.testing.assert_allclose(slope, np.where(inside, slopes, 0.0), atol=1e-6)
