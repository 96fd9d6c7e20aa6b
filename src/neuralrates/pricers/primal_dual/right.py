"""A right to enter swaps, in arrays, and the functions of the curve that its exercise is decided by."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

Paths = Float[np.ndarray, "paths"]
Bonds = Float[np.ndarray, "_ paths"]
Weights = Float[np.ndarray, "exercises flows"]

_SMALLEST_ANNUITY = 1e-12


class Right(NamedTuple):
    """Right to enter the rest of a swap at each exercise.

    Args:
        exercise_times: years, increasing, the first above zero
        flow_times: years, increasing
        annuity_weights: what a unit of strike pays at each flow time, per exercise
        floating_weights: bonds that replicate the floating leg, per exercise
        strike: decimal
        sign: +1 for a receiver of the fixed rate, -1 for a payer
    """

    exercise_times: Float[np.ndarray, "exercises"]
    flow_times: Float[np.ndarray, "flows"]
    annuity_weights: Weights
    floating_weights: Weights
    strike: float
    sign: float

    @property
    def flows(self) -> Weights:
        """Amounts received on exercise."""
        return self.sign * (self.strike * self.annuity_weights - self.floating_weights)

    def features(self, exercise: int, bonds: Bonds) -> Float[np.ndarray, "_ paths"]:
        """Swap rates of the next, a middle and the last exercise; the whole discount where fewer than three are left.

        Args:
            exercise: number of the next one
            bonds: of the flow times, in one unit for all; those already past are not looked at
        """
        last = self.exercise_times.shape[0] - 1
        chosen = sorted({exercise, (exercise + last + 1) // 2 if exercise < last else last, last})
        annuities = np.maximum(self.annuity_weights[chosen] @ bonds, _SMALLEST_ANNUITY)
        rates = self.floating_weights[chosen] @ bonds / annuities
        if len(chosen) > 2:
            return rates
        return np.concatenate([rates, annuities[-1:]])


class Step(NamedTuple):
    """What is known at the start of a step of all paths, and the normals that move them over it.

    Args:
        features: of the state
        direction: how the value of the next exercise moves by each normal, to first order
        normals: independent of all before, standard
    """

    features: Float[np.ndarray, "features paths"]
    direction: Float[np.ndarray, "factors paths"]
    normals: Float[np.ndarray, "factors paths"]


class Interval(NamedTuple):
    """Paths from one exercise, or from today, to the next.

    Args:
        steps: at least one
        exercise_values: at the end, in the unit of this interval
        unit: value today of that unit along each path
        next_unit: value of the unit of the next interval in that of this one, at the end
    """

    steps: tuple[Step, ...]
    exercise_values: Paths
    unit: Paths
    next_unit: Paths
