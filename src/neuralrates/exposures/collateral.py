"""Variation margin along paths."""

import numpy as np
from jaxtyping import Float

from neuralrates.exposures.netting import Collateral

Values = Float[np.ndarray, "dates paths"]


def collateralised(values: Values, times: Float[np.ndarray, "dates"], annex: Collateral) -> Values:
    """What is exposed once the collateral held is set off.

    The collateral at a date is what was called on the value one margin period before, interpolated between the dates: the part
    beyond the threshold, moved where it differs from what is held by the minimum transfer at least.

    Args:
        values: of the netting set, currency
        times: of the dates, years
        annex: thresholds and margin period

    Returns:
        Values less collateral.

    Source: Pykhtin (2010), Collateralised credit exposure, in Counterparty Credit Risk, section 3.
    """
    delayed = times - annex.margin_period_days / 365.0
    found = np.empty_like(values)
    held = np.zeros(values.shape[1])
    for number, time in enumerate(delayed):
        seen = _at(values, times, time)
        called = np.maximum(seen - annex.threshold, 0.0) + np.minimum(seen + annex.threshold, 0.0)
        held = np.where(np.abs(called - held) >= annex.minimum_transfer, called, held)
        found[number] = values[number] - held - annex.independent_amount
    return found


def _at(values: Values, times: np.ndarray, time: float) -> np.ndarray:
    """Values at a time between the dates; today's before today."""
    if time <= times[0]:
        return values[0]
    right = int(np.searchsorted(times, time))
    share = (time - times[right - 1]) / (times[right] - times[right - 1])
    return (1.0 - share) * values[right - 1] + share * values[right]
