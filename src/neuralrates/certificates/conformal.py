"""Split-conformal calibration of a local scale."""

import math

import numpy as np
from jaxtyping import Float

from neuralrates.certificates.local_band import BandRecord, LocalBand

Numbers = Float[np.ndarray, "samples"]


def calibrated(
    scale: LocalBand, x: Float[np.ndarray, "samples inputs"], errors: Numbers, level: float
) -> LocalBand:
    """The band whose factor covers this share of a calibration draw, and so at least of any exchangeable point.

    The factor is the k-th smallest ratio of error to scale among n, with $k = \\lceil level (n + 1) \\rceil$; the next point
    lies within with a probability between level and level + 1 / (n + 1).

    Args:
        scale: a band of any factor
        x: points that the scale has not been learned from
        errors: absolute errors there
        level: share to cover

    Returns:
        The band.

    Raises:
        ValueError: where the points are too few for the level

    Source: Vovk, Gammerman and Shafer (2005); Lei, G'Sell, Rinaldo, Tibshirani and Wasserman (2018), section 5.2.

    Example:
        >>> import numpy as np
        >>> from neuralrates.certificates.conformal import conformal_factor
        >>> float(conformal_factor(np.arange(1.0, 100.0), 0.9))
        90.0
    """
    factor = conformal_factor(errors / scale.scale(x), level)
    record = scale.record
    return LocalBand(
        BandRecord(
            level=level, factor=factor, low=record.low, high=record.high, layers=record.layers
        )
    )


def conformal_factor(ratios: Numbers, level: float) -> float:
    """The ratio of error to scale that the next exchangeable point stays below with a probability of at least `level`.

    Args:
        ratios: at the points of the calibration
        level: between 0 and 1

    Returns:
        The order statistic.

    Raises:
        ValueError: where the points are too few for the level
    """
    rank = math.ceil(level * (ratios.size + 1))
    if rank > ratios.size:
        raise ValueError(
            f"Argument `ratios` must hold at least {math.ceil(level / (1.0 - level))} points for a band of level "
            f"{level}, but holds {ratios.size}."
        )
    return float(np.partition(ratios, rank - 1)[rank - 1])
