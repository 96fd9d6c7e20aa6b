"""Schedules of one size, so that trades of many lengths stand in one batch."""

import dataclasses
from collections.abc import Sequence

import jax
import numpy as np
from jaxtyping import Float

from neuralrates.core.types import HostArray
from neuralrates.trades.schedule import (
    FixedPeriods,
    FloatingPeriods,
    SwapSchedule,
    SwaptionSchedule,
)

_FIXED = len(dataclasses.fields(FixedPeriods))
_TIMES = 3
"""Starts, ends and payments stand first in both kinds of periods."""
_PERIOD_STEP = 1e-3
_EXERCISE_STEP = 1.0
Column = Sequence[HostArray]
Padded = Float[np.ndarray, "schedules some"]


def pad_swap_schedule(
    schedule: SwapSchedule, num_fixed: int, num_floating: int, num_flows: int
) -> SwapSchedule:
    """The same swap with periods of no notional and flow times of no flow added at its end.

    Args:
        schedule: the schedule
        num_fixed: fixed periods wanted, no fewer than there are
        num_floating: floating periods wanted
        num_flows: flow times wanted

    Returns:
        A schedule of the sizes wanted, of exactly the same value.

    Example:
        >>> import jax.numpy as jnp
        >>> import neuralrates as nr
        >>> ones, ends = jnp.ones(2), jnp.asarray([1.0, 2.0])
        >>> fixed = nr.trades.FixedPeriods(ends - 1.0, ends, ends, ones, ones)
        >>> floating = nr.trades.FloatingPeriods(ends - 1.0, ends, ends, ones, ones, ones, 0 * ones)
        >>> schedule = nr.trades.SwapSchedule(fixed, floating)
        >>> nr.trades.pad_swap_schedule(schedule, 3, 3, 5).flow_times.shape
        (5,)
    """
    arrays = [a[0] for a in padded_swap_arrays([schedule], num_fixed, num_floating, num_flows)]
    return SwapSchedule(
        FixedPeriods(*arrays[:_FIXED]), FloatingPeriods(*arrays[_FIXED:-1]), arrays[-1]
    )


def padded_swap_arrays(
    schedules: Sequence[SwapSchedule], num_fixed: int, num_floating: int, num_flows: int
) -> list[Float[np.ndarray, "schedules some"]]:
    """The arrays of `pad_swap_schedule` of many swaps, in the order of its fields: fixed, floating, flow times."""
    columns = list(zip(*map(jax.tree.leaves, schedules), strict=True))
    fixed, floating, (flow_times,) = columns[:_FIXED], columns[_FIXED:-1], columns[-1:]
    return [
        *_padded_times(fixed, num_fixed),
        *(_padded_with_zeros(column, num_fixed) for column in fixed[_TIMES:]),
        *_padded_times(floating, num_floating),
        *(_padded_with_zeros(column, num_floating) for column in floating[_TIMES:]),
        _extended(flow_times, num_flows),
    ]


def pad_swaption_schedule(
    schedule: SwaptionSchedule,
    num_exercises: int,
    num_fixed: int,
    num_floating: int,
    num_flows: int,
) -> SwaptionSchedule:
    """The same right with exercises into nothing added at its end.

    Args:
        schedule: the schedule
        num_exercises: exercises wanted, no fewer than there are; those added are a year apart
        num_fixed: fixed periods wanted
        num_floating: floating periods wanted
        num_flows: flow times wanted

    Returns:
        A schedule of the sizes wanted, of exactly the same value.
    """
    exercises = _extended([schedule.exercise_times], num_exercises, _EXERCISE_STEP)[0]
    swap = pad_swap_schedule(schedule.swap, num_fixed, num_floating, num_flows)
    last = max(float(exercises[-1]), float(swap.fixed.end_times[-1]))
    added = np.full(num_exercises - schedule.start_times.shape[0], last)
    starts = np.concatenate([schedule.start_times, added])
    if schedule.fees is None:
        return SwaptionSchedule(exercises, starts, swap)
    assert schedule.fee_times is not None
    fees = np.concatenate([schedule.fees, np.zeros(added.size)])
    return SwaptionSchedule(
        exercises, starts, swap, fees, np.concatenate([schedule.fee_times, added])
    )


def _padded_times(periods: Sequence[Column], count: int) -> tuple[Padded, Padded, Padded]:
    """Starts, ends and payments: the periods added follow the last one, each a moment long."""
    ends = _extended(periods[1], count, _PERIOD_STEP)
    starts = np.concatenate([ends[:, :1], ends[:, :-1]], axis=1)
    return _written(starts, periods[0]), ends, _written(ends.copy(), periods[2])


def _extended(times: Column, count: int, step: float = _PERIOD_STEP) -> Padded:
    """Times with as many steps added after the last as are wanted."""
    present = np.array([one.shape[0] for one in times])
    if present.max() > count:
        raise ValueError(f"A schedule of {present.max()} cannot be padded to {count}.")
    last = np.array([one[-1] for one in times])
    added = np.arange(1, count + 1) - present[:, None]
    return _written(last[:, None] + step * added, times)


def _padded_with_zeros(values: Column, count: int) -> Padded:
    """Values followed by zeros."""
    return _written(np.zeros((len(values), count)), values)


def _written(rows: Padded, values: Column) -> Padded:
    """Rows that begin with these values."""
    for row, own in zip(rows, values, strict=True):
        row[: own.shape[0]] = own
    return rows
