"""Trades of different lengths brought to one shape, so that one compiled function reads the market for them all.

Added periods have no notional. Added exercises enter the same swap as the last real one but are marked as not alive, and
an exercise that is not alive pays nothing, so it is never taken: prices do not change.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import equinox as eqx
import jax
import numpy as np

from neuralrates.core.checks import as_host_array, on_device
from neuralrates.core.types import HostExercises, HostScalar
from neuralrates.products.swap import side_sign
from neuralrates.trades.resolved import ResolvedTrade
from neuralrates.trades.schedule import SwapSchedule
from neuralrates.trades.schedule_padding import (
    extended,
    pad_swap_schedule,
    padded_times,
    padded_with_zeros,
)


class PaddedTrade(eqx.Module):
    """A trade as arrays of agreed lengths; unit notional.

    Args:
        swap: periods of the swap, or of the swap that exercise enters
        exercise_times: years; length zero for a plain swap
        start_times: start of the swap entered at each exercise
        alive: one where an exercise is real, zero where it is padding
        strike: fixed rate, decimal
        swap_sign: +1 to receive, -1 to pay the fixed rate of the swap held, 0 where none is held
        option_sign: the same of the swap that exercise enters
        maturity: end of the last period, years
    """

    swap: SwapSchedule
    exercise_times: HostExercises
    start_times: HostExercises
    alive: HostExercises
    strike: HostScalar
    swap_sign: HostScalar
    option_sign: HostScalar
    maturity: HostScalar


class Size(NamedTuple):
    """Lengths of a trade's arrays; trades of one size share a compiled function."""

    exercises: int
    fixed: int
    floating: int
    flows: int


def size(trade: ResolvedTrade) -> Size:
    """Lengths of a trade's arrays before padding."""
    swap, option = trade.swap, trade.option
    return Size(
        0 if option is None else option.exercise_times.shape[0],
        swap.fixed.accruals.shape[0],
        swap.floating.accruals.shape[0],
        swap.flow_times.shape[0],
    )


def pad(trade: ResolvedTrade, target: Size) -> PaddedTrade:
    """Bring a trade to a size at least its own.

    Args:
        trade: resolved trade
        target: lengths to reach

    Returns:
        The trade, ready to be stacked with others of that size.
    """
    swap, option = trade.swap, trade.option
    padded = pad_swap_schedule(swap, target.fixed, target.floating, target.flows)
    nothing = np.zeros(0)
    exercises = nothing if option is None else np.asarray(option.exercise_times)
    starts = nothing if option is None else np.asarray(option.start_times)
    times, entered, alive = _padded_exercises(exercises, starts, target.exercises)
    side = side_sign(trade.side)
    held = trade.kind in ("swap", "cancellable")
    return PaddedTrade(
        padded,
        as_host_array(times),
        as_host_array(entered),
        as_host_array(alive),
        as_host_array(trade.strike),
        as_host_array(side if held else 0.0),
        as_host_array(-side if held else side),
        as_host_array(np.asarray(swap.fixed.end_times)[-1]),
    )


def stack(trades: list[PaddedTrade]) -> PaddedTrade:
    """One pytree with a leading axis for the trades."""
    return jax.tree.map(lambda *leaves: on_device(np.stack(leaves)), *trades)


def stacked(trades: Sequence[ResolvedTrade], target: Size, count: int) -> PaddedTrade:
    """Trades brought to a size and stacked, the last repeated up to a number of them.

    As `stack` of `pad` of each, but only the first is built by itself: the others are written where they go.

    Args:
        trades: resolved trades, at least one
        target: lengths to reach
        count: trades of the result, no fewer than there are

    Returns:
        The trades, with a leading axis.
    """
    first = pad(trades[0], target)
    repeated = [*trades, *[trades[-1]] * (count - len(trades))]
    rows = [_leaves(trade, target) for trade in repeated]
    leaves = [on_device(np.stack(column)) for column in zip(*rows, strict=True)]
    return eqx.tree_at(_own_leaves, first, leaves)


def _own_leaves(trade: PaddedTrade) -> list[Any]:
    """The arrays of a padded trade, in the order of `_leaves`."""
    fixed, floating = trade.swap.fixed, trade.swap.floating
    return [
        *(fixed.start_times, fixed.end_times, fixed.payment_times),
        *(fixed.accruals, fixed.notionals),
        *(floating.start_times, floating.end_times, floating.payment_times),
        *(floating.accruals, floating.notionals, floating.index_weights, floating.margins),
        *(trade.swap.flow_times, trade.exercise_times, trade.start_times, trade.alive),
        *(trade.strike, trade.swap_sign, trade.option_sign, trade.maturity),
    ]


def _leaves(trade: ResolvedTrade, target: Size) -> list[np.ndarray]:
    """What `pad` puts into its arrays."""
    swap, option = trade.swap, trade.option
    fixed, floating = swap.fixed, swap.floating
    side, held = side_sign(trade.side), trade.kind in ("swap", "cancellable")
    nothing = np.zeros(0)
    exercises, starts = (
        (nothing, nothing) if option is None else (option.exercise_times, option.start_times)
    )
    return [
        *padded_times(fixed, target.fixed),
        *(padded_with_zeros(part, target.fixed) for part in (fixed.accruals, fixed.notionals)),
        *padded_times(floating, target.floating),
        *(
            padded_with_zeros(part, target.floating)
            for part in (
                floating.accruals,
                floating.notionals,
                floating.index_weights,
                floating.margins,
            )
        ),
        extended(swap.flow_times, target.flows),
        *_padded_exercises(np.asarray(exercises), np.asarray(starts), target.exercises),
        np.asarray(trade.strike),
        np.asarray(side if held else 0.0),
        np.asarray(-side if held else side),
        np.asarray(np.asarray(fixed.end_times)[-1]),
    ]


def _padded_exercises(
    exercises: np.ndarray, starts: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Exercise times, starts of the swaps they enter, and which are real."""
    missing = count - exercises.shape[0]
    spacing = exercises[-1] - exercises[-2] if exercises.shape[0] > 1 else 1.0
    later = exercises[-1:].repeat(missing) + spacing * np.arange(1, missing + 1)
    return (
        np.concatenate([exercises, later]),
        np.concatenate([starts, starts[-1:].repeat(missing)]),
        np.concatenate([np.ones(exercises.shape[0]), np.zeros(missing)]),
    )
