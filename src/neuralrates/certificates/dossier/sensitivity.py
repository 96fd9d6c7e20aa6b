"""How far each input moves the price and the error: what a reader can ask of a surrogate that is no formula."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from neuralrates.certificates.dossier.classes import classes
from neuralrates.certificates.dossier.measurement import Measurement

_FEWEST_CLASSES, _MOST_CLASSES = 4, 32


@dataclass(frozen=True)
class Sensitivity:
    """What one input does.

    Args:
        input: its name
        unit: its unit
        price_share: share of the variance of the price that this input explains by itself, between 0 and 1
        error_share: the same of the absolute error
        price_move: mean size of the derivative times the spread of the input, per unit notional
        error_move: mean error of the derivative times the spread of the input; none without derivatives
    """

    input: str
    unit: str
    price_share: float
    error_share: float
    price_move: float
    error_move: float | None


def sensitivities(found: Measurement) -> tuple[Sensitivity, ...]:
    """What each input does, in the order of the inputs."""
    spread = np.std(found.x, axis=0)
    prices, errors = (first_order_indices(found.x, y) for y in (found.value, found.error))
    moves = np.mean(np.abs(found.slopes), axis=0) * spread
    missed = None if found.slope_error is None else np.mean(found.slope_error, axis=0) * spread
    return tuple(
        Sensitivity(
            name,
            found.units[i],
            float(prices[i]),
            float(errors[i]),
            float(moves[i]),
            None if missed is None else float(missed[i]),
        )
        for i, name in enumerate(found.names)
    )


def first_order_indices(
    x: Float[np.ndarray, "samples inputs"], y: Float[np.ndarray, "samples"]
) -> Float[np.ndarray, "inputs"]:
    """Share of the variance of y that each input explains by itself, Var E[y | x_i] / Var y, from given points.

    The points are sorted into classes of each input; the variance between the classes' means, less what chance alone puts
    there, is held against the whole. Where inputs hang together, what they share is counted for each of them.

    Args:
        x: points, drawn from the law of the inputs
        y: what is explained

    Returns:
        One share per input, between 0 and 1; zero where y does not vary.

    Source: Sobol (1993) for the index; Plischke, Borgonovo and Smith (2013) for its estimate from given points; Kelley
    (1935) for the correction.

    Example:
        >>> import numpy as np
        >>> from neuralrates.certificates.dossier.sensitivity import first_order_indices
        >>> x = np.random.default_rng(0).uniform(size=(20_000, 3))
        >>> first_order_indices(x, x[:, 0] + 2.0 * x[:, 1]).round(1)
        array([0.2, 0.8, 0. ])
    """
    count = int(np.clip(np.sqrt(len(y)) / 2.0, _FEWEST_CLASSES, _MOST_CLASSES))
    return np.array([_share(column, y, count) for column in x.T])


def _share(
    column: Float[np.ndarray, "samples"], y: Float[np.ndarray, "samples"], count: int
) -> float:
    number = classes(column, count).number
    sizes = np.bincount(number)
    means = np.bincount(number, weights=y) / sizes
    total, within = np.sum((y - np.mean(y)) ** 2), np.sum((y - means[number]) ** 2)
    free = len(y) - len(sizes)
    if total == 0.0 or free <= 0:
        return 0.0
    return float(np.clip(1.0 - within / total * (len(y) - 1) / free, 0.0, 1.0))
