"""Prices with their market Greeks, many trades of one size at a time."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from neuralrates.core.units import basis_point
from neuralrates.engines.engine import Assessment
from neuralrates.engines.market_inputs import MarketInputs

STEP = 2.0 * basis_point


class Results(NamedTuple):
    """Everything asked for of some trades, per unit notional; a leading axis for the trades.

    Args:
        today: prices and first derivatives
        second: derivatives of the zero deltas to a parallel move; None where not asked for, as the rest
        crossed: second derivatives to every pair of zero rates
        theta: change of value over one day
        in_domain: whether the engine may answer at every market that was looked at
    """

    today: Assessment
    second: np.ndarray | None
    crossed: np.ndarray | None
    theta: np.ndarray | None
    in_domain: np.ndarray


AssessAt = Callable[[MarketInputs], Assessment]


def gammas(assess_at: AssessAt, inputs: MarketInputs) -> Float[np.ndarray, "batch nodes"]:
    """Change of each zero delta as all zero rates move together; the sum is the parallel gamma.

    First derivatives are exact, so differences of them over a few basis points are as good as second derivatives, and need
    no second compiled function: with four of them the error is of fourth order in the step.

    Args:
        assess_at: the batch, with derivatives, at given market numbers
        inputs: today's numbers

    Returns:
        Per unit notional, discount nodes first.
    """
    nodes = inputs.discount_rates.shape[0] + inputs.projection_rates.shape[0]
    return _difference(assess_at, inputs, np.ones(nodes))


def cross_gammas(
    assess_at: AssessAt, inputs: MarketInputs
) -> Float[np.ndarray, "batch nodes nodes"]:
    """Second derivatives to every pair of zero rates, discount nodes first; arguments as for `gammas`."""
    nodes = inputs.discount_rates.shape[0] + inputs.projection_rates.shape[0]
    columns = [_difference(assess_at, inputs, direction) for direction in np.eye(nodes)]
    matrix = np.stack(columns, axis=2)
    return 0.5 * (matrix + matrix.transpose(0, 2, 1))


def _difference(assess_at: AssessAt, inputs: MarketInputs, direction: np.ndarray) -> np.ndarray:
    """Derivative of the zero deltas along a direction of zero rates."""
    split = inputs.discount_rates.shape[0]

    def deltas(step: float) -> np.ndarray:
        moved = inputs._replace(
            discount_rates=inputs.discount_rates + step * direction[:split],
            projection_rates=inputs.projection_rates + step * direction[split:],
        )
        gradient = assess_at(moved).gradient
        if gradient is None:
            raise ValueError("Argument `assess_at` must come with derivatives.")
        return np.concatenate([gradient.discount_rates, gradient.projection_rates], axis=1)

    near = deltas(STEP) - deltas(-STEP)
    far = deltas(2.0 * STEP) - deltas(-2.0 * STEP)
    return (8.0 * near - far) / (12.0 * STEP)
