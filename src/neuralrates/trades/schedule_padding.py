"""Schedules of one size, so that trades of many lengths share one compiled batch."""

import dataclasses

import numpy as np
from jaxtyping import Float

from neuralrates.core.types import HostArray, HostPeriods
from neuralrates.trades.schedule import (
    FixedPeriods,
    FloatingPeriods,
    SwapSchedule,
    SwaptionSchedule,
)

_FIXED = len(dataclasses.fields(FixedPeriods))
_PERIOD_STEP = 1e-3
_EXERCISE_STEP = 1.0


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
    arrays = padded_swap_arrays(schedule, num_fixed, num_floating, num_flows)
    return SwapSchedule(
        FixedPeriods(*arrays[:_FIXED]), FloatingPeriods(*arrays[_FIXED:-1]), arrays[-1]
    )


def padded_swap_arrays(
    schedule: SwapSchedule, num_fixed: int, num_floating: int, num_flows: int
) -> list[HostArray]:
    """The arrays of `pad_swap_schedule`, in the order of its fields: fixed periods, floating periods, flow times."""
    fixed, floating = schedule.fixed, schedule.floating
    return [
        *_padded_times(fixed, num_fixed),
        *(_padded_with_zeros(part, num_fixed) for part in (fixed.accruals, fixed.notionals)),
        *_padded_times(floating, num_floating),
        *(
            _padded_with_zeros(part, num_floating)
            for part in (
                floating.accruals,
                floating.notionals,
                floating.index_weights,
                floating.margins,
            )
        ),
        _extended(schedule.flow_times, num_flows),
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
    exercises = _extended(schedule.exercise_times, num_exercises, _EXERCISE_STEP)
    swap = pad_swap_schedule(schedule.swap, num_fixed, num_floating, num_flows)
    last = max(float(exercises[-1]), float(swap.fixed.end_times[-1]))
    added = np.full(num_exercises - schedule.start_times.shape[0], last)
    return SwaptionSchedule(exercises, _join(schedule.start_times, added), swap)


def _padded_times(
    periods: FixedPeriods | FloatingPeriods, count: int
) -> tuple[HostPeriods, HostPeriods, HostPeriods]:
    """Starts, ends and payments: the periods added follow the last one, each a moment long."""
    ends = _extended(periods.end_times, count, _PERIOD_STEP)
    present = periods.start_times.shape[0]
    starts = _join(periods.start_times, ends[present - 1 : -1])
    return starts, ends, _join(periods.payment_times, ends[present:])


def _extended(
    times: Float[HostArray, "..."], count: int, step: float = _PERIOD_STEP
) -> Float[HostArray, "..."]:
    """Times with as many steps added after the last as are wanted."""
    added = count - times.shape[0]
    if added < 0:
        raise ValueError(f"A schedule of {times.shape[0]} cannot be padded to {count}.")
    return _join(times, np.asarray(times)[-1] + step * np.arange(1, added + 1))


def _padded_with_zeros(values: Float[HostArray, "..."], count: int) -> Float[HostArray, "..."]:
    """Values followed by zeros."""
    return _join(values, np.zeros(count - values.shape[0]))


def _join(first: HostArray, second: HostArray) -> Float[HostArray, "..."]:
    """One after the other; in numpy, which compiles nothing for a new size."""
    return np.concatenate([np.asarray(first), np.asarray(second)])
