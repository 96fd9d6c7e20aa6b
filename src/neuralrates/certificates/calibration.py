"""Bands and nearness learned from draws of a problem's distribution, each calibrated on draws of its own."""

import jax
import numpy as np
from jaxtyping import Float

from neuralrates.certificates.certification import predict
from neuralrates.certificates.conformal import calibrated
from neuralrates.certificates.local_band import LocalBand
from neuralrates.certificates.local_scale import fit_scale
from neuralrates.certificates.nearness import Nearness, fit_nearness
from neuralrates.core.doors import door
from neuralrates.core.types import Key
from neuralrates.problems.labels import Labels
from neuralrates.problems.problem import Problem
from neuralrates.surrogates.surrogate import AbstractSurrogate

LEVEL = 0.99
FALSE_ALARM_RATE = 1e-4
_DRAWS = 100_000
_CODE = "0 or 1"


@door
def calibrate_band(
    surrogate: AbstractSurrogate,
    learned: Labels,
    calibration: Labels,
    *,
    key: Key,
    level: float = LEVEL,
) -> LocalBand:
    """A band that follows the size of errors, made on one draw of a distribution and calibrated on another.

    Args:
        surrogate: whose errors
        learned: reference prices that the scale is learned from; no derivatives are needed
        calibration: others, that the factor is calibrated on; neither have training or the certificate seen
        key: of the fit of the scale
        level: share of the distribution that the band is to cover

    Returns:
        The band.

    Raises:
        ValueError: where the points are too few for the level

    Source: Lei, G'Sell, Rinaldo, Tibshirani and Wasserman (2018), section 5.2; Romano, Patterson and Candes (2019).
    """
    scale = fit_scale(np.asarray(learned.x), _errors(surrogate, learned), key)
    return calibrated(scale, np.asarray(calibration.x), _errors(surrogate, calibration), level)


def _errors(surrogate: AbstractSurrogate, labels: Labels) -> Float[np.ndarray, "samples"]:
    predicted = predict(surrogate, labels.x, slopes=False).value
    return np.abs(np.asarray(predicted[:, 0] - labels.value[:, 0]))


@door
def calibrate_nearness(
    problem: Problem,
    *,
    key: Key,
    false_alarm_rate: float = FALSE_ALARM_RATE,
    num_draws: int = _DRAWS,
) -> Nearness | None:
    """The distance from a problem's distribution beyond which a point is far; None where every point of the box is near.

    Args:
        problem: gives the draws
        key: of the draws
        false_alarm_rate: share of the distribution that may be taken for far
        num_draws: for the law, and as many for the limit

    Returns:
        The test; None for a uniform box.
    """
    if problem.domain.density is None:
        return None
    one, other = jax.random.split(key)
    learned, held_out = (
        np.asarray(problem.domain.sample(part, num_draws)) for part in (one, other)
    )
    codes = [k for k, axis in enumerate(problem.domain.axes) if axis.unit == _CODE]
    return fit_nearness(learned, held_out, codes, false_alarm_rate)
