"""European options on bond portfolios under two factors, many at once: values and derivatives.

The equations are those of `neuralrates.pricers.gaussian.european`, with which tests compare.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from neuralrates.pricers.gaussian.batched.coterminals import europeans as one_factor_europeans
from neuralrates.pricers.gaussian.two_factor.break_even import falling
from neuralrates.pricers.gaussian.two_factor.lines import lines
from neuralrates.pricers.gaussian.two_factor.plane import inverses_of, square_roots

Rows = Float[np.ndarray, "rows"]
RowFlows = Float[np.ndarray, "rows flows"]
Matrices = Float[np.ndarray, "rows 2 2"]

_LINES = 8


class PlaneEuropeans(NamedTuple):
    """Options on bond portfolios, and their derivatives.

    Args:
        value: per unit notional
        present_values: derivative to what each flow is worth today
        loadings: derivative to the loadings
        covariances: derivative to the covariance of the state; symmetric
    """

    value: Rows
    present_values: RowFlows
    loadings: Float[np.ndarray, "rows flows 2"]
    covariances: Matrices


def europeans(
    present_values: RowFlows, loadings: Float[np.ndarray, "rows flows 2"], covariances: Matrices
) -> PlaneEuropeans:
    """Values of the rights to receive bond portfolios.

    Args:
        present_values: value today of each flow, negative if paid
        loadings: $H(T_k)$ of each flow by factor, years, up to a constant
        covariances: of the state at exercise
    """
    rule = lines(_LINES)
    roots = square_roots(covariances)
    inverses = inverses_of(roots)
    paid = present_values != 0.0
    turned = (loadings @ roots) * paid[:, :, None]
    decay = np.exp(-0.5 * np.sum(turned**2, axis=2))
    angles = falling(present_values * decay, turned).angles
    cosines, sines = np.cos(angles), np.sin(angles)
    frames = np.stack([cosines, -sines, sines, cosines], axis=1).reshape(-1, 2, 2)
    placed = turned @ frames
    along, across = placed[:, :, 0], placed[:, :, 1]
    factors = np.exp(-across[:, None, :] * (rule.nodes[:, None] + 0.5 * across[:, None, :]))
    shape = factors.shape
    given = (present_values[:, None, :] * factors).reshape(-1, shape[2])
    repeated = np.broadcast_to(along[:, None, :], shape).reshape(-1, shape[2])
    found = one_factor_europeans(given, repeated, np.ones(given.shape[0]))
    weights = rule.weights[:, None]
    taken = found.present_values.reshape(shape) * factors * weights
    by_along = np.sum(found.loadings.reshape(shape) * weights, axis=1)
    pushed = -(rule.nodes[:, None] + across[:, None, :])
    by_across = np.sum(taken * present_values[:, None, :] * pushed, axis=1)
    moved = np.stack([by_along, by_across], axis=2) @ np.swapaxes(frames, 1, 2)
    grown = 0.5 * (np.swapaxes(loadings * paid[:, :, None], 1, 2) @ moved) @ inverses
    return PlaneEuropeans(
        found.value.reshape(shape[:2]) @ rule.weights,
        np.sum(taken, axis=1),
        moved @ np.swapaxes(roots, 1, 2),
        0.5 * (grown + np.swapaxes(grown, 1, 2)),
    )
