"""Schedules of one size, so that trades of many lengths share one compiled batch."""

import numpy as np
from jaxtyping import Float

from neuralrates.core.types import HostArray, HostPeriods
from neuralrates.trades.schedule import (
    FixedPeriods,
    FloatingPeriods,
    SwapSchedule,
    SwaptionSchedule,
)

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
    return SwapSchedule(
        _pad_fixed(schedule.fixed, num_fixed),
        _pad_floating(schedule.floating, num_floating),
        extended(schedule.flow_times, num_flows, _PERIOD_STEP),
    )


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
    exercises = extended(schedule.exercise_times, num_exercises, _EXERCISE_STEP)
    swap = pad_swap_schedule(schedule.swap, num_fixed, num_floating, num_flows)
    last = max(float(exercises[-1]), float(swap.fixed.end_times[-1]))
    added = np.full(num_exercises - schedule.start_times.shape[0], last)
    return SwaptionSchedule(exercises, _join(schedule.start_times, added), swap)


def _pad_fixed(periods: FixedPeriods, count: int) -> FixedPeriods:
    return FixedPeriods(
        *padded_times(periods, count),
        padded_with_zeros(periods.accruals, count),
        padded_with_zeros(periods.notionals, count),
    )


def _pad_floating(periods: FloatingPeriods, count: int) -> FloatingPeriods:
    return FloatingPeriods(
        *padded_times(periods, count),
        padded_with_zeros(periods.accruals, count),
        padded_with_zeros(periods.notionals, count),
        padded_with_zeros(periods.index_weights, count),
        padded_with_zeros(periods.margins, count),
    )


def padded_times(
    periods: FixedPeriods | FloatingPeriods, count: int
) -> tuple[HostPeriods, HostPeriods, HostPeriods]:
    """Starts, ends and payments: the periods added follow the last one, each a moment long."""
    ends = extended(periods.end_times, count, _PERIOD_STEP)
    present = periods.start_times.shape[0]
    starts = _join(periods.start_times, ends[present - 1 : -1])
    return starts, ends, _join(periods.payment_times, ends[present:])


def extended(
    times: Float[HostArray, "..."], count: int, step: float = _PERIOD_STEP
) -> Float[HostArray, "..."]:
    """Times with as many steps added after the last as are wanted."""
    added = count - times.shape[0]
    if added < 0:
        raise ValueError(f"A schedule of {times.shape[0]} cannot be padded to {count}.")
    return _join(times, np.asarray(times)[-1] + step * np.arange(1, added + 1))


def padded_with_zeros(values: Float[HostArray, "..."], count: int) -> Float[HostArray, "..."]:
    """Values followed by zeros."""
    return _join(values, np.zeros(count - values.shape[0]))


def _join(first: HostArray, second: HostArray) -> Float[HostArray, "..."]:
    """One after the other; in numpy, which compiles nothing for a new size."""
    return np.concatenate([np.asarray(first), np.asarray(second)])
