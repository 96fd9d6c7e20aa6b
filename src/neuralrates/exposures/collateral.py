"""Variation margin along paths."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from neuralrates.exposures.netting import Collateral

Values = Float[np.ndarray, "dates paths"]
Times = Float[np.ndarray, "dates"]


def collateralised(values: Values, times: Times, annex: Collateral) -> Values:
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
    found = np.empty_like(values)
    for number, call in enumerate(_calls(values, times, annex)):
        found[number] = values[number] - call.held - annex.independent_amount
    return found


def collateral_adjoint(
    values: Values,
    times: Times,
    annex: Collateral,
    weights: Float[np.ndarray, "figures dates paths"],
) -> Float[np.ndarray, "figures dates paths"]:
    """Derivatives to the values from those to values less collateral: the adjoint of `collateralised`.

    What is called stays called and what is not stays so: a call that begins or ends at the minimum transfer has no derivative.
    """
    calls = list(_calls(values, times, annex))
    found, held = weights.copy(), np.zeros_like(weights[:, 0])
    for number in range(times.size - 1, -1, -1):
        held -= weights[:, number]
        call = calls[number]
        called = np.where(call.beyond & call.moved, held, 0.0)
        held = np.where(call.moved, 0.0, held)
        left, share = _place(times, call.time)
        found[:, left] += (1.0 - share) * called
        if share:
            found[:, left + 1] += share * called
    return found


class _Call(NamedTuple):
    """What is held at a date; whether it moved there, and whether the value seen lay beyond the threshold."""

    time: float
    held: Float[np.ndarray, "paths"]
    moved: Bool[np.ndarray, "paths"]
    beyond: Bool[np.ndarray, "paths"]


def _calls(values: Values, times: Times, annex: Collateral) -> Iterator[_Call]:
    held = np.zeros(values.shape[1])
    for time in times - annex.margin_period_days / 365.0:
        left, share = _place(times, float(time))
        seen = values[left]
        if share:
            seen = (1.0 - share) * seen + share * values[left + 1]
        called = np.maximum(seen - annex.threshold, 0.0) + np.minimum(seen + annex.threshold, 0.0)
        moved = np.abs(called - held) >= annex.minimum_transfer
        held = np.where(moved, called, held)
        yield _Call(float(time), held, moved, np.abs(seen) > annex.threshold)


def _place(times: Times, time: float) -> tuple[int, float]:
    """Date before a time and how far that lies towards the next; today before today."""
    if time <= times[0]:
        return 0, 0.0
    right = int(np.searchsorted(times, time))
    return right - 1, float((time - times[right - 1]) / (times[right] - times[right - 1]))
