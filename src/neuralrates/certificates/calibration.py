"""Bands and nearness learned from draws of a problem's distribution, each calibrated on draws of its own."""

from pathlib import Path

import jax
import numpy as np

from neuralrates.certificates.conformal import calibrated
from neuralrates.certificates.local_band import LocalBand
from neuralrates.certificates.local_scale import fit_scale
from neuralrates.certificates.nearness import Nearness, fit_nearness
from neuralrates.core.doors import door
from neuralrates.core.types import Key
from neuralrates.problems.exact_labels import Progress, exact_labels
from neuralrates.problems.problem import Problem
from neuralrates.surrogates.surrogate import AbstractSurrogate

LEVEL = 0.99
FALSE_ALARM_RATE = 1e-4
_DRAWS = 100_000
_CODE = "0 or 1"


@door
def calibrate_band(
    surrogate: AbstractSurrogate,
    problem: Problem,
    *,
    key: Key,
    num_fit: int,
    num_calibration: int,
    level: float = LEVEL,
    folder: str | Path | None = None,
    progress: Progress | None = None,
) -> LocalBand:
    """A band that follows the size of errors, made on one draw of the distribution and calibrated on another.

    Args:
        surrogate: whose errors
        problem: gives the points and the reference
        key: of both draws; neither one that training has seen nor that of the certificate
        num_fit: points that the scale is learned from
        num_calibration: points that the factor is calibrated on
        level: share of the distribution that the band is to cover
        folder: where reference prices are kept, to go on from after an interruption
        progress: called with the number of reference prices done and to do, draw by draw

    Returns:
        The band.

    Source: Lei, G'Sell, Rinaldo, Tibshirani and Wasserman (2018), section 5.2; Romano, Patterson and Candes (2019).
    """
    from neuralrates.certificates.certification import predict

    draws = {"fit": num_fit, "calibration": num_calibration}
    errors, points = {}, {}
    for (name, count), one in zip(draws.items(), jax.random.split(key, 3), strict=False):
        place = None if folder is None else Path(folder) / name
        labels = exact_labels(problem, one, count, slopes=False, folder=place, progress=progress)
        predicted = predict(surrogate, labels.x, slopes=False)
        errors[name] = np.abs(np.asarray(predicted.value[:, 0] - labels.value[:, 0]))
        points[name] = np.asarray(labels.x)
    scale = fit_scale(points["fit"], errors["fit"], jax.random.split(key, 3)[2])
    return calibrated(scale, points["calibration"], errors["calibration"], level)


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
